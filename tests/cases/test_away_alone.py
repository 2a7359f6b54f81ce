"""A lead who goes away is told in time which cases nobody else could look after; the coordinator learns a number."""

import pytest
from django.urls import reverse

from cases.access import work_board
from cases.access.absence import list_alone
from cases.choices import CaseRole, Severity
from tests.cases.helpers import assign, open_case
from tests.cases.test_absence import TODAY, away, enter
from tests.cases.test_pages import queries
from tests.cases.test_reminders import set_date
from tests.security.attack import plant
from tests.security.test_walls_meet import keep_out

WARNED = "no other lead or backup is there on all of these days"


@pytest.fixture
def code(cast):
    """Ana leads, Lana is the lawyer; nobody is backup."""
    cast.intake()
    cast.person("koka")
    code = open_case(cast)
    assign(cast, code, "lana")
    return code


def test_a_lead_without_a_backup_reads_it_before_she_goes_and_when_she_enters_her_days(cast, code):
    set_date(cast, code, 1, severity=Severity.CRITICAL)
    page = cast.client("ana").get(reverse("cases:absence_list")).content.decode()
    assert "These cases of yours have no other lead or backup" in page
    assert f'<a class="govuk-link" href="/cases/{code}/people">{code}</a>' in page
    said = enter(cast, "ana", "ana", 0, 3)
    assert "No other lead or backup is there on all of these days: <a" in said
    assert f">{code}</a> (" in said
    assert ": A right is lost for ever)" in said
    assert "A right is lost" not in enter(cast, "ana", "ana", 10, 12)


def test_with_a_backup_who_is_there_nothing_is_said(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    away(cast, "boba", days=2)
    assert "No other lead or backup is there" in enter(cast, "ana", "ana", 1, 5), "she is away on some of the days"
    page = enter(cast, "ana", "ana", 3, 5)
    assert "No other lead or backup is there" not in page
    assert "These cases of yours have no other" not in page
    assert "No other lead or backup is there" in enter(cast, "boba", "boba", 4, 4), "then nobody is left"


def test_who_enters_them_for_her_reads_a_number_of_what_she_may_know(cast, code):
    said = enter(cast, "koka", "ana", 0, 3)
    assert f"On one case of Ana {WARNED}" in said
    assert code not in said
    other = open_case(cast)
    plant("UPDATE cases_case SET compartment = 'protected' WHERE code = %s", other)
    assert f"On one case of Ana {WARNED}" in enter(cast, "koka", "ana", 0, 4)
    assert list_of(cast, "ana", "koka") == [None]
    keep_out(cast, code, "koka")
    assert WARNED not in enter(cast, "koka", "ana", 0, 5)


def list_of(cast, name: str, reader: str) -> list:
    with cast.acting(reader):
        return [row.code for row in list_alone(getattr(cast, name), TODAY(), TODAY())]


def test_nobody_else_learns_of_her_cases(cast, code):
    assert list_of(cast, "ana", "ana") == [code]
    for name in ("boba", "lana", "vera"):
        assert list_of(cast, "ana", name) == []


def test_the_board_marks_a_lead_who_is_away(cast, code):
    koka = cast.client("koka")
    one = queries(koka, "/board")
    away(cast, "ana")
    open_case(cast)
    assert queries(koka, "/board") == one
    assert ">away</strong>" in " ".join(koka.get("/board").content.decode().split())
    with cast.acting("koka") as person:
        assert {row.lead_away for row in work_board(person, page=1)[0]} == {True}
    plant("UPDATE cases_absence SET from_on = from_on + 2, until_on = until_on + 2")
    with cast.acting("koka") as person:
        assert {row.lead_away for row in work_board(person, page=1)[0]} == {False}
