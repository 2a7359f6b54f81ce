"""Tasks, safety plans, calls and dates as role web: each attack is refused, and succeeds with the control switched off."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.exceptions import NotAllowed
from cases.access import get_case
from cases.access.plan import list_my_tasks
from cases.choices import CaseRole, Severity
from cases.models import Case, ContactAttempt, Deadline, SafetyPlan, ServiceUnit, Task
from cases.services.calls import begin_call, end_call, read_reach
from cases.services.deadlines import set_deadline, waive_deadline
from cases.services.safety import write_plan
from cases.services.sealed.keys import NotHeld
from cases.services.service_units import log_service
from cases.services.tasks import NewTask, set_task
from tests.cases.helpers import CONTACTS, assign, open_case
from tests.conftest import as_role
from tests.security.attack import open_table, plant, run, switched_off

SOON = timedelta(hours=3)


@pytest.fixture
def two_cases(cast):
    """Ana leads two cases, Boba is backup of the first, Lana is the lawyer of the first only."""
    cast.intake()
    codes = open_case(cast), open_case(cast)
    assign(cast, codes[0], "boba", CaseRole.BACKUP, voucher="")
    assign(cast, codes[0], "lana")
    for code in codes:
        with cast.acting("ana") as ana:
            case = get_case(ana, code).case
            set_task(case=case, new=NewTask(uuid4(), "call", timezone.now() + SOON, True, ana, "Call"), by=ana)
            write_plan(case=case, items={"free": "A bag by the door"}, seen=0, by=ana)
            begin_call(case=case, by=ana)
            log_service(case=case, nonce=uuid4(), kind="advice", minutes=10, project=None, by=ana)
    with cast.acting("ana"):
        ids = {case.code: case.pk for case in Case.objects.all()}
    return codes[0], ids[codes[0]], ids[codes[1]]


def refused(statement: str, *arguments: object) -> None:
    with (
        pytest.raises(DatabaseError, match=r"row-level security|permission denied|not_allowed"),
        transaction.atomic(),
    ):
        run(statement, *arguments)


def changed(statement: str, *arguments: object) -> int:
    """How many rows an update reaches: a row that policies hide is no error, it is not there."""
    return len(run(f"{statement} RETURNING 1", *arguments))


def without(trigger: str, table: str) -> str:
    return f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"


SETTLE = "UPDATE cases_task SET state = 'done', settled_at = now(), settled_by_id = %s WHERE case_id = %s"


def test_a_task_is_settled_in_the_own_name_only(cast, two_cases):
    _code, mine, _other = two_cases
    ana = cast.ana.pk
    with cast.acting("lana") as lana:
        refused(SETTLE, ana, mine)
        with transaction.atomic():
            assert changed(SETTLE, lana.pk, mine) == 1
            transaction.set_rollback(True)
    with switched_off(without("task_changed", "cases_task")), cast.acting("lana"):
        assert changed(SETTLE, ana, mine) == 1


def test_a_task_is_not_born_settled_nor_for_a_stranger(cast, two_cases):
    _code, mine, _other = two_cases
    task = (
        "INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, assignee_id, set_at, set_by_id, settled_at,"
        " settled_by_id) VALUES (gen_random_uuid(), %s, gen_random_uuid(), 'task', now(), false, %s, %s, now(), %s, %s, %s)"
    )
    ana, ceca, now = cast.ana.pk, cast.ceca.pk, timezone.now()
    with cast.acting("lana") as lana:
        refused(task, mine, "done", lana.pk, lana.pk, now, ana)
        refused(task, mine, "open", ceca, lana.pk, None, None)
        run(task, mine, "open", lana.pk, lana.pk, None, None)
    with switched_off(open_table("cases_task")), cast.acting("lana") as lana:
        run(task, mine, "done", lana.pk, lana.pk, now, ana)
        run(task, mine, "open", ceca, lana.pk, None, None)


def test_a_task_is_not_given_to_somebody_outside_the_case_nor_moved_when_settled(cast, two_cases):
    _code, mine, _other = two_cases
    give = "UPDATE cases_task SET assignee_id = %s WHERE case_id = %s"
    move = "UPDATE cases_task SET due_at = now() + interval '1 year' WHERE case_id = %s"
    ceca = cast.ceca.pk
    with cast.acting("lana") as lana:
        refused(give, ceca, mine)
        assert changed(move, mine) == 1
        run(SETTLE, lana.pk, mine)
        refused(move.replace("1 year", "2 years"), mine)
    with switched_off(without("task_changed", "cases_task")), cast.acting("lana"):
        assert changed(give, ceca, mine) == 1
        assert changed(move.replace("1 year", "3 years"), mine) == 1


@pytest.mark.parametrize(
    "table",
    ["cases_task", "cases_safetyplan", "cases_riskassessment", "cases_contactattempt", "cases_serviceunit"],
)
def test_records_of_a_hidden_case_are_not_there(cast, two_cases, table):
    _code, mine, other = two_cases
    if table == "cases_riskassessment":
        plant(
            "INSERT INTO cases_riskassessment (id, case_id, nonce, level, core_complete, attempt, counts, assessed_at, assessed_by_id)"
            " SELECT gen_random_uuid(), c.id, gen_random_uuid(), 'standard', true, false, true, now(), c.opened_by_id FROM cases_case c"
        )
    with cast.acting("lana") as lana:
        assert {row[0] for row in run(f"SELECT case_id FROM {table}")} == {mine}
        assert list_my_tasks(lana) == []
    with switched_off(open_table(table)), cast.acting("lana"):
        assert other in {row[0] for row in run(f"SELECT case_id FROM {table}")}


def test_a_hidden_task_is_not_touched(cast, two_cases):
    _code, _mine, other = two_cases
    with cast.acting("lana") as lana:
        assert changed(SETTLE, lana.pk, other) == 0
    with switched_off(open_table("cases_task")), cast.acting("lana") as lana:
        assert changed(SETTLE, lana.pk, other) == 1


def test_reach_is_not_for_a_lawyer_and_a_call_is_not_hers(cast, two_cases):
    code, mine, _other = two_cases
    reach = "SELECT 1 FROM vault_sealed WHERE case_id = %s AND field = 'case.reach'"
    begin = (
        "INSERT INTO cases_contactattempt (id, case_id, on_duty, begun_at, begun_by_id, result)"
        " VALUES (gen_random_uuid(), %s, false, now(), %s, '')"
    )
    with cast.acting("ana"):
        of_ana = ContactAttempt.objects.get(case_id=mine)
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        for attack in (
            lambda: begin_call(case=case, by=lana),
            lambda: read_reach(attempt=of_ana, by=lana),
        ):
            with pytest.raises(NotAllowed):
                attack()
        assert run(reach, mine) == []
        refused(begin, mine, lana.pk)
    with switched_off(open_table("cases_contactattempt"), open_table("vault_sealed")), cast.acting("lana") as lana:
        run(begin, mine, lana.pk)
        assert run(reach, mine) == [(1,)]  # the row is there now; without a wrap of hers it opens nothing
        with pytest.raises(NotHeld):
            read_reach(attempt=ContactAttempt.objects.get(case_id=mine, begun_by=lana), by=lana)


def test_a_call_shows_reach_only_to_whoever_began_it_and_only_until_it_ends(cast, two_cases):
    code, mine, _other = two_cases
    with cast.acting("ana") as ana:
        attempt = ContactAttempt.objects.get(case_id=mine)
        assert read_reach(attempt=attempt, by=ana) == CONTACTS
    with cast.acting("boba") as boba, pytest.raises(NotAllowed):
        read_reach(attempt=ContactAttempt.objects.get(case_id=mine), by=boba)
    with cast.acting("ana") as ana:
        end_call(case=get_case(ana, code).case, attempt=attempt, result="no_answer", text="", by=ana)
        with pytest.raises(NotAllowed):
            read_reach(attempt=ContactAttempt.objects.get(case_id=mine), by=ana)


def test_a_call_that_was_left_open_shows_nothing_of_a_closed_case(cast, two_cases):
    _code, mine, _other = two_cases
    state = "UPDATE cases_case SET state = %s, closed_at = %s, closed_by_id = %s, closure_reason = %s WHERE id = %s"
    plant(state, "closed", timezone.now(), cast.ana.pk, "needs_met", mine)
    with cast.acting("ana") as ana:
        assert read_reach(attempt=ContactAttempt.objects.get(case_id=mine), by=ana) == {}
    plant(state, "open", None, None, "", mine)  # the state is what stops it
    with cast.acting("ana") as ana:
        assert read_reach(attempt=ContactAttempt.objects.get(case_id=mine), by=ana) == CONTACTS


def test_calls_of_others_are_not_ended(cast, two_cases):
    code, mine, _other = two_cases
    end = "UPDATE cases_contactattempt SET ended_at = now(), result = 'reached' WHERE case_id = %s"
    with cast.acting("boba") as boba:
        attempt = ContactAttempt.objects.get(case_id=mine)
        end_call(case=get_case(boba, code).case, attempt=attempt, result="reached", text="", by=boba)
        assert ContactAttempt.objects.get(case_id=mine).ended_at is None
        assert changed(end, mine) == 0
    with switched_off(open_table("cases_contactattempt")), cast.acting("boba"):
        assert changed(end, mine) == 1


def test_a_service_of_somebody_else_is_not_taken_back(cast, two_cases):
    _code, mine, _other = two_cases
    undo = "UPDATE cases_serviceunit SET undone_at = now() WHERE case_id = %s"
    with cast.acting("lana"):
        assert ServiceUnit.objects.filter(case_id=mine).exists()
        assert changed(undo, mine) == 0
    with switched_off(open_table("cases_serviceunit")), cast.acting("lana"):
        assert changed(undo, mine) == 1


def test_nobody_moves_a_reminder_or_makes_one_unsaid(cast, two_cases):
    statements = (
        "UPDATE cases_taskreminder SET due_at = now() + interval '1 year'",
        "INSERT INTO cases_taskreminder (id, task_id, rung, due_at, recipient_id, fired_at)"
        " SELECT gen_random_uuid(), id, 15, due_at, assignee_id, now() FROM cases_task",
    )
    with cast.acting("ana"):
        for statement in statements:
            refused(statement)
    with as_role("worker") as worker:
        for statement in statements:
            with pytest.raises(Exception, match="permission denied"):
                worker.execute(statement)
    grant = "GRANT SELECT, INSERT, UPDATE ON cases_taskreminder TO CURRENT_ROLE"
    role = run("SELECT current_user")[0][0]
    grant = grant.replace("CURRENT_ROLE", f'"{role}"')
    with switched_off(grant, open_table("cases_taskreminder")), cast.acting("ana"):
        for statement in statements:
            run(statement)


def test_a_safety_plan_is_looked_through_in_the_own_name_only(cast, two_cases):
    _code, mine, _other = two_cases
    review = "UPDATE cases_safetyplan SET reviewed_on = current_date, reviewed_by_id = %s WHERE case_id = %s"
    ana = cast.ana.pk
    with cast.acting("lana") as lana:
        assert SafetyPlan.objects.filter(case_id=mine).exists()
        refused(review, ana, mine)
        assert changed(review, lana.pk, mine) == 1
    with switched_off(without("safety_plan_changed", "cases_safetyplan")), cast.acting("lana"):
        assert changed(review, ana, mine) == 1


def test_a_date_on_which_a_right_hangs_is_let_go_by_lawyer_lead_or_backup_only(cast, two_cases):
    code, mine, _other = two_cases
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    with cast.acting("ana") as ana:
        set_deadline(
            case=get_case(ana, code).case,
            nonce=uuid4(),
            due_on=timezone.localdate() + timedelta(days=9),
            severity=Severity.CRITICAL,
            assignee=None,
            text="Private action",
            by=ana,
        )
    waive = "UPDATE cases_deadline SET state = 'waived', settled_at = now(), settled_by_id = %s WHERE case_id = %s"
    with cast.acting("ceca") as ceca:
        case = get_case(ceca, code).case
        with pytest.raises(NotAllowed):
            waive_deadline(case=case, deadline=Deadline.objects.get(), nonce=uuid4(), reason="x", by=ceca)
        refused(waive, ceca.pk, mine)
        for other in ("suspended", "superseded", "not_applicable", "missed"):  # no reminder comes of these either
            refused("UPDATE cases_deadline SET state = %s WHERE case_id = %s", other, mine)
    off = switched_off(without("deadline_changed", "cases_deadline"))
    with off, cast.acting("ceca") as ceca, transaction.atomic():
        assert changed("UPDATE cases_deadline SET state = 'not_applicable' WHERE case_id = %s", mine) == 1
        assert changed(waive, ceca.pk, mine) == 1
        transaction.set_rollback(True)
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        waive_deadline(case=case, deadline=Deadline.objects.get(), nonce=uuid4(), reason="Out of time", by=lana)
        assert Deadline.objects.get().state == "waived"
        assert Task.objects.filter(case_id=mine).count() == 1
