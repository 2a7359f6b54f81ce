"""A request is completed: her answer as a further piece of words, and what was wrong or missing is put right.

Older versions stay sealed to the team. What was changed by whom is kept beside it, until the request is a case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases.access import OPEN_REQUESTS
from cases.access.queue import list_consents
from cases.choices import MinorFlag, Risk
from cases.codes import ConsentBy, ConsentPurpose
from cases.models import HelpRequest
from cases.services import opening_hours
from cases.services.request_risk import URGENT
from cases.services.requests import CONTACT_FIELDS, note_consent
from cases.services.sealed import inbox

FACTS = (
    "about",
    "language",
    "minor",
    "in_danger_now",
    "thinks_of_ending_life",
    "offence_learned_on",
    "suspect_learned_on",
)
URGENT_FACTS = {"in_danger_now", "thinks_of_ending_life"}
NOT_ASKED = "not_asked"


class ChangedMeanwhile(WrongState):
    """Somebody else changed the same lines. `now`: what stands in them."""

    def __init__(self, now: dict[str, Any]) -> None:
        super().__init__(_("Somebody has changed this meanwhile. Look at it again; what you typed is still here."))
        self.now = now


@dataclass(frozen=True)
class Change:
    """What she typed. `lines`: name -> (what she had before her, what she wants there)."""

    words: str  # a further piece
    seen_words: int
    lines: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Standing:
    """What stands on a request now: a value a line, and the revision of her words."""

    lines: dict[str, Any]
    words: str
    revision: int


def read_to_change(*, request: HelpRequest, by: User) -> Standing:
    """What stands there, with how she can be reached, for whoever corrects it; logged."""
    with audit.unit() as entries:
        standing = _standing(request, by)
        entries.record(Action.REQUEST_CONTACTS_OPENED, request.pk, detail="change")
    return standing


def change_request(*, request: HelpRequest, change: Change, by: User) -> bool:
    """Add a piece to her words and set lines anew; whether anything was changed. The same form sent twice changes once.

    A line that somebody else changed meanwhile is not overwritten. Raises ChangedMeanwhile, WrongState (it is a case or
    has ended; what protects her is not eased here), NotAllowed, KeySwapped.
    """
    if not change.lines.keys() <= {*CONTACT_FIELDS, *FACTS, "consent"}:
        raise NotAllowed
    with audit.unit() as entries:
        current = _locked(request)
        now = _standing(current, by)
        met = {name: now.lines[name] for name, pair in change.lines.items() if now.lines[name] not in pair}
        if met:
            raise ChangedMeanwhile(met)
        new = {name: wanted for name, (_before, wanted) in change.lines.items() if now.lines[name] != wanted}
        told = [
            *_add_words(current, change, now, by),
            *_set_contacts(current, now, new, by),
            *_set_facts(current, now, new),
        ]
        if "consent" in new:
            note_consent(request=current, said=new["consent"], by=by)
            told.append(f"consent:{now.lines['consent']}:{new['consent']}")
        if told:
            inbox.revise_request(request=current, field=inbox.CHANGES, value=told, by=by)
            entries.record(Action.REQUEST_CHANGED, request.pk)
    return bool(told)


def _locked(request: HelpRequest) -> HelpRequest:
    open_ = HelpRequest.objects.select_for_update(of=("self",)).select_related("team")
    current = open_.filter(pk=request.pk, state__in=OPEN_REQUESTS).first()
    if current is None:
        raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))
    return current


def _standing(request: HelpRequest, by: User) -> Standing:
    opened = inbox.open_request(request=request, fields=(inbox.WORDS, inbox.CONTACTS), by=by)
    contacts = opened.get(inbox.CONTACTS, {})
    lines = {name: contacts.get(name, "") for name in CONTACT_FIELDS}
    lines |= {name: getattr(request, name) for name in FACTS}
    lines["consent"] = said_now(request)
    return Standing(lines, opened.get(inbox.WORDS, ""), inbox.revision_of(request=request, field=inbox.WORDS))


def said_now(request: HelpRequest) -> str:
    """What she said last about our working with her, as the form has it."""
    asked = [row for row in list_consents(request) if row.purpose == ConsentPurpose.SERVICES]
    if not asked:
        return NOT_ASKED
    if not asked[-1].given:
        return "no"
    return "guardian" if asked[-1].given_by == ConsentBy.GUARDIAN else "yes"


def _add_words(request: HelpRequest, change: Change, now: Standing, by: User) -> list[str]:
    """A further piece under the moment at which it was noted; one that stands there already came with a second click."""
    piece = change.words.replace("\r\n", "\n")
    if not piece or (now.revision > change.seen_words and now.words.endswith(f"]\n{piece}")):
        return []
    words = f"{now.words}\n\n[{timezone.localtime():%d.%m.%Y %H:%M}]\n{piece}"
    inbox.revise_request(request=request, field=inbox.WORDS, value=words, by=by)
    return ["words"]


def _set_contacts(request: HelpRequest, now: Standing, new: dict[str, Any], by: User) -> list[str]:
    if not new.keys() & set(CONTACT_FIELDS):
        return []
    lines = {name: new.get(name, now.lines[name]) for name in CONTACT_FIELDS}
    contacts = {name: value for name, value in lines.items() if value}
    inbox.revise_request(request=request, field=inbox.CONTACTS, value=contacts, by=by)
    return ["contacts"]


def _set_facts(request: HelpRequest, now: Standing, new: dict[str, Any]) -> list[str]:
    """The coded columns. Urgent makes the clock run faster at once; nothing that protects her is eased."""
    facts = {name: value for name, value in new.items() if name in FACTS}
    if not facts:
        return []
    if request.concerns_minor and facts.get("minor", MinorFlag.NOW) not in {MinorFlag.NOW, MinorFlag.MATERIAL}:
        raise WrongState(_eased())
    for name, value in facts.items():
        if value is False and getattr(request, name) is True:
            raise WrongState(_eased())
        setattr(request, name, value)
    if request.is_urgent and request.risk != Risk.IMMEDIATE:
        sooner = opening_hours.respond_by(received_at=request.received_at, risk=Risk.IMMEDIATE)
        request.risk, request.respond_by = Risk.IMMEDIATE, min(request.respond_by, sooner)
    request.save(update_fields=[*facts, "risk", "respond_by"])
    told = [f"{name}:{_code(now.lines[name])}:{_code(value)}" for name, value in facts.items()]
    return [*told, *([URGENT] if facts.keys() & URGENT_FACTS else [])]


def _eased() -> str:
    return _("What protects her is not eased on a request. Once it is a case, two people can.")


def _code(value: Any) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Changed:
    """One change: when, by whom, and what, as codes `name` or `name:old:new`."""

    at: datetime
    by: str
    told: list[str]


def list_changes(*, request: HelpRequest, by: User) -> list[Changed]:
    """What was added or corrected since it was logged, newest first. Nothing any more once it is a case."""
    found = inbox.versions_of(request=request, field=inbox.CHANGES, by=by)
    return [Changed(one.written_at, one.written_by, one.value) for one in found]
