"""What tests begin with may be put back instead of made: it must be the same to the last byte, and nothing else."""

import pytest
from django.core.management import call_command

from cases.models import HelpRequest
from tests import remembered
from tests.cases.helpers import log
from tests.cast import Cast
from tests.conftest import EMPTIED, empty_tables
from tests.security.attack import switched_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_known():
    remembered._steps.clear()
    empty_tables()


def begun(*more: str) -> tuple[Cast, dict, tuple]:
    """A cast of its own with intake and these people; every row, and where the log ends."""
    cast = Cast(EMPTIED)
    cast.intake()
    for name in more:
        cast.person(name)
    return cast, remembered._rows(EMPTIED), remembered._head()


def test_what_is_put_back_is_what_was_made():
    _cast, made, head = begun("ceca", "koka")
    assert sum(map(bool, made.values())) > 10
    empty_tables()
    cast, again, head_again = begun("ceca", "koka")
    assert {table: sorted(rows.splitlines()) for table, rows in again.items()} == {
        table: sorted(rows.splitlines()) for table, rows in made.items()
    }
    assert head_again == head
    call_command("verify_audit")
    code = log(cast)
    client = cast.client("ana")
    assert client.get(f"/requests/{code}").status_code == 200
    with cast.acting("ana"):
        assert HelpRequest.objects.get().code == code
    call_command("verify_audit")


def test_people_of_one_test_are_not_those_of_the_next():
    first, *_rows = begun()
    first.ana.display_name = "Changed"
    empty_tables()
    second, *_rows = begun()
    assert second.ana.pk == first.ana.pk
    assert (second.ana.display_name, second.ana is first.ana) == ("Ana", False)


def test_after_a_minute_or_after_anything_else_it_is_made_anew(monkeypatch):
    def once(*, act: bool) -> tuple:
        empty_tables()
        cast, *_rest = begun()
        if act:
            log(cast, by="ana")
        return cast.ana.pk, cast.koka.pk

    ana, koka = once(act=False)
    assert once(act=False) == (ana, koka)
    same, other = once(act=True)
    assert (same == ana, other == koka) == (True, False)
    monkeypatch.setattr(remembered, "AGE", 0)
    assert once(act=False)[0] != ana


def test_where_a_control_is_off_nothing_is_put_back_or_remembered():
    with switched_off("SELECT 1"):
        cast, *_rest = begun()
        assert remembered._steps == {}
    made = cast.ana.pk
    empty_tables()
    cast, *_rest = begun()
    assert cast.ana.pk != made
    usual = cast.ana.pk
    empty_tables()
    with switched_off("SELECT 1"):
        cast, *_rest = begun()
    assert cast.ana.pk != usual


def test_a_step_that_changes_a_row_is_not_remembered(definer):
    people: dict = {}
    begun()
    change = "UPDATE accounts_user SET display_name = display_name || '.'"
    for _time in range(2):
        remembered.step("change", people, lambda: definer.execute(change), EMPTIED)
    assert definer.execute("SELECT DISTINCT right(display_name, 2) FROM accounts_user").fetchall() == [("..",)]
