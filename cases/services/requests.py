"""Logging a request for help, and opening what was sealed with it. What happens to it next: answering.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action, Role
from accounts.crypto import new_readable_code, once
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases import knowledge
from cases.access import current_team, request_code_of_form, require_role
from cases.choices import Risk
from cases.codes import ConsentBy, ConsentHow, ConsentPurpose
from cases.models import Consent, ContactAttempt, HelpRequest
from cases.services import opening_hours, walls
from cases.services.sealed import inbox

CONTACT_FIELDS = ("phone", "other_contact", "safe_hours", "neutral_word", "who_else_reads")
WAYS = ("phone", "other_contact")  # without one of these nobody can call her


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
    consent: str = "not_asked"  # that we work with her: yes, guardian, no, or nobody has asked
    protected: bool = False
    must_not_see: tuple[UUID, ...] = ()  # whom she names among those who work here
    wall_text: str = ""


def log_request(*, new: NewRequest, by: User) -> str:
    """Log a request for help; returns its code. The same form sent twice makes one request and one answer.

    Raises WrongState while no intake team exists, and where nobody would be left who may read it.
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
            if _insert(request, new, entries, by):
                inbox.seal_request(request=request, words=new.words, contacts=new.contacts, inbox=pair, by=by)
                note_consent(request=request, said=new.consent, by=by)
                entries.record(Action.REQUEST_LOGGED, request.pk)
                return request.code
    raise WrongState(_("This could not be saved just now. Send it once more."))


def _insert(request: HelpRequest, new: NewRequest, entries: audit.Entries, by: User) -> bool:
    """Insert it, after the walls: the first alert goes out at once. False, and no wall, where its code or form is taken."""
    if not new.must_not_see:
        return insert_once(request)
    try:
        with transaction.atomic():
            ids = walls.first_walls(request=request, people=list(new.must_not_see), by=by)
            if not insert_once(request):
                raise _Taken
    except _Taken:
        return False
    for wall in ids:
        if new.wall_text:
            inbox.seal_beside(request=request, record_id=wall, field=inbox.WALL, value=new.wall_text, by=by)
        entries.record(Action.WALL_SET, wall)
    return True


class _Taken(Exception):
    """The code is somebody else's, or the form was sent before."""


def _new_row(new: NewRequest, nonce: UUID, team, inbox_public_key: bytes, by: User) -> HelpRequest:
    urgent = new.in_danger_now or new.thinks_of_ending_life
    risk = Risk.IMMEDIATE if urgent else Risk.UNKNOWN
    return HelpRequest(
        pk=uuid4(),
        code=new_readable_code(),
        nonce=nonce,
        team=team,
        restricted=new.restricted,
        protected=new.protected,
        channel=new.channel,
        language=new.language,
        about=new.about,
        minor=new.minor,
        in_danger_now=new.in_danger_now,
        thinks_of_ending_life=new.thinks_of_ending_life,
        received_at=new.received_at,
        risk=risk,
        respond_by=opening_hours.respond_by(received_at=new.received_at, risk=risk),
        offence_learned_on=new.offence_learned_on,
        suspect_learned_on=new.suspect_learned_on,
        logged_by=by,
        inbox_public_key=inbox_public_key,
    )


def note_consent(*, request: HelpRequest, said: str, by: User) -> None:
    """What she said about our working with her. Where nobody asked, there is nothing to note."""
    if said == "not_asked":
        return
    Consent(
        request=request,
        purpose=ConsentPurpose.SERVICES,
        given=said != "no",
        how=ConsentHow.SPOKEN,
        given_by=ConsentBy.GUARDIAN if said == "guardian" else ConsentBy.HERSELF,
        language=request.language,
        text_version=knowledge.consents().purpose(ConsentPurpose.SERVICES).version,
        noted_at=timezone.now(),
        noted_by=by,
    ).save(force_insert=True)


@dataclass(frozen=True)
class Opened:
    """What a member of the team reads on the page of a request."""

    words: str
    answers: dict[str, str]  # of the risk screen
    referral: str
    reachable: bool  # whether she left a number or an address; which one is opened apart


def read(*, request: HelpRequest, by: User) -> Opened:
    """Her words, the answers about risk, and where she was referred to. Empty once the request is a case."""
    fields = (inbox.WORDS, inbox.RISK, inbox.REFERRAL, inbox.CONTACTS)
    opened = inbox.open_request(request=request, fields=fields, by=by)
    return Opened(
        opened.get(inbox.WORDS, ""),
        opened.get(inbox.RISK, {}),
        opened.get(inbox.REFERRAL, ""),
        can_be_called(opened.get(inbox.CONTACTS, {})),
    )


def can_be_called(contacts: Mapping[str, str]) -> bool:
    return any(contacts.get(name) for name in WAYS)


def open_contacts(*, request: HelpRequest, by: User) -> dict[str, str]:
    """How she can be reached. A contact attempt begins, once until it has ended; every opening is logged.

    Raises WrongState where she left no way to reach her: then nobody calls.
    """
    with audit.unit() as entries:
        opened = inbox.open_request(request=request, fields=(inbox.CONTACTS,), by=by)
        if not can_be_called(opened.get(inbox.CONTACTS, {})):
            raise WrongState(_("She left no number and no address. Add one as soon as you know it."))
        insert_once(ContactAttempt(request=request, begun_at=timezone.now(), begun_by=by))
        entries.record(Action.REQUEST_CONTACTS_OPENED, request.pk, detail="call")
    return opened.get(inbox.CONTACTS, {})


def end_call(*, request: HelpRequest, result: str, by: User) -> None:
    """How the attempt to reach her ended. A second click changes nothing."""
    with audit.unit() as entries:
        attempts = ContactAttempt.objects.filter(request=request, begun_by=by, ended_at__isnull=True)
        if attempts.update(ended_at=timezone.now(), result=result):
            entries.record(Action.REQUEST_CALL_ENDED, request.pk, detail=result)
