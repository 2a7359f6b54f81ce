"""What is due of somebody who is away stands where somebody sees it: on the desks of the others, else on the board."""

import pytest

from accounts import database
from cases.access import plan, work_board
from cases.access.plan import list_my_tasks
from cases.choices import CaseRole
from tests.cases.helpers import assign, open_case
from tests.cases.test_absence import away
from tests.cases.test_task_reminders import promise
from tests.security.attack import plant
from tests.security.test_walls_meet import keep_out


@pytest.fixture
def code(cast):
    """Ana leads, nobody is backup; Lana is the lawyer."""
    cast.intake()
    cast.person("koka")
    code = open_case(cast)
    assign(cast, code, "lana")
    return code


def hers(cast, name: str) -> int:
    with cast.acting(name) as person:
        return len(list_my_tasks(person))


def on_the_desk(cast, name: str) -> bool:
    return "Promises and tasks" in cast.client(name).get("/").content.decode()


def row(cast, code: str):
    with cast.acting("koka") as koka:
        return next(row for row in work_board(koka, page=1)[0] if row.code == code)


def test_what_is_due_of_a_lead_who_is_away_stands_with_the_others_on_the_case(cast, code):
    promise(cast, code, -60)
    promise(cast, code, 3 * 24 * 60)
    assert not on_the_desk(cast, "lana")
    away(cast, "ana")
    page = cast.client("lana").get("/").content.decode()
    assert "Promises and tasks" in page
    assert page.count("Ana is away") == 1, "what is due later can wait for her"
    assert hers(cast, "ana") == 2
    assert not on_the_desk(cast, "boba"), "she is not on the case"


@pytest.mark.parametrize("exact", [False, True])
def test_what_is_due_tomorrow_stands_there_whether_it_has_a_minute_or_not(cast, code, exact):
    promise(cast, code, 24 * 60 - 5, exact=exact)
    promise(cast, code, 2 * 24 * 60, exact=exact)
    away(cast, "ana")
    assert hers(cast, "lana") == 1, "and not what is due the day after"
    assert on_the_desk(cast, "lana"), "the hint of the card says so, too"


def test_what_others_left_hides_nothing_of_her_own(cast, code, monkeypatch):
    monkeypatch.setattr(plan, "ON_THE_DESK", 2)
    for number in range(3):
        promise(cast, code, -60 - number)
    promise(cast, code, 30, assignee=cast.lana)
    away(cast, "ana")
    with cast.acting("lana") as lana:
        assert [row.assignee for row in list_my_tasks(lana)] == [cast.lana, cast.ana, cast.ana]
    desk = cast.client("lana").get("/")
    assert "Do what is overdue first" in desk.content.decode(), "also where hers is due later"


def test_the_list_asks_as_often_for_many_as_for_one(cast, code, django_assert_num_queries):
    away(cast, "ana")
    for number in (1, 5):
        for _task in range(number):
            promise(cast, code, -60)
        cast.again("lana")
        with cast.acting("lana") as lana, django_assert_num_queries(2):
            list_my_tasks(lana)


def test_where_a_backup_is_there_it_stands_with_her_alone(cast, code):
    promise(cast, code, -60)
    away(cast, "ana")
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assert (hers(cast, "boba"), hers(cast, "lana")) == (1, 0)
    away(cast, "boba")
    assert (hers(cast, "boba"), hers(cast, "lana")) == (0, 1)


def test_what_is_due_of_a_lawyer_who_is_away_stands_with_the_lead(cast, code):
    promise(cast, code, -60, assignee=cast.lana)
    away(cast, "lana")
    assert "Lana is away" in cast.client("ana").get("/").content.decode()


def test_who_must_not_see_the_case_sees_nothing_of_it(cast, code, definer):
    promise(cast, code, -60)
    away(cast, "ana")
    keep_out(cast, code, "lana")
    cast.again("lana")
    assert not on_the_desk(cast, "lana")
    case = definer.execute("SELECT id FROM cases_case").fetchone()[0]
    for name in ("boba", "lana"):
        with cast.acting(name):
            assert database.value("stands_in", case, cast.ana.pk) is False


def test_the_board_counts_what_nobody_sees(cast, code):
    promise(cast, code, -60)
    promise(cast, code, 60)
    away(cast, "ana")
    assert row(cast, code).unattended == 0, "the lawyer sees it"
    koka = cast.client("koka")
    assert "Nothing waits for you" in koka.get("/").content.decode()
    away(cast, "lana")
    assert (row(cast, code).overdue, row(cast, code).unattended) == (0, 1)
    client = cast.client("koka")
    desk = client.get("/").content.decode()
    assert "Nothing waits for you" not in desk
    assert 'Overdue, and everybody on it is away</a> <span class="card__count">1<' in desk
    assert 'href="/board?only=overdue"' in desk
    assert code not in desk
    keep_out(cast, code, "koka", by="ana")
    with cast.acting("koka"):
        assert database.value("unattended_cases") == 0, "what she must not see is not counted"
    plant("UPDATE cases_wall SET lifted_at = now()")
    with cast.acting("boba"):
        assert database.value("unattended_cases") == 0
    assert "1 overdue, everybody on it is away" in client.get("/board?only=overdue").content.decode()
    plant("DELETE FROM cases_absence")
    assert "No case fits" in client.get("/board?only=overdue").content.decode()
    assert row(cast, code).unattended == 0
