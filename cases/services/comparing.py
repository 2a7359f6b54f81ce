"""Is it the same person? Compared by exact normalised values, among what the person who asks can open herself.

What she cannot open cannot be compared by anybody, so the page always says to ask who is on call.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accounts import audit
from accounts.choices import Action
from accounts.models import User
from cases.access import OPEN_REQUESTS
from cases.choices import CaseState, Purpose
from cases.models import Case, HelpRequest
from cases.services.conversation import read_conversation
from cases.services.sealed import content, inbox

AT_MOST = 200  # of each kind, the newest
HOME = "381"  # a number that begins with a single 0 is one of Serbia


@dataclass(frozen=True)
class Same:
    """Codes of what is possibly the same."""

    requests: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    compared: bool = True  # she left something to compare

    def __bool__(self) -> bool:
        return bool(self.requests or self.cases)


def normalised(contacts: Mapping[str, object]) -> frozenset[str]:
    """The exact values to compare: digits with country, e-mail and handles in lower case without @ or address."""
    found = read_conversation("\n".join(value for value in contacts.values() if isinstance(value, str)))
    return frozenset({_number(phone) for phone in found.phones} | {_handle(other) for other in found.others})


def _number(phone: str) -> str:
    digits = re.sub(r"\D", "", phone.replace("(0)", ""))
    if phone.strip().startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    return HOME + digits[1:] if digits.startswith("0") else digits


def _handle(other: str) -> str:
    if "/" in other:
        rest = other.rsplit("/", 1)[1].lstrip("+")
        return rest.lower()
    return other.lstrip("@").lower()


def compare(*, request: HelpRequest, by: User) -> Same:
    """Open requests of her teams and cases whose reach she holds, compared with this request. Logged once."""
    with audit.unit() as entries:
        own = inbox.open_request(request=request, fields=(inbox.CONTACTS,), by=by).get(inbox.CONTACTS, {})
        entries.record(Action.REQUEST_COMPARED, request.pk)
        wanted = normalised(own)
        if not wanted:
            return Same(compared=False)
        return Same(_requests(request, wanted, by), _cases(wanted, by))


def _requests(request: HelpRequest, wanted: frozenset[str], by: User) -> tuple[str, ...]:
    others = HelpRequest.objects.visible_to(by).filter(state__in=OPEN_REQUESTS).exclude(pk=request.pk)
    codes = {other.pk: other for other in others.select_related("team").order_by("-received_at")[:AT_MOST]}
    opened = inbox.open_contacts_of_many(requests=codes.values(), by=by)
    return tuple(sorted(codes[pk].code for pk, contacts in opened.items() if wanted & normalised(contacts)))


def _cases(wanted: frozenset[str], by: User) -> tuple[str, ...]:
    cases = Case.objects.visible_to(by).filter(state=CaseState.OPEN).order_by("-opened_at")[:AT_MOST]
    codes = {case.pk: case.code for case in cases}
    opened = content.read_fields(field="case.reach", records={pk: pk for pk in codes}, by=by, purpose=Purpose.REACH)
    return tuple(sorted(codes[pk] for pk, contacts in opened.items() if wanted & normalised(contacts)))
