"""What ends and begins again: the second time it works as the first time, and no key is left behind or missing."""

from uuid import uuid4

import pytest
from django.http import Http404

from cases.access import get_case
from cases.access.walls import list_walls
from cases.choices import CaseRole, CaseState, Purpose
from cases.compartments import GrantState
from cases.models import Assignment, Consent
from cases.services import approvals, casework, closing, consents, protection, walls
from cases.services import grants as service
from cases.services.assignment import end_assignment, hand_over_lead
from cases.services.sealed import content
from cases.vault.models import Sealed
from tests.cases.helpers import agree, assign
from tests.security.granting import act, approve, ask, case_with_a_card, granted, look, names
from tests.security.test_identity import NAME

NOTE = "note.text"
TWICE = range(2)


@pytest.fixture
def code(cast):
    return case_with_a_card(cast)


@pytest.fixture(autouse=True)
def in_order(definer):
    yield
    assert definer.execute("SELECT rule FROM app.wraps_out_of_order()").fetchall() == []


def note(cast, code: str, text: str, by: str = "ana") -> None:
    with cast.acting(by) as person:
        casework.write_note(case=get_case(person, code).case, nonce=uuid4(), type="case_note", text=text, by=person)


def notes(cast, code: str, by: str) -> set[str]:
    """Every note that she can open."""
    with cast.acting(by) as person:
        case = get_case(person, code).case
        records = Sealed.objects.filter(case_id=case.pk, field=NOTE).values_list("record_id", flat=True)
        found = content.read(case_id=case.pk, record_ids=records, purpose=Purpose.CONTENT, by=person)
        return {value for (_record, field), value in found.items() if field == NOTE}


def end(cast, code: str, name: str, by: str = "ana") -> None:
    with cast.acting(by) as person:
        row = Assignment.objects.select_related("case").get(case__code=code, user=getattr(cast, name), state="live")
        end_assignment(assignment=row, reason="work_done", by=person)


def answered(cast, approval, by: str = "boba") -> None:
    with cast.acting(by) as person:
        approvals.answer_approval(approval=approval, approves=True, by=person)


def test_a_lawyer_who_comes_back_reads_what_was_written_before_and_meanwhile(cast, code):
    written = set()
    for time in TWICE:
        for text in (f"while she is there {time}", f"while she is away {time}"):
            if "away" in text:
                end(cast, code, "lana")
            note(cast, code, text)
            written.add(text)
        assign(cast, code, "lana", voucher="")
        assert notes(cast, code, "lana") == written


def test_a_grant_that_ended_is_given_again(cast, code, definer):
    for _time in TWICE:
        grant = granted(cast, code)
        look(cast, code)
        assert names(cast, code) == [NAME["value"]]
        act(cast, code, grant, service.end_grant, "boba")
        assert definer.execute(
            "SELECT count(*) FROM vault_wrap WHERE purpose = 'identity' AND user_id = %s", [cast.lana.pk]
        ).fetchone() == (0,)


def test_an_agreement_that_she_took_back_and_gave_anew_lets_the_lawyer_look(cast, code):
    for _time in TWICE:
        granted(cast, code)
        look(cast, code)
        assert names(cast, code) == [NAME["value"]]
        with cast.acting("ana") as ana:
            case = get_case(ana, code).case
            for consent in Consent.objects.filter(
                case=case, purpose="representation", given=True, withdrawn_at__isnull=True
            ):
                consents.withdraw_consent(consent=consent, by=ana)
            agree(case, "representation", recipient="Lana", by=ana)


def test_a_case_is_protected_unmarked_and_protected_again(cast, code, definer):
    for time in TWICE:
        with cast.acting("ana") as ana:
            protection.protect_case(case=get_case(ana, code).case, by=ana)
        note(cast, code, f"protected {time}", by="boba")
        assert ask_and_two_approve(cast, code) == GrantState.ACTIVE
        with cast.acting("ana") as ana:
            asked = protection.ask_to_unprotect(case=get_case(ana, code).case, text="Over.", by=ana)
        answered(cast, asked)
        assert definer.execute("SELECT compartment FROM cases_case").fetchone() == ("standard",)
        assert notes(cast, code, "lana") == {f"protected {number}" for number in range(time + 1)}


def ask_and_two_approve(cast, code: str) -> str:
    """A grant on a protected case; ended again, so that the next can be asked for."""
    grant = ask(cast, code)
    approve(cast, code, grant)
    state = approve(cast, code, grant, "boba")
    look(cast, code)
    assert names(cast, code) == [NAME["value"]]
    act(cast, code, grant, service.end_grant, "ana")
    return state


def test_a_wall_is_lifted_set_again_and_lifted_again(cast, code):
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    for time in TWICE:
        with cast.acting("ana") as ana:
            case = get_case(ana, code).case
            walls.keep_out(case=case, person=cast.ceca, reason="named", text="", second=False, by=ana)
        note(cast, code, f"behind the wall {time}")
        cast.again("ceca")
        with cast.acting("ceca") as ceca, pytest.raises(Http404):
            get_case(ceca, code)
        with cast.acting("ana") as ana:
            asked = walls.ask_to_lift(case=case, wall=list_walls(case.pk)[0], text="An error.", by=ana)
        answered(cast, asked)
        assign(cast, code, "ceca", CaseRole.CASEWORKER, voucher="")
        assert notes(cast, code, "ceca") == {f"behind the wall {number}" for number in range(time + 1)}


def test_the_lead_goes_to_the_backup_and_comes_back_twice(cast, code):
    for _time in TWICE:
        for leads, takes in (("ana", "boba"), ("boba", "ana")):
            with cast.acting(leads) as lead:
                row = Assignment.objects.select_related("case").get(
                    case__code=code, user=getattr(cast, takes), state="live"
                )
                hand_over_lead(assignment=row, by=lead)
            note(cast, code, f"written by {takes}", by=takes)
    assert notes(cast, code, "boba") == {"written by ana", "written by boba"}


def test_a_case_is_closed_and_reopened_twice(cast, code):
    shut = {"state": CaseState.CLOSED, "reason": "needs_met", "outcome": "none", "text": "All is done."}
    for time in TWICE:
        with cast.acting("ana") as ana:
            closing.close_case(case=get_case(ana, code).case, by=ana, **shut)
            closing.reopen_case(case=get_case(ana, code).case, text="She called again.", nonce=uuid4(), by=ana)
        note(cast, code, f"open again {time}", by="lana")
        assert notes(cast, code, "boba") >= {f"open again {number}" for number in range(time + 1)}
