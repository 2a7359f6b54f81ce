"""Must not see: set by whom, what follows, that two lift it, and that each control is what keeps her out."""

from contextlib import nullcontext
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case
from cases.access.closing import list_blocks
from cases.access.second import list_asked_of
from cases.access.walls import list_questions, list_walls
from cases.choices import CaseRole, Severity
from cases.compartments import WallReason
from cases.models import Approval, Assignment, TimelineEntry
from cases.services import approvals, identity, tasks, walls
from cases.services.assignment import answer_offer, offer_assignment
from cases.services.deadlines import set_deadline
from tests.cases.helpers import SLIP, assign, open_case, reminded_today
from tests.conftest import as_definer, as_role
from tests.security.attack import plant, rewritten, run, switched_off

AS_DEFINER = "SET ROLE sidro_definer"
BOTH = {"reason": WallReason.NAMED, "text": "He is her brother."}


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup, Ceca works on it."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    return code


def keep_out(cast, code, name, *, by="ana", second=False):
    with cast.acting(by) as person:
        case = get_case(person, code).case
        return walls.keep_out(case=case, person=getattr(cast, name), second=second, by=person, **BOTH)


def sees(cast, code, name):
    """What access lets her reach, and PostgreSQL shows her of anything that hangs on the case, however she signs in."""
    cast.again(name)
    with cast.acting(name) as person:
        shown = sum(
            run(f"SELECT count(*) FROM {table}")[0][0]
            for table in (
                "cases_case", "cases_assignment", "cases_task", "cases_deadline", "cases_notice", "cases_approval",
                "cases_timelineentry", "cases_contactattempt", "cases_identityopening", "vault_wrap", "vault_keyversion",
            )
        )  # fmt: skip
        sealed = run("SELECT count(*) FROM vault_sealed WHERE case_id IS NOT NULL")[0][0]
        try:
            get_case(person, code)
        except Http404:
            return (False, shown + sealed)
        return (True, shown + sealed)


def give_her_work(cast, code, name):
    """A task, a date with its reminder, and an open identity where she may."""
    person = getattr(cast, name)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        due = timezone.now() + timedelta(hours=3)
        tasks.set_task(case=case, new=tasks.NewTask(uuid4(), "call", due, True, person, "Call"), by=ana)
        set_deadline(
            case=case,
            nonce=uuid4(),
            due_on=reminded_today(),
            severity=Severity.ROUTINE,
            assignee=person,
            text="x",
            by=ana,
        )
    with as_role("worker") as worker:
        worker.execute("SELECT app.reminders_fire('Europe/Belgrade')")


def test_everything_of_hers_on_the_case_ends_and_her_work_goes_to_the_lead(cast, code, definer):
    give_her_work(cast, code, "ceca")
    cast.client("ceca")
    count = "SELECT count(*) FROM {} WHERE user_id = %s"
    tables = ("cases_caseuserpermission", "vault_wrap", "cases_notice", "accounts_unlockedkey")
    assert all(definer.execute(count.format(name), [cast.ceca.pk]).fetchone()[0] for name in tables)
    keep_out(cast, code, "ceca")
    keep_out(cast, code, "ceca")  # a second click
    assert [definer.execute(count.format(name), [cast.ceca.pk]).fetchone()[0] for name in tables] == [0, 0, 0, 0]
    assert sees(cast, code, "ceca") == (False, 0)
    with cast.acting("ana"):
        assert {
            row[0] for row in run("SELECT assignee_id FROM cases_task UNION SELECT assignee_id FROM cases_deadline")
        } == {cast.ana.pk}
        assert Assignment.objects.get(user=cast.ceca).end_reason == ""
    assert definer.execute("SELECT count(*) FROM cases_wall").fetchone() == (1,)


@pytest.mark.parametrize("control", [True, False])
def test_whom_a_wall_takes_off_a_case_is_signed_out(cast, code, control):
    """Her open session holds her unlocked key, and a page of the case may be on its way to her."""
    give_her_work(cast, code, "ceca")
    client = cast.client("ceca")
    assert client.get("/account").status_code == 200
    off = rewritten("wall_stands", "IF was_on THEN PERFORM app.sessions_end(person); END IF;", "")
    with nullcontext() if control else off:
        keep_out(cast, code, "ceca")
    assert client.get("/account").status_code == (302 if control else 200)


def test_an_offer_to_her_is_withdrawn_and_none_is_made_anew(cast, code, definer):
    cast.vouch("boba", "lana")
    with cast.acting("ana") as ana:
        offer = {"person": cast.lana, "role": CaseRole.LAWYER, "slip": SLIP, "by": ana}
        offer_assignment(case=get_case(ana, code).case, **offer)
    keep_out(cast, code, "lana")
    assert definer.execute("SELECT count(*) FROM vault_letter").fetchone() == (0,)
    assert sees(cast, code, "lana") == (False, 0)
    with cast.acting("lana"):
        assert database.rows("my_offers") == []
    with cast.acting("ana") as ana, pytest.raises(DatabaseError), transaction.atomic():
        offer_assignment(case=get_case(ana, code).case, **{**offer, "by": ana})


def test_lead_and_backup_see_who_is_kept_out_and_why_and_nobody_else(cast, code):
    assign(cast, code, "lana")
    keep_out(cast, code, "ceca")
    for name, wanted in (("ana", ["Ceca"]), ("boba", ["Ceca"]), ("lana", []), ("ceca", []), ("koka", [])):
        with cast.acting(name) as person:
            found = list_walls(open_id(cast, code))
            assert [wall.name for wall in found] == wanted
            texts = run("SELECT count(*) FROM vault_sealed WHERE field = 'wall.reason'")
            assert texts == [(1,)] if wanted else texts == [(0,)]
            if wanted:
                case = get_case(person, code).case
                assert list(walls.read_reasons(case=case, walls=found, by=person).values()) == [BOTH["text"]]
    with cast.acting("lana"):
        assert not TimelineEntry.objects.filter(detail__contains="wall").exists()


def open_id(cast, code):
    with as_definer() as definer:
        return definer.execute("SELECT id FROM cases_case WHERE code = %s", [code]).fetchone()[0]


def test_nobody_sets_or_lifts_a_wall_in_sql(cast, code):
    keep_out(cast, code, "ceca")
    wanted = open_id(cast, code)
    with cast.acting("ana") as ana:
        for statement, values in (
            ("INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) VALUES (%s, %s, %s, now(), %s)",
             [uuid4(), wanted, cast.boba.pk, ana.pk]),
            ("UPDATE cases_wall SET lifted_at = now()", []),
            ("DELETE FROM cases_wall", []),
            ("SELECT app.wall_stands(%s, %s, %s, 'other')", [uuid4(), wanted, cast.boba.pk]),
            ("SELECT app.wall_do(%s)", [uuid4()]),
            ("SELECT app.sessions_end(%s)", [cast.boba.pk]),
        ):  # fmt: skip
            with pytest.raises(DatabaseError), transaction.atomic():
                run(statement, *values)
    for name in ("ceca", "lana", "koka"):
        with cast.acting(name), pytest.raises(database.Refused):
            database.value("wall_case_set", uuid4(), wanted, cast.boba.pk, "other")


def test_whoever_holds_all_keys_is_kept_out_by_two_and_learns_nothing_before(cast, code, definer):
    assign(cast, code, "lana")
    with cast.acting("ana"), pytest.raises(database.Refused, match="second_person"):
        database.value("wall_case_set", uuid4(), open_id(cast, code), cast.boba.pk, "named")
    asked = keep_out(cast, code, "boba", second=True)
    told = definer.execute("SELECT count(*) FROM cases_notice WHERE kind = 'second'").fetchone()
    assert told == (0,)  # nobody may answer yet, and Boba is not told
    for name in ("boba", "lana", "ceca"):
        with cast.acting(name) as person:
            opened = get_case(person, code)
            assert not Approval.objects.exists()
            assert not list_questions(opened)
            assert not list(list_asked_of(person))
            assert not list_blocks(opened.case).approvals
            assert run("SELECT count(*) FROM vault_sealed WHERE field = 'approval.reason'") == [(0,)]
            assert not TimelineEntry.objects.filter(kind="second").exists()
            trail = run("SELECT action FROM app.case_trail(%s, NULL, '{}', 'UTC', 0, 100)", opened.case.pk)
            assert not {row[0] for row in trail} & {"approval_asked", "approval_answered"}
            with pytest.raises(database.Refused), transaction.atomic():
                database.value("approval_answer", asked.pk, True)
    everybody = (
        "CREATE OR REPLACE FUNCTION app.about_whom(p cases_approval) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'"
    )
    with switched_off(AS_DEFINER, everybody), cast.acting("boba"):
        database.value("approval_answer", asked.pk, False)  # she refuses what is asked about herself
    assert definer.execute("SELECT state FROM cases_approval").fetchone() == ("refused",)


def test_the_second_person_keeps_a_holder_out_and_the_asker_leads(cast, code, definer):
    """Boba asks that Ana, who leads, is kept out; the supervisor agrees."""
    plant("UPDATE cases_assignment SET role = 'supervisor' WHERE user_id = %s", cast.ceca.pk)
    asked = keep_out(cast, code, "ana", by="boba", second=True)
    with cast.acting("ceca") as ceca:
        assert [row.pk for row in list_asked_of(ceca)] == [asked.pk]
        approvals.answer_approval(approval=Approval.objects.get(), approves=True, by=ceca)
    assert sees(cast, code, "ana") == (False, 0)
    with cast.acting("boba") as boba:
        case = get_case(boba, code).case
        assert Assignment.objects.get(user=boba, state="live").role == CaseRole.LEAD
        found = list_walls(case.pk)
        assert [wall.name for wall in found] == ["Ana"]
        assert walls.read_reasons(case=case, walls=found, by=boba) == {asked.pk: BOTH["text"]}


def test_no_holder_is_kept_out_where_nobody_would_hold_all_keys(cast, code):
    plant("UPDATE cases_assignment SET role = 'supervisor' WHERE user_id = %s", cast.ceca.pk)
    asked = keep_out(cast, code, "boba", second=True)
    plant("DELETE FROM vault_wrap WHERE purpose = 'reach' AND user_id = %s", cast.ana.pk)
    with cast.acting("ceca") as ceca, pytest.raises(WrongState):
        approvals.answer_approval(approval=asked, approves=True, by=ceca)


def test_two_lift_a_wall(cast, code, definer):
    keep_out(cast, code, "ceca")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        asked = walls.ask_to_lift(case=case, wall=list_walls(case.pk)[0], text="They made peace.", by=ana)
        with pytest.raises(NotAllowed), transaction.atomic():
            approvals.answer_approval(approval=asked, approves=True, by=ana)
    with cast.acting("ceca") as ceca:
        assert not Approval.objects.exists()
        with pytest.raises(NotAllowed):
            approvals.answer_approval(approval=asked, approves=True, by=ceca)
    with cast.acting("boba") as boba:
        approvals.answer_approval(approval=asked, approves=True, by=boba)
        assert list_walls(open_id(cast, code)) == []
    assert sees(cast, code, "ceca")[0] is False  # nothing comes back by itself
    assign(cast, code, "ceca", CaseRole.CASEWORKER, voucher="")
    assert sees(cast, code, "ceca")[0] is True


def test_an_offer_accepted_in_the_same_moment_opens_nothing(cast, definer):
    cast.intake()
    code = open_case(cast)
    cast.vouch("boba", "ceca")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        offered = offer_assignment(case=case, person=cast.ceca, role=CaseRole.CASEWORKER, by=ana).pk
    ready = Barrier(2)

    def race(name, act):
        try:
            with cast.acting(name) as by:
                ready.wait(timeout=20)
                act(by)
        except (NotAllowed, WrongState):
            pass  # the loser
        finally:
            connection.close()

    people = {
        "ceca": lambda by: answer_offer(assignment_id=offered, accepts=True, by=by),
        "ana": lambda by: walls.keep_out(case=case, person=cast.ceca, second=False, by=by, **BOTH),
    }
    threads = [Thread(target=race, args=each) for each in people.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sees(cast, code, "ceca") == (False, 0)
    for table in ("cases_caseuserpermission", "vault_wrap"):
        assert definer.execute(f"SELECT count(*) FROM {table} WHERE user_id = %s", [cast.ceca.pk]).fetchone() == (0,)


def test_a_row_that_is_left_shows_nothing_and_without_the_control_it_does(cast, code):
    """Her permission row planted again: the wall alone keeps her out."""
    keep_out(cast, code, "ceca")
    plant(
        "INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id)"
        " SELECT c.id, %s, app.permission_id('view_case') FROM cases_case c",
        cast.ceca.pk,
    )
    assert sees(cast, code, "ceca") == (False, 0)
    blind = "CREATE OR REPLACE FUNCTION app.walled() RETURNS uuid[] LANGUAGE sql STABLE AS 'SELECT ''{}''::uuid[]'"
    with switched_off(AS_DEFINER, blind):
        found, shown = sees(cast, code, "ceca")
        assert found
        assert shown > 0


def test_an_open_identity_closes(cast, code, definer):
    with cast.acting("boba") as boba:
        identity.open_card(case=get_case(boba, code).case, reason="contact", text="", by=boba)
    plant("UPDATE cases_assignment SET role = 'supervisor' WHERE user_id = %s", cast.ceca.pk)
    asked = keep_out(cast, code, "boba", second=True)
    with cast.acting("ceca") as ceca:
        approvals.answer_approval(approval=asked, approves=True, by=ceca)
    assert definer.execute("SELECT count(*) FROM cases_identityopening WHERE closed_at IS NULL").fetchone() == (0,)
    assert sees(cast, code, "boba") == (False, 0)


@pytest.mark.parametrize("rule", ["set_wall", "lift_wall", "wall_request_lift"])
def test_a_wall_has_no_fallback_whose_notice_would_tell_of_it(cast, code, definer, rule):
    asked = keep_out(cast, code, "boba", second=True)
    definer.execute(
        "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = id"
        " WHERE login_name IN ('boba', 'ceca')"
    )
    with cast.acting("ana"):
        assert database.value("fallback_open", rule, asked.pk) is False
        with pytest.raises(database.Refused):
            database.value("delayed_ask", rule, asked.pk)
