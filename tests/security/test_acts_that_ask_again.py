"""Giving a key, keeping somebody out, protecting and agreeing as a second person ask for the second factor again."""

import pytest

from accounts.exceptions import StepUpNeeded
from cases.access import get_request, grants
from cases.access import walls as kept
from cases.codes import ApprovalKind
from cases.models import Approval, HelpRequest
from cases.services import grants as service
from cases.services import protection, walls
from cases.services.approvals import answer_approval, ask_approval
from tests.cases.helpers import log
from tests.security.attack import plant, rewritten
from tests.security.granting import approve, ask, case_with_a_card, consent_of, granted, on_the_case, state

LONG_AGO = "UPDATE accounts_session SET stepped_up_at = clock_timestamp() - interval '301 seconds'"
A_MOMENT_AGO = "UPDATE accounts_session SET stepped_up_at = clock_timestamp() - interval '299 seconds'"
ASKS = "IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;"
PLAIN = {"reason": "knows", "text": ""}


@pytest.fixture
def code(cast):
    return case_with_a_card(cast)


def agree_to_a_grant(cast, code):
    grant = ask(cast, code)
    return lambda: approve(cast, code, grant)


def confirm_representation(cast, code):
    grant = granted(cast, code, kind="representation")

    def confirm():
        with on_the_case(cast, "ana", code) as (ana, opened):
            service.confirm_grant(grant=grants.get_grant(opened, grant), by=ana)

    return confirm


def keep_out(cast, code):
    def act():
        with on_the_case(cast, "ana", code) as (ana, opened):
            walls.keep_out(case=opened.case, person=cast.ceca, second=False, by=ana, **PLAIN)

    return act


def protect(cast, code):
    def act():
        with on_the_case(cast, "ana", code) as (ana, opened):
            protection.protect_case(case=opened.case, by=ana)

    return act


def agree_as_a_second_person(cast, code):
    plant("UPDATE cases_case SET minor = 'now'")
    with on_the_case(cast, "ana", code) as (ana, opened):
        ask_approval(case=opened.case, kind=ApprovalKind.CLEAR_MINOR, detail="no", reason="Born 1999.", by=ana)

    def act():
        with on_the_case(cast, "boba", code) as (boba, opened):
            found = Approval.objects.select_related("case").get(case=opened.case)
            answer_approval(approval=found, approves=True, by=boba)

    return act


ACTS = {
    "grant_approve": agree_to_a_grant,
    "grant_confirm": confirm_representation,
    "wall_case_set": keep_out,
    "case_protect": protect,
    "approval_answer": agree_as_a_second_person,
}


@pytest.mark.parametrize("function", ACTS)
def test_it_asks_again_after_five_minutes(cast, code, function):
    act = ACTS[function](cast, code)
    plant(LONG_AGO)
    with pytest.raises(StepUpNeeded):
        act()
    asks = ASKS if function != "grant_confirm" else "AND NOT app.stepped_up()"
    if function == "approval_answer":
        asks = "approves AND NOT app.stepped_up()"
    with rewritten(function, asks, "" if asks == ASKS else "AND false" if function == "grant_confirm" else "false"):
        act()


@pytest.mark.parametrize("function", ACTS)
def test_within_five_minutes_it_does_not(cast, code, function):
    act = ACTS[function](cast, code)
    plant(A_MOMENT_AGO)
    act()


def test_to_refuse_asks_nothing(cast, code, definer):
    agree_as_a_second_person(cast, code)
    plant(LONG_AGO)
    with on_the_case(cast, "boba", code) as (boba, opened):
        found = Approval.objects.select_related("case").get(case=opened.case)
        answer_approval(approval=found, approves=False, by=boba)
    assert definer.execute("SELECT state FROM cases_approval").fetchone() == ("refused",)


def test_the_page_leads_to_confirm_it_is_you_and_keeps_what_was_chosen(cast, code, definer):
    grant = ask(cast, code)
    client = cast.client("ana")
    plant(LONG_AGO)
    typed = {"consent": str(consent_of(cast, code).pk), "hours": "24"}
    answer = client.post(f"/cases/{code}/identity/for/{grant}/approve", typed)
    assert answer.status_code == 401
    assert "Confirm it is you" in answer.content.decode()
    assert state(definer, grant)[0] == "asked"


def test_a_wall_on_a_request_is_lifted_by_two_and_the_second_one_confirms(cast):
    cast.intake()
    code = log(cast)
    with cast.acting("ana") as ana:
        walls.keep_out_of_request(request=get_request(ana, code), person=cast.ceca, by=ana, reason="knows", text="")
    clients = [cast.client("ana"), cast.client("boba")]
    with cast.acting("ana"):
        (wall,) = kept.list_walls(HelpRequest.objects.get(code=code).pk)
    plant(LONG_AGO)
    address = f"/requests/{code}/walls/{wall.id}/lift"
    assert [client.post(address).status_code for client in clients] == [302, 401]
    with rewritten("wall_request_lift", ASKS, ""):
        assert clients[1].post(address).status_code == 302
