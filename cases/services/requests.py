"""Requests for help before they are a case."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action, Role
from accounts.crypto import new_readable_code, once
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases.access import OPEN_REQUESTS, current_team, request_code_of_form, require_role
from cases.choices import RequestState, Risk
from cases.models import HelpRequest, OpeningHours
from cases.services.clocks import respond_by
from cases.services.sealed import inbox

ENDINGS = (RequestState.INFORMATION_GIVEN, RequestState.NOT_ELIGIBLE, RequestState.SPAM, RequestState.WITHDRAWN)


@dataclass(frozen=True)
class NewRequest:
    """What is typed when somebody calls. `contacts` are sealed apart from the words."""

    nonce: UUID
    restricted: bool
    channel: str
    language: str
    about: str
    minor: str
    in_danger_now: bool
    thinks_of_ending_life: bool
    received_at: datetime
    words: str
    contacts: dict[str, str]
    offence_learned_on: date | None = None
    suspect_learned_on: date | None = None


def log_request(*, new: NewRequest, by: User) -> str:
    """Log a request for help; returns its code. The same form sent twice makes one request and one answer.

    Raises WrongState while no intake team exists: there is no key to seal it to.
    """
    require_role(by, Role.CASEWORKER)
    team = current_team(restricted=new.restricted)
    if team is None:
        raise WrongState(_("No intake team has been set up yet. Ask a caseworker to set it up under “Teams”."))
    pair = inbox.new_inbox()
    nonce = once(new.nonce, new.words, sorted(new.contacts.items()))
    for _attempt in range(5):
        known = request_code_of_form(nonce)
        if known is not None:
            return known
        request = _new_row(new, nonce, team, pair.public, by)
        with audit.unit() as entries:
            if insert_once(request):
                inbox.seal_request(request=request, words=new.words, contacts=new.contacts, inbox=pair, by=by)
                entries.record(Action.REQUEST_LOGGED, request.pk)
                return request.code
    raise WrongState(_("This could not be saved just now. Send it once more."))


def _new_row(new: NewRequest, nonce: UUID, team, inbox_public_key: bytes, by: User) -> HelpRequest:
    urgent = new.in_danger_now or new.thinks_of_ending_life
    hours = {row.weekday: (row.opens_at, row.closes_at) for row in OpeningHours.objects.all()}
    return HelpRequest(
        pk=uuid4(),
        code=new_readable_code(),
        nonce=nonce,
        team=team,
        restricted=new.restricted,
        channel=new.channel,
        language=new.language,
        about=new.about,
        minor=new.minor,
        in_danger_now=new.in_danger_now,
        thinks_of_ending_life=new.thinks_of_ending_life,
        received_at=new.received_at,
        respond_by=respond_by(
            received_at=new.received_at,
            risk=Risk.IMMEDIATE if urgent else Risk.UNKNOWN,
            hours=hours,
            zone=ZoneInfo(settings.TIME_ZONE),
        ),
        offence_learned_on=new.offence_learned_on,
        suspect_learned_on=new.suspect_learned_on,
        logged_by=by,
        inbox_public_key=inbox_public_key,
    )


def read_words(*, request: HelpRequest, by: User) -> str:
    """Her words, for a member of the team. Empty once the request is a case."""
    return inbox.open_request(request=request, fields=(inbox.WORDS,), by=by).get(inbox.WORDS, "")


def open_contacts(*, request: HelpRequest, by: User) -> dict[str, str]:
    """How she can be reached: an act of its own, always logged."""
    with audit.unit() as entries:
        opened = inbox.open_request(request=request, fields=(inbox.CONTACTS,), by=by)
        entries.record(Action.REQUEST_CONTACTS_OPENED, request.pk, detail="call")
    return opened.get(inbox.CONTACTS, {})


def acknowledge(*, request: HelpRequest, by: User) -> None:
    """Somebody has answered: the first-response clock stops. A second click changes nothing."""
    with audit.unit() as entries:
        changed = HelpRequest.objects.filter(pk=request.pk, state=RequestState.NEW).update(
            state=RequestState.ACKNOWLEDGED, acknowledged_at=timezone.now(), acknowledged_by=by
        )
        if changed:
            entries.record(Action.REQUEST_ACKNOWLEDGED, request.pk)


def end_request(*, request: HelpRequest, state: RequestState, by: User) -> None:
    """End a request that does not become a case. Raises WrongState when it has ended meanwhile."""
    if state not in ENDINGS:
        raise WrongState(_("Choose how this request ends."))
    with audit.unit() as entries:
        changed = HelpRequest.objects.filter(pk=request.pk, state__in=OPEN_REQUESTS).update(
            state=state, ended_at=timezone.now(), ended_by=by
        )
        if not changed:
            raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))
        entries.record(Action.REQUEST_ENDED, request.pk, detail=str(state))


def reopen_request(*, request: HelpRequest, by: User) -> None:
    """Undo a wrong ending. An accepted request stays accepted."""
    with audit.unit() as entries:
        changed = HelpRequest.objects.filter(pk=request.pk, state__in=ENDINGS).update(
            state=RequestState.NEW, acknowledged_at=None, acknowledged_by=None, ended_at=None, ended_by=None
        )
        if not changed:
            raise WrongState(_("This request cannot be opened again."))
        entries.record(Action.REQUEST_REOPENED, request.pk)
