"""What a key keeper stopped is said to whom it concerns, for thirty days, and until it is begun again."""

import pytest

from accounts import database
from accounts.services import ceremonies
from tests.conftest import as_role
from tests.keepers import begin, give, make_copies, stop_as_keeper, three_keepers
from tests.security.attack import plant, rewritten


@pytest.fixture
def codes(cast) -> list[str]:
    """Three keepers, and copies of Ana's and Boba's keys."""
    cast.intake()
    found = three_keepers(cast)
    make_copies(cast, "ana", "boba")
    return found


def stopped(cast, name: str) -> list[tuple]:
    with cast.acting(name):
        return [(row.kind, row.name, row.keeper, row.about_me) for row in database.rows("ceremonies_stopped")]


def test_what_a_keeper_stopped_is_said_to_whom_it_concerns_for_thirty_days(cast, definer, codes):
    give(codes[0], begin())
    assert stopped(cast, "ana") == []
    stop_as_keeper(codes[2])
    assert stopped(cast, "ana") == [("recover", "Ana", "Olga", True)]
    assert stopped(cast, "vera") == [("recover", "Ana", "Olga", False)]
    assert stopped(cast, "boba") == []
    concerned = "(app.uid() IN (c.user_id, c.successor_id) OR app.has_role('administrator'))"
    with rewritten("ceremonies_stopped", concerned, "true"):
        assert stopped(cast, "boba") == [("recover", "Ana", "Olga", False)]
    plant("UPDATE accounts_ceremony SET ended_at = ended_at - interval '31 days'")
    assert stopped(cast, "ana") == []


def test_what_a_keeper_stopped_is_said_until_it_is_begun_again_and_a_stranger_hides_it_not(cast, definer, codes):
    give(codes[0], begin())
    stop_as_keeper(codes[2])
    begin()  # anybody who knows her sign-in name could do this
    assert len(stopped(cast, "ana")) == 1
    plant(
        "UPDATE accounts_ceremony SET begun_at = begun_at - interval '8 days', ended_at = ended_at - interval '8 days'"
    )
    with as_role("worker") as worker:
        worker.execute("SELECT app.sessions_clear()")  # hers was never taken up, and is over
    assert len(stopped(cast, "ana")) == 1
    give(codes[0], begin())
    assert stopped(cast, "ana") == []


def test_what_she_herself_stopped_is_not_said_to_be_a_keeper_s(cast, definer, codes):
    give(codes[0], begin())
    with cast.acting("ana"):
        (running,) = database.rows("ceremonies_running", b"")
        ceremonies.stop(request_id=running.id)
    assert stopped(cast, "ana") == stopped(cast, "vera") == []
