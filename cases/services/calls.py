"""Reaching her: a call is begun, shows how she can be reached while it is open, and ends with a result."""

from collections.abc import Iterable
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.choices import CaseState, Purpose
from cases.codes import CallResult, TimelineKind
from cases.models import Case, ContactAttempt, Task
from cases.services import timeline
from cases.services.sealed import content
from cases.services.sealed.content import Version
from cases.services.tasks import NewTask, finish_task, set_task

REACH = "case.reach"


def begin_call(*, case: Case, by: User) -> ContactAttempt:
    """Begin a call, or go on with the one that is open: one click, no second factor, no budget.

    Raises NotAllowed, WrongState (she asked for a pause).
    """
    permissions.require_action(by, "open_reach", case)
    if case.paused_at:
        raise WrongState(_("She wants nobody to call her now. End the pause first, if she has asked you to."))
    attempt = ContactAttempt(pk=uuid4(), case=case, begun_at=timezone.now(), begun_by=by)
    with audit.unit() as entries:
        if insert_once(attempt):
            entries.record(Action.CALL_BEGUN, attempt.pk)
            return attempt
    known = ContactAttempt.objects.filter(case=case, begun_by=by, ended_at__isnull=True).first()
    if known is None:
        raise WrongState(_("This call has ended meanwhile. Begin another one."))
    return known


def read_reach(*, attempt: ContactAttempt, by: User) -> dict[str, str]:
    """How she can be reached, for whoever began this call and as long as it is open; each opening is logged.

    Nothing once the case was closed meanwhile: the call is still there to be ended.
    """
    if attempt.begun_by_id != by.pk or attempt.ended_at is not None or attempt.case is None:
        raise NotAllowed
    if attempt.case.state != CaseState.OPEN:
        return {}
    with audit.unit() as entries:
        case_id = attempt.case.pk
        opened = content.read(case_id=case_id, record_ids=[case_id], purpose=Purpose.REACH, by=by)
        entries.record(Action.REACH_OPENED, case_id, detail="call")
    return opened.get((case_id, REACH), {})


def end_call(
    *,
    case: Case,
    attempt: ContactAttempt,
    result: CallResult,
    text: str,
    by: User,
    kept: Iterable[Task] = (),
    promise: NewTask | None = None,
) -> None:
    """End an own call, with a word about it, the promises it kept and a new one. A second click changes nothing."""
    with audit.unit() as entries:
        mine = ContactAttempt.objects.filter(pk=attempt.pk, case=case, begun_by=by, ended_at__isnull=True)
        if not mine.update(ended_at=timezone.now(), result=result):
            return
        if text:
            content.write(
                case_id=case.pk, record_id=attempt.pk, field="attempt.text", value=text, purpose=Purpose.CONTENT, by=by
            )
        timeline.tell(case_id=case.pk, kind=TimelineKind.CALL, record_id=attempt.pk, detail=f"call:{result}", by=by)
        entries.record(Action.CALL_ENDED, attempt.pk, detail=str(result))
        if case.state == CaseState.OPEN:
            for task in kept:
                finish_task(case=case, task=task, by=by)
            if promise:
                set_task(case=case, new=promise, by=by)


def read_reach_to_change(*, case: Case, by: User) -> list[Version]:
    """How she can be reached, newest version first, for whoever corrects it; logged."""
    permissions.require_action(by, "change_reach", case)
    with audit.unit() as entries:
        versions = content.versions(case_id=case.pk, record_id=case.pk, field=REACH, purpose=Purpose.REACH, by=by)
        entries.record(Action.REACH_OPENED, case.pk, detail="change")
    return versions


def change_reach(*, case: Case, values: dict[str, str], seen: int, by: User) -> None:
    """Write anew how she can be reached; older versions stay. Raises WrongState: somebody was first."""
    permissions.require_action(by, "change_reach", case)
    with audit.unit() as entries:
        content.revise(
            case_id=case.pk, record_id=case.pk, field=REACH, value=values, purpose=Purpose.REACH, seen=seen, by=by
        )
        timeline.tell(case_id=case.pk, kind=TimelineKind.CHANGE, detail="reached", by=by)
        entries.record(Action.REACH_CHANGED, case.pk)
