"""Is it the same person? Compared by exact normalised values, among what the person who asks can open herself.

What she cannot open cannot be compared by anybody, so the page always says to ask who is on call.
"""

from dataclasses import dataclass
from uuid import UUID

from accounts import audit
from accounts.choices import Action
from accounts.models import User
from cases.access import OPEN_REQUESTS
from cases.choices import CaseState, Purpose
from cases.models import Case, HelpRequest
from cases.services import held
from cases.services.matching import normalised
from cases.services.sealed import content, inbox

AT_MOST = 200  # of each kind, the newest


@dataclass(frozen=True)
class Same:
    """Codes of what is possibly the same."""

    requests: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    compared: bool = True  # she left something to compare
    identities: bool = True  # cards that she may open were compared, too; not beyond a number a day

    def __bool__(self) -> bool:
        return bool(self.requests or self.cases)


def compare(*, request: HelpRequest, by: User) -> Same:
    """Open requests of her teams, cases whose reach she holds and identity cards, compared with this request."""
    with audit.unit() as entries:
        own = inbox.open_request(request=request, fields=(inbox.CONTACTS,), by=by).get(inbox.CONTACTS, {})
        entries.record(Action.REQUEST_COMPARED, request.pk)
        wanted = normalised(own)
        by_card = held.same_as(request=request, contacts=own, by=by)
        if not wanted and not by_card:
            return Same(compared=False, identities=by_card is not None)
        cases = _cases(wanted, by_card or frozenset(), by)
        return Same(_requests(request, wanted, by), cases, identities=by_card is not None)


def _requests(request: HelpRequest, wanted: frozenset[str], by: User) -> tuple[str, ...]:
    others = HelpRequest.objects.visible_to(by).filter(state__in=OPEN_REQUESTS).exclude(pk=request.pk)
    codes = {other.pk: other for other in others.select_related("team").order_by("-received_at")[:AT_MOST]}
    opened = inbox.open_contacts_of_many(requests=codes.values(), by=by)
    return tuple(sorted(codes[pk].code for pk, contacts in opened.items() if wanted & normalised(contacts)))


def _cases(wanted: frozenset[str], by_card: frozenset[UUID], by: User) -> tuple[str, ...]:
    """Codes of open cases with the same way to reach her, and of all cases whose card says the same."""
    cases = Case.objects.visible_to(by).filter(state=CaseState.OPEN).order_by("-opened_at")[:AT_MOST]
    codes = {case.pk: case.code for case in cases}
    opened = content.read_fields(field="case.reach", records={pk: pk for pk in codes}, by=by, purpose=Purpose.REACH)
    found = {codes[pk] for pk, contacts in opened.items() if wanted & normalised(contacts)}
    found |= (
        set(Case.objects.visible_to(by).filter(pk__in=by_card).values_list("code", flat=True)) if by_card else set()
    )
    return tuple(sorted(found))
