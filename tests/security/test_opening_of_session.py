"""An open card is open in the session in which she confirmed that it is she, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from accounts import database
from accounts.exceptions import StepUpNeeded
from cases.access import get_case
from cases.access import identity as cards
from cases.models import IdentityOpening
from cases.services import identity
from tests.cast import Cast
from tests.security.attack import plant, rewritten, run
from tests.security.test_identity import code, look, sealed_identities  # noqa: F401 - the case with a card

HERS = " AND o.session_hash = here.session"
HERS_SEARCHED = "AND o.session_hash = app.session_hash()"
LONG_AGO = (
    "UPDATE accounts_session SET stepped_up_at = clock_timestamp() - interval '6 minutes' WHERE session_hash = %s"
)


@contextmanager
def on_another_device(cast: Cast, name: str) -> Iterator[None]:
    """She is signed in there as well, and has not confirmed that it is she for six minutes."""
    person = cast.person(name)
    first = person.session_hash
    cast.again(name)
    plant(LONG_AGO, person.session_hash)
    try:
        yield
    finally:
        person.session_hash = first


@pytest.fixture
def opened(cast, code):  # noqa: F811
    look(cast, "ana", code)
    return code


def read(cast, code) -> int:  # noqa: F811
    with cast.acting("ana") as ana:
        return len(identity.read_card(case=get_case(ana, code).case, by=ana).said)


def test_it_is_open_on_the_device_on_which_she_opened_it(cast, opened):
    assert read(cast, opened) == 1
    with cast.acting("ana") as ana:
        assert cards.is_open_still(ana, opened)
        assert sealed_identities() > 0


def test_on_another_device_of_hers_it_is_closed(cast, opened):
    with on_another_device(cast, "ana"):
        assert read(cast, opened) == 0
        with cast.acting("ana") as ana:
            assert not cards.is_open_still(ana, opened)
            assert sealed_identities() == 0


def test_with_the_session_not_asked_her_other_device_reads_it(cast, opened):
    with on_another_device(cast, "ana"):
        with rewritten("identity_until", HERS, ""):
            assert read(cast, opened) == 1
        with rewritten("identity_opened", HERS, ""), cast.acting("ana"):
            assert sealed_identities() > 0


def test_it_is_opened_there_by_confirming_there_and_counts_once_more(cast, opened):
    with on_another_device(cast, "ana"):
        with pytest.raises(StepUpNeeded):
            look(cast, "ana", opened)
        with cast.acting("ana"):
            database.value("session_stepped_up")
        look(cast, "ana", opened)
        assert read(cast, opened) == 1
        with cast.acting("ana"):
            assert database.value("identity_budget_left", "card") == 8


def test_closed_on_one_device_it_is_closed_on_all(cast, opened):
    with on_another_device(cast, "ana"), cast.acting("ana") as ana:
        identity.close_card(case=get_case(ana, opened).case, by=ana)
    assert read(cast, opened) == 0


def test_once_she_has_signed_out_it_is_closed_also_where_she_signs_in_again(cast, opened):
    with cast.acting("ana"):
        database.value("session_delete", cast.person("ana").session_hash)
    cast.again("ana")
    assert IdentityOpening.objects.count() == 0, "nobody acts: no row is seen"
    assert read(cast, opened) == 0


def test_a_search_under_way_shows_nothing_to_her_other_device(cast, opened):
    with cast.acting("ana"):
        database.value("identity_close", get_case(cast.person("ana").user, opened).case.pk)
    with cast.acting("ana"):
        database.value("identity_read_begin", None)
    with on_another_device(cast, "ana"), cast.acting("ana"):
        assert run("SELECT app.identity_searching()") == [(False,)]
    with on_another_device(cast, "ana"), rewritten("identity_searching", HERS_SEARCHED, ""), cast.acting("ana"):
        assert run("SELECT app.identity_searching()") == [(True,)]
        assert sealed_identities() > 0
