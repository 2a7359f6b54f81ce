"""A request becomes a case: keys are made, everything is filed anew under them, the team's copy is deleted."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.access import intake_ready
from accounts.choices import Action
from accounts.crypto import new_readable_code
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases.choices import Purpose, Risk
from cases.codes import CheckItem
from cases.knowledge.risk import reassess_at
from cases.models import Case, CaseCheck, HelpRequest, RiskAssessment
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


def accept_request(*, request: HelpRequest, title: str, looked_through: str, by: User) -> Case:
    """Accept a request as a case that `by` leads.

    `looked_through` is the version of her words without names, which everybody on the case may read (content); the
    original goes under the identity key, her contacts and the inbox under the reach key.
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
        case = _open_case(request, by)
        made = keys.make_case_keys(case=case, by=by)
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
        _write_checklist(case)
        _finish(request, case)
        entries.record(Action.REQUEST_ACCEPTED, request.pk)
        entries.record(Action.CASE_OPENED, case.pk)
    return case


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
            offence_learned_on=request.offence_learned_on,
            suspect_learned_on=request.suspect_learned_on,
            opened_at=timezone.now(),
            opened_by=by,
            inbox_public_key=request.inbox_public_key,
        )
        if insert_once(case):
            return case
    raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))


def _finish(request: HelpRequest, case: Case) -> None:
    try:
        database.value("request_accept", request.pk, case.pk)
    except database.Refused as refused:
        if refused.reason == "wrong_state":
            raise WrongState(_("Somebody has dealt with this request meanwhile. Look at it again.")) from None
        raise NotAllowed from None
