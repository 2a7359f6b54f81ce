"""A request becomes a case: keys are made, everything is filed anew under them, the team's copy is deleted."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.access import intake_ready
from accounts.choices import Action
from accounts.crypto import new_readable_code
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases.choices import Compartment, Purpose, Risk
from cases.codes import CheckItem, TaskKind
from cases.compartments import SEALED_FACTS, Certainty, EntryKind
from cases.knowledge.risk import reassess_at
from cases.models import Case, CaseCheck, HelpRequest, RiskAssessment
from cases.services import identity, matching, tasks, walls
from cases.services.request_risk import assessed
from cases.services.sealed import content, inbox, keys

# Accepted first, completed after: what is due when, in days.
CHECKS = {
    CheckItem.DUPLICATES: 1,
    CheckItem.CONFLICT: 2,
    CheckItem.ELIGIBILITY: 2,
    CheckItem.CONSENT: 7,
    CheckItem.BACKUP: 7,
}


@dataclass(frozen=True)
class Card:
    """What goes onto the identity card at once: nobody types it twice."""

    name: str = ""
    contacts: bool = False


NO_CARD = Card()


def accept_request(*, request: HelpRequest, title: str, looked_through: str, card: Card = NO_CARD, by: User) -> Case:
    """Accept a request as a case that `by` leads.

    `looked_through` is the version of her words without names, which everybody on the case may read (content); the
    original goes under the identity key, her contacts and the inbox under the reach key. `card` comes before the texts,
    so that they are compared with it.
    Raises WrongState when somebody was first or intake is not ready, NotAllowed without the team's key.
    """
    if not intake_ready():
        raise WrongState(_("Two members of intake must have vouched for each other before a request becomes a case."))
    if not request.is_open:
        raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))
    with audit.unit() as entries:
        request = _lock(request)
        fields = (inbox.WORDS, inbox.CONTACTS, inbox.INBOX, inbox.RISK)
        opened = inbox.open_request(request=request, fields=fields, by=by)
        kept_out = walls.read_reasons_of_request(request=request, by=by)
        case = _open_case(request, by)
        made = keys.make_case_keys(case=case, by=by)
        _write_card(case, card, opened[inbox.CONTACTS], by)
        values = (
            ("case.title", title, Purpose.CONTENT),
            ("case.summary", looked_through, Purpose.CONTENT),
            ("case.words", opened[inbox.WORDS], Purpose.IDENTITY),
            ("case.reach", opened[inbox.CONTACTS], Purpose.REACH),
            ("case.inbox_private", opened[inbox.INBOX], Purpose.REACH),
        )
        for field, value, purpose in values:
            content.write(
                case_id=case.pk, record_id=case.pk, field=field, value=value, purpose=purpose, by=by, key=made[purpose]
            )
        _carry_risk(request, case, opened.get(inbox.RISK, {}), made[Purpose.CONTENT], by)
        _carry_promise(request, case, by)
        _write_checklist(case)
        _finish(request, case)
        _carry_walls(kept_out, case, made[Purpose.CONTENT], by)
        entries.record(Action.REQUEST_ACCEPTED, request.pk)
        entries.record(Action.CASE_OPENED, case.pk)
    return case


def _carry_walls(reasons: dict[UUID, str], case: Case, key: keys.CaseKey, by: User) -> None:
    """Walls on a request hold for its case as they stand; why is filed anew, once the team's copy is gone."""
    for wall, text in reasons.items():
        content.write(
            case_id=case.pk,
            record_id=wall,
            field=walls.REASON,
            value=text,
            purpose=Purpose.CONTENT,
            by=by,
            key=key,
        )


def _write_card(case: Case, card: Card, contacts: dict[str, str], by: User) -> None:
    """Her name as it was typed, and the number and addresses that she left, as entries that she said so."""
    left = "\n".join(contacts.get(name, "") for name in ("phone", "other_contact")) if card.contacts else ""
    for kind, value in [(EntryKind.NAME, card.name)] * bool(card.name) + matching.contacts_to_note(left):
        values = {"kind": str(kind), "value": value, "certainty": str(Certainty.SAID), "note": ""}
        identity.add_entry(case=case, nonce=uuid4(), values=values, by=by)


def _carry_risk(request: HelpRequest, case: Case, answers: dict[str, str], key: keys.CaseKey, by: User) -> None:
    """What was asked of her already is the case's first rating; nobody asks her twice."""
    if request.risk == Risk.UNKNOWN and not answers:
        return
    now = timezone.now()
    rating = RiskAssessment(
        pk=uuid4(),
        case=case,
        nonce=uuid4(),
        level=request.risk,
        core_complete=bool(answers) and not assessed(request, answers).missing,
        assessed_at=now,
        assessed_by=by,
        reassess_at=reassess_at(request.risk, now),
    )
    rating.save(force_insert=True)
    content.write(
        case_id=case.pk,
        record_id=rating.pk,
        field="risk.answers",
        value=answers,
        purpose=Purpose.CONTENT,
        by=by,
        key=key,
    )


def _carry_promise(request: HelpRequest, case: Case, by: User) -> None:
    """What she was promised is a promise of the case: it stands on the plan until it is kept, moved or dropped."""
    if request.promise:
        text = _("Promised to her before this became a case")
        promise = tasks.NewTask(uuid4(), TaskKind.PROMISE, request.promise, exact=True, assignee=by, text=text)
        tasks.set_task(case=case, new=promise, by=by)


def _write_checklist(case: Case) -> None:
    """What may follow after acceptance, with the day until when."""
    today = timezone.localdate()
    CaseCheck.objects.bulk_create(
        CaseCheck(case=case, item=item, due_on=today + timedelta(days=days)) for item, days in CHECKS.items()
    )


def _lock(request: HelpRequest) -> HelpRequest:
    """The request's row first, before the log's: whoever acknowledges it at this moment waits her turn."""
    current = HelpRequest.objects.select_for_update(of=("self",)).select_related("team").filter(pk=request.pk).first()
    if current is None or not current.is_open:
        raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))
    return current


def _open_case(request: HelpRequest, by: User) -> Case:
    """Insert the case under a free code. A code that a hidden case has is never shown as an error."""
    for _attempt in range(5):
        case = Case(
            pk=uuid4(),
            code=new_readable_code(),
            request=request,
            language=request.language,
            minor=request.minor,
            **_compartment(request),
            offence_learned_on=request.offence_learned_on,
            suspect_learned_on=request.suspect_learned_on,
            opened_at=timezone.now(),
            opened_by=by,
            inbox_public_key=request.inbox_public_key,
        )
        if insert_once(case):
            return case
    raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))


def _compartment(request: HelpRequest) -> dict[str, str]:
    """A request that was marked becomes a protected case, whose sensitive facts never stand in a column."""
    if not request.protected:
        return {}
    return {"compartment": Compartment.PROTECTED, **dict.fromkeys(SEALED_FACTS, "sealed")}


def _finish(request: HelpRequest, case: Case) -> None:
    try:
        database.value("request_accept", request.pk, case.pk)
    except database.Refused as refused:
        if refused.reason == "wrong_state":
            raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again.")) from None
        raise NotAllowed from None
