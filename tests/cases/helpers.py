"""Requests and cases for tests, made by the real services."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from accounts.models import User
from cases.access import get_case, get_request
from cases.choices import CaseRole
from cases.codes import ArmReason, FileKind
from cases.models import ArmedReach, Case, Consent, Incident, RiskAssessment
from cases.services import approvals, arming, closing, consents, duty, facts, incidents, links
from cases.services.accept import accept_request
from cases.services.assignment import answer_offer, offer_assignment
from cases.services.files import Upload
from cases.services.requests import NewRequest, log_request
from cases.services.slips import Slip, answer_slip
from tests.cast import Cast

WORDS = "They put my pictures into the group again. My name is Milica Petrović."
SLIP = Slip(names="Petar Nikolić", town="Novi Sad")
CONTACTS = {"phone": "+381601234567", "safe_hours": "after nine", "neutral_word": "library"}
# What the five core questions of the risk screen are answered with: immediate risk.
CORE_ANSWERS = {"sc1": "yes", "ag1": "no", "su2": "no", "ph2": "yes", "ph3": "yes"}


def new_request(**changes) -> NewRequest:
    values = {
        "nonce": uuid4(),
        "restricted": False,
        "channel": "phone",
        "language": "sr",
        "about": "self",
        "minor": "no",
        "in_danger_now": False,
        "thinks_of_ending_life": False,
        "received_at": timezone.now(),
        "words": WORDS,
        "contacts": CONTACTS,
    }
    return NewRequest(**{**values, **changes})


def log(cast: Cast, by: str = "ceca", **changes) -> str:
    with cast.acting(by) as person:
        return log_request(new=new_request(**changes), by=person)


def open_case(cast: Cast, lead: str = "ana", **changes) -> str:
    """A case led by `lead`; returns its code."""
    code = log(cast, **changes)
    with cast.acting(lead) as by:
        case = accept_request(
            request=get_request(by, code), title="Group", looked_through="Pictures traded again.", by=by
        )
        return case.code


def assign(
    cast: Cast, code: str, name: str, role: str = CaseRole.LAWYER, lead: str = "ana", voucher: str = "boba"
) -> None:
    """Bring somebody onto a case, vouched for, asked and accepted. `voucher=""`: somebody has vouched already."""
    if voucher:
        cast.vouch(voucher, name)
    with cast.acting(lead) as by:
        slip = SLIP if role == CaseRole.LAWYER else None
        case = get_case(by, code).case
        offered = offer_assignment(case=case, person=getattr(cast, name), role=role, slip=slip, by=by).pk
    with cast.acting(name) as by:
        if role == CaseRole.LAWYER:
            answer_slip(assignment_id=offered, clear=True, by=by)
        answer_offer(assignment_id=offered, accepts=True, by=by)


def agree(case: Case, purpose: str, *, by: User, how: str = "spoken", given: bool = True, **more: Any) -> UUID:
    """Note that she agreed to one purpose; returns the consent."""
    values = {"given_by": "self", "language": "sr", "recipient": "", **more}
    new = consents.NewConsent(nonce=uuid4(), purpose=purpose, given=given, how=how, **values)
    consents.note_consent(case=case, new=new, by=by)
    return Consent.objects.filter(case=case, purpose=purpose).latest("noted_at").pk


def upload(**changes) -> Upload:
    """A short text file."""
    values = {
        "nonce": uuid4(),
        "kind": FileKind.CORRESPONDENCE,
        "name": "letter.txt",
        "data": b"Dear employer",
        "description": "Letter to the employer",
    }
    return Upload(**{**values, **changes})


def request_state(definer: Any, code: str) -> str:
    """The state that stands in the database, whoever looks."""
    return definer.execute("SELECT state FROM cases_helprequest WHERE code = %s", [code]).fetchone()[0]


def case_of(code: str) -> Case:
    return Case.objects.get(code=code)


def on_call(cast: Cast, name: str, second: str = "") -> None:
    """A shift that runs now."""
    person, other = getattr(cast, name), getattr(cast, second) if second else None
    with cast.acting("koka") as koka:
        now = timezone.now()
        starts, ends = now - timedelta(hours=1), now + timedelta(hours=8)
        duty.add_shifts(shifts=[duty.Planned(starts, ends, person, other)], by=koka)


def arm(cast: Cast, code: str, by: str = "ana") -> UUID:
    """Let whoever is on call reach her; returns the id."""
    with cast.acting(by) as holder:
        case = get_case(holder, code).case
        arming.arm(case=case, reason=ArmReason.HER_WISH, until=timezone.now() + timedelta(hours=2), by=holder)
        return ArmedReach.objects.get(case=case, disarmed_at__isnull=True).pk


def armed_for(cast: Cast, code: str, name: str) -> UUID:
    """Somebody on call who has begun to call her; returns the attempt."""
    on_call(cast, name)
    armed_id = arm(cast, code)
    with cast.acting(name) as caller:
        return arming.begin_call(armed_id=armed_id, by=caller)


def rate(cast: Cast, code: str, level: str, by: str = "ana") -> UUID:
    """Write a rating of risk; returns its id."""
    with cast.acting(by) as person:
        now = timezone.now()
        row = RiskAssessment(
            pk=uuid4(),
            case=get_case(person, code).case,
            nonce=uuid4(),
            level=level,
            assessed_at=now,
            assessed_by=person,
            reassess_at=now + timedelta(days=7),
        )
        row.save(force_insert=True)
        return row.pk


def record_of(cast: Cast, code: str) -> dict[str, object]:
    """What a case of Ana's knows: an incident, texts, an open question; and a case that is closed."""
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        codes = {"types": ["image_shared", "threat_to_share"], "platforms": ["telegram"], "relation": "former_partner"}
        incidents.write_incident(case=case, nonce=uuid4(), codes=codes, text="In a group.", names="A handle", by=ana)
        links.add_country(case=case, country="BA", entity="FBIH", reason="lives", by=ana)
        facts.add_told(case=case, line="How she found the pictures", by=ana)
        facts.set_minor(case=case, flag="now", reason="", by=ana)
        asked = approvals.ask_approval(case=case, kind="clear_minor", detail="no", reason="Born 1999.", by=ana)
        incident = Incident.objects.get().pk
    closed = open_case(cast)
    rate(cast, closed, "standard")
    with cast.acting("ana") as ana:
        shut = {"state": "closed", "reason": "needs_met", "outcome": "none", "text": "All is done."}
        closing.close_case(case=get_case(ana, closed).case, by=ana, **shut)
    return {"incident": incident, "approval": asked.pk, "closed": closed}


def reminded_today() -> date:
    """The day whose morning reminder has come and not that of the day after: before seven it is still yesterday."""
    return (timezone.localtime() - timedelta(hours=7)).date()


def looking(cast: Cast, name: str, code: str) -> Client:
    """A browser in which she has opened the identity card of a case: it is open in that session."""
    client = cast.client(name)
    answer = client.post(f"/cases/{code}/identity/open", {"reason": "contact"})
    assert answer.status_code == 302, answer.content[:500]
    return client
