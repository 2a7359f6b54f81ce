"""The ladder of tasks and promises: who is told when, once, across moves, silence and changes of the clocks."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.access import get_case, list_notices
from cases.choices import CaseRole
from cases.models import Task
from cases.services.tasks import NewTask, end_of, finish_task, move_task, reassign_task, set_task
from tests.cases.helpers import assign, open_case
from tests.cases.test_reminders import fire, recipients
from tests.conftest import as_definer
from tests.security.attack import plant

BELGRADE = ZoneInfo("Europe/Belgrade")


@pytest.fixture
def code(cast):
    """A case that Ana leads; Boba is the backup, Lana the lawyer."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "lana")
    plant("DELETE FROM cases_mailout")
    return code


def promise(cast, code, minutes: float, *, assignee=None, exact: bool = True, set_minutes_ago: int = 10_000) -> Task:
    """A promise so many minutes from now, or a task for the day that lies there."""
    moment = timezone.now() + timedelta(minutes=minutes)
    due_at = moment if exact else end_of(timezone.localtime(moment).date())
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        set_task(case=case, new=NewTask(uuid4(), "promise", due_at, exact, assignee or ana, "Call"), by=ana)
        task = Task.objects.latest("set_at")
    plant("UPDATE cases_task SET set_at = now() - make_interval(mins => %s) WHERE id = %s", set_minutes_ago, task.pk)
    return task


def mails(definer) -> list[tuple]:
    return definer.execute("SELECT kind, leased_until IS NULL FROM cases_mailout ORDER BY created_at").fetchall()


def test_a_promise_reminds_before_and_at_its_minute_and_climbs_half_an_hour_after(cast, code, definer):
    task = promise(cast, code, 20, assignee=cast.lana)
    assert fire() == 0
    for minutes, told in ((10, ["lana"]), (-1, ["lana"]), (-31, ["ana", "boba", "lana"])):
        plant("DELETE FROM cases_notice")
        plant("UPDATE cases_task SET due_at = now() + make_interval(mins => %s)", minutes)
        fire()
        assert recipients(definer) == told
        assert fire() == 0  # once
    assert task.exact


def test_the_mail_of_a_promise_is_urgent_and_waits_for_nothing(cast, code, definer):
    plant(
        "INSERT INTO cases_mailout (id, recipient_id, kind, second, state, created_at, attempts)"
        " VALUES (gen_random_uuid(), %s, 'next', false, 'sent', now(), 1)",
        cast.ana.pk,
    )
    promise(cast, code, 5)
    fire()
    assert mails(definer) == [("next", True), ("now", True)]


def test_a_task_of_a_day_reminds_calmly_and_climbs_on_the_morning_after(cast, code, definer):
    promise(cast, code, -2 * 24 * 60, exact=False, assignee=cast.lana)
    fire()
    assert recipients(definer) == ["ana", "boba", "lana"]  # after a silence only the latest rung speaks
    assert {kind for kind, _now in mails(definer)} == {"next"}


def test_whoever_sets_herself_a_task_is_not_told_what_she_knows(cast, code, definer):
    promise(cast, code, 5, set_minutes_ago=0)  # 15 minutes before has passed already
    promise(cast, code, 5, set_minutes_ago=0, assignee=cast.lana)
    fire()
    assert recipients(definer) == ["lana"]


def test_a_moved_task_is_reminded_of_anew_and_one_that_is_done_is_not(cast, code, definer):
    task = promise(cast, code, 5)
    assert fire() == 1
    with cast.acting("ana") as ana:
        move_task(case=get_case(ana, code).case, task=task, due_at=timezone.now() + timedelta(minutes=8), by=ana)
    assert fire() == 1
    with cast.acting("ana") as ana:
        assert len(list_notices(ana)) == 1  # the new reminder took the place of the older one
        finish_task(case=get_case(ana, code).case, task=task, by=ana)
        assert list(list_notices(ana)) == []
    plant("UPDATE cases_taskreminder SET rung = 99")
    assert fire() == 0


def test_whoever_is_given_a_task_is_told(cast, code, definer):
    task = promise(cast, code, 5)
    fire()
    with cast.acting("ana") as ana:
        reassign_task(case=get_case(ana, code).case, task=task, assignee=cast.lana, by=ana)
    assert fire() == 1
    assert recipients(definer) == ["ana", "lana"]


@pytest.mark.parametrize("how", ["walled", "deactivated", "absent", "ended"])
def test_who_cannot_be_told_is_stood_in_for_by_lead_and_backup(cast, code, definer, how):
    promise(cast, code, 5, assignee=cast.lana)
    lana, ana = cast.lana.pk, cast.ana.pk
    statements = {
        "walled": (
            "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
            " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case"
        ),
        "deactivated": (
            "UPDATE accounts_user u SET is_active = false, deactivated_at = now(), deactivated_by_id = v.ana"
            " FROM (SELECT %s::uuid AS lana, %s::uuid AS ana) v WHERE u.id = v.lana"
        ),
        "absent": (
            "INSERT INTO cases_absence (id, user_id, from_on, until_on, entered_at, entered_by_id)"
            " VALUES (gen_random_uuid(), %s, current_date - 1, current_date + 1, now(), %s)"
        ),
        "ended": "UPDATE cases_assignment SET state = 'ended' WHERE user_id = %s AND user_id <> %s",
    }
    plant(statements[how], lana, ana)
    fire()
    assert recipients(definer) == ["ana", "boba"]


def rungs(due_at: datetime, exact: bool) -> dict[int, datetime]:
    with as_definer() as definer:
        found = definer.execute("SELECT rung, at FROM app.task_rungs(%s, %s, %s)", [due_at, exact, str(BELGRADE)])
        return dict(found.fetchall())


days = st.dates(min_value=date(2026, 1, 1), max_value=date(2032, 12, 31))
CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=days | st.sampled_from(CHANGES))
def test_mornings_are_at_seven_on_the_day_and_the_day_after_also_when_the_clocks_change(day):
    found = rungs(end_of(day), False)
    assert set(found) == {0, -1440}
    for rung, after in ((0, 0), (-1440, 1)):
        local = found[rung].astimezone(BELGRADE)
        assert (local.date(), local.hour, local.minute) == (day + timedelta(days=after), 7, 0)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=days | st.sampled_from(CHANGES), minute=st.integers(0, 1439))
def test_a_promised_minute_is_counted_in_real_minutes(day, minute):
    due_at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
    assert {rung: (due_at - at).total_seconds() / 60 for rung, at in rungs(due_at, True).items()} == {
        15: 15,
        0: 0,
        -30: -30,
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ticks=st.lists(st.integers(-60, 60), min_size=1, max_size=6), exact=st.booleans())
def test_however_the_clock_ticks_no_rung_is_doubled_and_the_latest_is_not_lost(cast, code, ticks, exact):
    """The clock jumps about; after the last tick the latest rung that has come was told once to everybody it speaks to."""
    plant("DELETE FROM cases_notice")
    plant("DELETE FROM cases_taskreminder")
    plant("DELETE FROM cases_task")
    promise(cast, code, 0, exact=exact, assignee=cast.lana)
    step = timedelta(minutes=1) if exact else timedelta(hours=1)
    start = timezone.now()
    for tick in ticks:
        moved = start - tick * step
        plant("UPDATE cases_task SET due_at = %s", moved if exact else end_of(timezone.localtime(moved).date()))
        fire()
        fire()
    with as_definer() as definer:
        doubled = definer.execute(
            "SELECT 1 FROM cases_taskreminder GROUP BY task_id, rung, due_at, recipient_id HAVING count(*) > 1"
        ).fetchall()
        missing = definer.execute(
            "SELECT 1 FROM cases_task t,"
            " LATERAL app.told_of(t.case_id, t.assignee_id, app.task_rung(t.id, %s) < 0, false) p"
            " WHERE app.task_rung(t.id, %s) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cases_taskreminder r WHERE"
            " r.task_id = t.id AND r.recipient_id = p AND r.due_at = t.due_at AND r.rung = app.task_rung(t.id, %s))",
            [str(BELGRADE)] * 3,
        ).fetchall()
    assert (doubled, missing) == ([], [])
