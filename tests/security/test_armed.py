"""Reach armed for whoever is on call: what opens, to whom, and that nothing else does."""

from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import Team
from cases.access import get_case, list_notices
from cases.access.armed import list_proposals, list_reachable
from cases.codes import ArmReason, CallResult
from cases.models import Case
from cases.services import arming, calls
from cases.services.sealed import keys, rotation
from tests.cases.helpers import CONTACTS, arm, armed_for, assign, on_call, open_case
from tests.cases.test_reminders import fire
from tests.conftest import as_definer
from tests.security.attack import plant, run, switched_off
from tests.security.test_rotation import NO_ROTATION

ARMED_WITHOUT_ROTA = (
    "CREATE OR REPLACE FUNCTION app.may_reach_on_duty(a cases_armedreach) RETURNS boolean LANGUAGE sql STABLE AS"
    " $$ SELECT true $$"
)


@pytest.fixture
def code(cast):
    cast.intake()
    cast.person("koka")
    return open_case(cast)


def opens(cast, name: str, attempt: UUID) -> dict[str, str]:
    with cast.acting(name) as person:
        return arming.open_call(attempt_id=attempt, by=person).contacts


def wraps(definer) -> int:
    return definer.execute("SELECT count(*) FROM vault_wrap WHERE team_id IS NOT NULL").fetchone()[0]


def test_whoever_is_on_call_reaches_her_and_sees_nothing_else(cast, code, definer):
    attempt = armed_for(cast, code, "boba")
    assert opens(cast, "boba", attempt) == CONTACTS
    with cast.acting("boba") as boba:
        assert [row.case_code for row in list_reachable(boba)] == [code]
        with pytest.raises(Http404):
            get_case(boba, code)
        assert not Case.objects.exists()
        assert run("SELECT count(*) FROM vault_sealed WHERE case_id IS NOT NULL") == [(0,)]
        assert run("SELECT count(*) FROM vault_wrap") == [(0,)]
    with cast.acting("ana") as ana:
        assert [notice.kind for notice in list_notices(ana)] == ["reached"]
    logged = definer.execute(
        "SELECT count(*) FROM accounts_auditevent WHERE action = 'reach_opened' AND detail = 'duty'"
    )
    assert logged.fetchone() == (1,)


def test_a_double_click_is_one_call(cast, code, definer):
    attempt = armed_for(cast, code, "boba")
    with cast.acting("boba") as boba:
        assert arming.begin_call(armed_id=list_reachable(boba)[0].id, by=boba) == attempt
    assert definer.execute("SELECT count(*), bool_and(on_duty) FROM cases_contactattempt").fetchone() == (1, True)


def test_reached_disarms_and_deletes_the_key_of_the_team(cast, code, definer):
    attempt = armed_for(cast, code, "boba")
    assert wraps(definer) == 1
    for _click in range(2):
        with cast.acting("boba") as boba:
            arming.end_call(attempt_id=attempt, result=CallResult.REACHED, by=boba)
    assert wraps(definer) == 0
    with cast.acting("boba") as boba:
        assert list_reachable(boba) == []
    with pytest.raises(Http404):
        opens(cast, "boba", attempt)


def test_not_reached_leaves_it_armed(cast, code, definer):
    attempt = armed_for(cast, code, "boba")
    with cast.acting("boba") as boba:
        arming.end_call(attempt_id=attempt, result=CallResult.NO_ANSWER, by=boba)
        assert len(list_reachable(boba)) == 1
    with pytest.raises(Http404):
        opens(cast, "boba", attempt)  # the call is over; the next one begins anew, and is told of anew
    assert wraps(definer) == 1


def test_the_lead_reads_how_the_call_ended(cast, code):
    attempt = armed_for(cast, code, "boba")
    with cast.acting("boba") as boba:
        arming.end_call(attempt_id=attempt, result=CallResult.SOMEBODY_ELSE, by=boba)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        own = calls.begin_call(case=case, by=ana)
        calls.end_call(case=case, attempt=own, result=CallResult.WRONG_NUMBER, text="", by=ana)
    client = cast.client("ana")
    for address in (f"/cases/{code}", f"/cases/{code}/timeline", f"/cases/{code}/timeline?kind=call"):
        page = client.get(address).content.decode()
        assert "Whoever was on call did not reach her: Somebody else answered: neutral word used" in page
        assert "Call: The number is wrong" in page


END = {
    "disarmed": "UPDATE cases_armedreach SET disarmed_at = now(), disarmed_by_id = NULL",
    "expired": "UPDATE cases_armedreach SET until = now() - interval '1 minute'",
    "shift over": "UPDATE cases_dutyshift SET ends_at = now() - interval '1 minute'",
    "shift cancelled": "UPDATE cases_dutyshift SET cancelled_at = now()",
    "walled": "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
    " SELECT gen_random_uuid(), c.id, s.on_call_id, now(), s.on_call_id FROM cases_case c, cases_dutyshift s",
    "out of the team": "UPDATE accounts_teammember m SET user_id = ceca.id FROM cases_dutyshift s, accounts_user ceca"
    " WHERE m.user_id = s.on_call_id AND ceca.login_name = 'ceca'",
    "case closed": "UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = opened_by_id",
}

BACK_IN_THE_TEAM = (
    "UPDATE accounts_teammember m SET user_id = s.on_call_id FROM cases_dutyshift s, accounts_user ceca"
    " WHERE m.user_id = ceca.id AND ceca.login_name = 'ceca'"
)


@pytest.mark.parametrize("how", END)
def test_when_it_ends_nothing_opens_any_more(cast, code, how):
    attempt = armed_for(cast, code, "boba")
    with switched_off(
        "ALTER TABLE cases_armedreach DISABLE TRIGGER USER", "ALTER TABLE cases_case DISABLE TRIGGER USER"
    ):
        plant(END[how])
    with pytest.raises(Http404):
        opens(cast, "boba", attempt)
    with cast.acting("boba") as boba:
        assert list_reachable(boba) == []
    if how == "out of the team":  # what the team's key opens she gets no more: only while she is a member again
        plant(BACK_IN_THE_TEAM)
    with as_definer() as definer:
        assert wraps(definer) == 1  # nothing was deleted: what is asked at each opening holds it
    with switched_off(f"SET ROLE sidro_definer; {ARMED_WITHOUT_ROTA}"):
        assert opens(cast, "boba", attempt) == CONTACTS


def test_how_a_call_ended_is_said_also_where_it_was_disarmed_meanwhile(cast, code, definer):
    address = f"/duty/calls/{armed_for(cast, code, 'boba')}"
    boba, ceca = cast.client("boba"), cast.client("ceca")
    assert CONTACTS["phone"] in boba.get(address).content.decode()
    with cast.acting("ana") as ana:
        arming.disarm(case=get_case(ana, code).case, by=ana)
    desk = boba.get("/").content.decode()
    assert f'href="{address}"' in desk  # the way back stays until she has said it
    assert code not in desk
    assert address not in ceca.get("/").content.decode()
    page = boba.get(address).content.decode()
    assert "Say how your call ended" in page
    assert CONTACTS["phone"] not in page
    assert code not in page
    assert ceca.get(address).status_code == 404
    assert boba.post(address, {}).status_code == 422
    assert boba.post(address, {"result": "reached"}).status_code == 302
    assert definer.execute("SELECT result FROM cases_contactattempt WHERE on_duty").fetchone() == ("reached",)
    assert boba.get(address).status_code == 404
    assert address not in boba.get("/").content.decode()


@pytest.mark.parametrize("name", ["ana", "ceca", "koka", "lana"])
def test_nobody_else_begins_or_opens_a_call(cast, code, name):
    cast.person(name)
    attempt = armed_for(cast, code, "boba")
    with cast.acting("boba") as boba:
        armed_id = list_reachable(boba)[0].id
    with cast.acting(name) as person:
        assert list_reachable(person) == []
        with pytest.raises(Http404):
            arming.begin_call(armed_id=armed_id, by=person)
        with pytest.raises(Http404):
            arming.open_call(attempt_id=attempt, by=person)
        assert database.rows("duty_reach", attempt) == []


def test_on_call_but_not_of_the_team_opens_nothing(cast, code):
    cast.person("ceca")
    on_call(cast, "boba")
    with switched_off("ALTER TABLE cases_dutyshift DISABLE TRIGGER USER"):
        plant("UPDATE cases_dutyshift SET on_call_id = %s", cast.ceca.pk)  # she was of intake when it was planned
    armed_id = arm(cast, code)
    with cast.acting("ceca") as ceca:
        assert list_reachable(ceca) == []
        with pytest.raises(WrongState, match="You cannot call her any more"):
            arming.begin_call(armed_id=armed_id, by=ceca)


@pytest.mark.parametrize("how", ["disarmed", "expired", "walled", "none of hers"])
def test_whoever_is_on_call_is_told_the_same_whyever_she_cannot_call(cast, code, how):
    on_call(cast, "boba")
    armed_id = uuid4() if how == "none of hers" else arm(cast, code)
    with switched_off("ALTER TABLE cases_armedreach DISABLE TRIGGER USER"):
        plant(END.get(how, "SELECT 1"))
    answer = cast.client("boba").post(f"/duty/armed/{armed_id}/call", follow=True)
    assert answer.redirect_chain == [("/duty", 302)]
    assert "The reach was ended. You cannot call her any more." in answer.content.decode()
    assert cast.client("ana").post(f"/duty/armed/{armed_id}/call").status_code == 404


def test_the_second_on_call_may_reach_her_too(cast, code):
    on_call(cast, "ana", "boba")
    armed_id = arm(cast, code)
    with cast.acting("boba") as boba:
        attempt = arming.begin_call(armed_id=armed_id, by=boba)
    assert opens(cast, "boba", attempt) == CONTACTS


@pytest.mark.parametrize("purpose", ["content", "identity", "reach"])
def test_a_team_gets_a_wrap_of_reach_only_and_only_while_it_is_armed(cast, code, purpose):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
    if purpose != "reach":
        arm(cast, code)
    insert = (
        "INSERT INTO vault_wrap (id, case_id, purpose, version, team_id, state, sealed, made_at, made_by_id)"
        " VALUES (gen_random_uuid(), %s, %s, 2, %s, 'live', 'x', now(), %s)"
    )
    with cast.acting("ana") as ana:
        team = Team.objects.get(kind="intake")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            run(insert, case.pk, purpose, team.pk, ana.pk)
    with switched_off("ALTER TABLE vault_wrap DISABLE ROW LEVEL SECURITY"), cast.acting("ana") as ana:
        run(insert, case.pk, purpose, team.pk, ana.pk)


def test_not_to_the_restricted_team_nor_by_somebody_without_the_key(cast, code):
    arm(cast, code)
    cast.vouch("boba", "lana")
    assign(cast, code, "lana", voucher="")
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        with pytest.raises(NotAllowed):
            arming.arm(case=case, reason=ArmReason.PROMISE, until=timezone.now() + timedelta(hours=1), by=lana)
    with cast.acting("ana") as ana:
        team = Team.objects.get(kind="restricted")
        key = keys.newest_key(case_id=case.pk, purpose="reach", by=ana)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            run(
                "INSERT INTO vault_wrap (id, case_id, purpose, version, team_id, state, sealed, made_at, made_by_id)"
                " VALUES (gen_random_uuid(), %s, 'reach', %s, %s, 'live', 'x', now(), %s)",
                case.pk, key.version, team.pk, ana.pk,
            )  # fmt: skip


def test_the_clock_deletes_what_is_over(cast, code, definer):
    arm(cast, code)
    fire()
    assert wraps(definer) == 1
    with switched_off("ALTER TABLE cases_armedreach DISABLE TRIGGER USER"):
        plant("UPDATE cases_armedreach SET until = now() - interval '1 second'")
    fire()
    assert wraps(definer) == 0
    assert arm(cast, code)  # and it can be armed again


def test_by_hand_and_never_again_by_the_same_row(cast, code, definer):
    armed_id = arm(cast, code)
    with cast.acting("ana") as ana:
        arming.disarm(case=get_case(ana, code).case, by=ana)
        arming.disarm(case=get_case(ana, code).case, by=ana)
        with pytest.raises(DatabaseError, match="not_allowed"), transaction.atomic():
            run("UPDATE cases_armedreach SET disarmed_at = NULL WHERE id = %s", armed_id)
    assert wraps(definer) == 0


def test_at_most_two_days(cast, code):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        for hours in (-1, 49):
            with pytest.raises(WrongState):
                arming.arm(case=case, reason=ArmReason.PROMISE, until=timezone.now() + timedelta(hours=hours), by=ana)


def test_immediate_risk_a_promise_and_her_wish_are_proposed_to_holders(cast, code):
    on_call(cast, "boba")
    with cast.acting("ana") as ana:
        assert list_proposals(ana) == []
        Case.objects.update(on_duty_may_call=True)
        assert list_proposals(ana) == [(code, ArmReason.HER_WISH)]
    plant("UPDATE cases_case SET on_duty_may_call = false, risk = 'immediate'")
    with cast.acting("ana") as ana:
        assert list_proposals(ana) == [(code, ArmReason.IMMEDIATE_RISK)]
    plant("UPDATE cases_case SET paused_at = now()")
    with cast.acting("ana") as ana:
        assert list_proposals(ana) == []  # she wants nobody to call her
    plant("UPDATE cases_case SET paused_at = NULL")
    plant("UPDATE cases_case SET risk = 'high'")
    plant(
        "INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 'promise', now() + interval '2 hours', true, 'open', now(),"
        " opened_by_id FROM cases_case"
    )
    with cast.acting("ana") as ana:
        assert list_proposals(ana) == [(code, ArmReason.PROMISE)]
    page = cast.client("ana")
    page.post(f"/cases/{code}/arm", {"proposed": "promise"})
    with cast.acting("ana") as ana:
        assert list_proposals(ana) == []


def test_the_last_holder_s_wrap_is_parked_although_a_team_holds_reach(cast, code, definer):
    arm(cast, code)
    plant("SELECT app.access_end(a.id, 'deactivated') FROM cases_assignment a")
    states = definer.execute("SELECT DISTINCT state FROM vault_wrap WHERE user_id IS NOT NULL").fetchall()
    assert states == [("parked",)]


@pytest.mark.parametrize("control", [True, False])
def test_what_is_written_after_it_was_disarmed_is_under_a_key_that_intake_never_had(cast, code, definer, control):
    attempt = armed_for(cast, code, "boba")
    off = switched_off("SET ROLE sidro_definer", f"CREATE OR REPLACE FUNCTION {NO_ROTATION}")
    with nullcontext() if control else off:
        with cast.acting("boba") as boba:
            arming.end_call(attempt_id=attempt, result=CallResult.REACHED, by=boba)
        with cast.acting("ana") as ana:
            rotation.renew_due_keys(case_id=get_case(ana, code).case.pk, by=ana)
        found = definer.execute("SELECT max(version) FROM vault_keyversion WHERE purpose = 'reach'").fetchone()
        assert found == (2 if control else 1,)


@pytest.mark.parametrize("how", ["by hand", "reached"])
def test_armed_anew_it_opens_again(cast, code, definer, how):
    """Under its old key: what was written before is not sealed anew, and the new key comes with arming."""
    attempt = armed_for(cast, code, "boba")
    assert opens(cast, "boba", attempt) == CONTACTS
    if how == "by hand":
        with cast.acting("ana") as ana:
            arming.disarm(case=Case.objects.get(code=code), by=ana)
    else:
        with cast.acting("boba") as boba:
            arming.end_call(attempt_id=attempt, result=CallResult.REACHED, by=boba)
    armed_id = arm(cast, code)
    with cast.acting("boba") as boba:
        attempt = arming.begin_call(armed_id=armed_id, by=boba)
    assert opens(cast, "boba", attempt) == CONTACTS
    assert definer.execute("SELECT rule FROM app.wraps_out_of_order()").fetchall() == []
    definer.execute("DELETE FROM vault_wrap WHERE team_id IS NOT NULL AND version = 1")
    assert definer.execute("SELECT rule FROM app.wraps_out_of_order()").fetchall() == [("armed_without_wrap",)]
    with cast.acting("boba") as boba:
        assert list_reachable(boba) == []  # what would not open is not offered
