"""Several requests at once: what may be done together, and what is left out and why."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.wording import one_stop
from cases.choices import RequestState, Risk
from cases.models import HelpRequest

ACKNOWLEDGE, ASSIGN = "acknowledge", "assign"

HAD_AN_ANSWER = {
    RequestState.ACKNOWLEDGED: _("Acknowledged already."),
    RequestState.AWAITING_PERSON: _("Acknowledged already; it waits for her answer."),
    RequestState.WAITING: _("Acknowledged already; she was promised a day."),
}


@dataclass
class Chosen:
    """A choice of requests, looked through."""

    fit: list[HelpRequest] = field(default_factory=list)
    left_out: list[tuple[HelpRequest, str | Promise]] = field(default_factory=list)


def look_through(requests: Iterable[HelpRequest], action: str) -> Chosen:
    """Whoever is urgent, under 18 or restricted is never dealt with in bulk, nor what somebody has meanwhile."""
    chosen = Chosen()
    for request in requests:
        why = _why_not(request, action)
        if why:
            chosen.left_out.append((request, why))
        else:
            chosen.fit.append(request)
    return chosen


def given_meanwhile(requests: Iterable[HelpRequest], free: Collection[str], to: User) -> str:
    """That some have somebody else now, of those that nobody had (`free`, by code) on the page where she pressed; or "". `to`: who gets them now."""
    theirs = [row for row in requests if row.code in free and row.is_open and row.assignee_id != to.pk]
    holders = [row.assignee for row in theirs if row.assignee]
    if not holders:
        return ""
    said = ngettext(
        "Meanwhile %(count)d of those that nobody had was given to somebody else, and stays with her: %(names)s.",
        "Meanwhile %(count)d of those that nobody had were given to somebody else, and stay there: %(names)s.",
        len(holders),
    )
    names = dict.fromkeys(person.display_name for person in holders)
    return one_stop(said % {"count": len(holders), "names": ", ".join(names)})


def _why_not(request: HelpRequest, action: str) -> str | Promise:
    if request.is_urgent or request.risk == Risk.IMMEDIATE:
        return _("Urgent: look at it by itself.")
    if request.concerns_minor:
        return _("Somebody under 18 is concerned: look at it by itself.")
    if request.restricted:
        return _("Restricted: look at it by itself.")
    if not request.is_open:
        return _("It has ended meanwhile.")
    if action == ACKNOWLEDGE and request.state != RequestState.NEW:
        return HAD_AN_ANSWER[RequestState(request.state)]
    if action == ASSIGN and request.assignee:
        return gettext("%(name)s has it already.") % {"name": request.assignee.display_name}
    return ""
