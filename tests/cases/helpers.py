"""Requests and cases for tests, made by the real services."""

from uuid import uuid4

from django.utils import timezone

from cases.access import get_case, get_request
from cases.choices import CaseRole
from cases.models import Assignment, Case
from cases.services.accept import accept_request
from cases.services.assignment import answer_offer, offer_assignment
from cases.services.requests import NewRequest, log_request
from tests.cast import Cast

WORDS = "They put my pictures into the group again. My name is Milica Petrović."
CONTACTS = {"phone": "+381601234567", "safe_hours": "after nine", "neutral_word": "library"}


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
        offer_assignment(case=get_case(by, code).case, person=getattr(cast, name), role=role, by=by)
    with cast.acting(name) as by:
        answer_offer(assignment_id=Assignment.objects.get(user=by, state="offered").pk, accepts=True, by=by)


def case_of(code: str) -> Case:
    return Case.objects.get(code=code)
