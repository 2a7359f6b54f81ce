"""Dates on a case. Reminders follow from them by themselves: services/reminders.py."""

from datetime import date
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action, Role
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.choices import AssignmentState, DeadlineState, NoteType, Perm, Purpose, Severity
from cases.codes import TimelineKind
from cases.models import Assignment, Case, Deadline, Notice
from cases.services import meanwhile, timeline
from cases.services.casework import write_note
from cases.services.sealed import content


def set_deadline(
    *, case: Case, nonce: UUID, due_on: date, severity: Severity, assignee: User | None, text: str, by: User
) -> None:
    """Set a due date. The same form sent twice sets one. The assignee must be on the case."""
    permissions.require_action(by, "set_deadline", case)
    _require_on_case(case, assignee)
    deadline = Deadline(
        pk=uuid4(),
        case=case,
        nonce=once(nonce, due_on, severity, assignee and assignee.pk, text),
        due_on=due_on,
        severity=severity,
        assignee=assignee,
        set_at=timezone.now(),
        set_by=by,
    )
    with audit.unit() as entries:
        if insert_once(deadline):
            content.write(
                case_id=case.pk,
                record_id=deadline.pk,
                field="deadline.text",
                value=text,
                purpose=Purpose.CONTENT,
                by=by,
            )
            timeline.tell(case_id=case.pk, kind=TimelineKind.DATE, record_id=deadline.pk, detail="set", by=by)
            entries.record(Action.DEADLINE_SET, deadline.pk)


def settle_deadline(*, case: Case, deadline: Deadline, by: User) -> None:
    """Mark a running date as met; its reminders stop. A second click changes nothing. Raises WrongState: it was let go."""
    permissions.require_action(by, "settle_deadline", case)
    with audit.unit() as entries:
        if _settle(case, deadline, DeadlineState.MET, by):
            timeline.tell(case_id=case.pk, kind=TimelineKind.DATE, record_id=deadline.pk, detail="met", by=by)
            entries.record(Action.DEADLINE_MET, deadline.pk)


def reassign_deadline(
    *, case: Case, deadline: Deadline, assignee: User | None, by: User, seen: str | None = None
) -> None:
    """Give a running date to somebody else on the case, or to lead and backup.

    `seen`: the id of whoever had it on her page, empty for lead and backup, None where nothing was shown to her. Raises
    WrongState, also where somebody else has given it away meanwhile.
    """
    permissions.require_action(by, "settle_deadline", case)
    _require_on_case(case, assignee)
    had = deadline.assignee_id
    if deadline.state == DeadlineState.RUNNING:
        if had == (assignee and assignee.pk):
            return
        if seen is not None and seen != str(had or ""):
            raise meanwhile.moved(deadline, "reassigned")
    with audit.unit() as entries:
        running = Deadline.objects.filter(pk=deadline.pk, case=case, state=DeadlineState.RUNNING)
        if not (running if seen is None else running.filter(assignee=had)).update(assignee=assignee):
            now = _now(deadline)
            if now.state != DeadlineState.RUNNING:
                raise meanwhile.settled(now)
            if now.assignee_id == (assignee and assignee.pk):  # in the same moment
                return
            raise meanwhile.moved(now, "reassigned")
        timeline.tell(case_id=case.pk, kind=TimelineKind.DATE, record_id=deadline.pk, detail="reassigned", by=by)
        entries.record(Action.DEADLINE_REASSIGNED, deadline.pk)


def may_waive(*, case: Case, deadline: Deadline, by: User) -> bool:
    """A date on which a right hangs for ever is let go by a lawyer, or by lead or backup; others by whoever works on it."""
    if deadline.severity != Severity.CRITICAL:
        return True
    return by.has(Role.LAWYER) or Perm.SHARE in permissions.permissions_of(by, case)


def waive_deadline(*, case: Case, deadline: Deadline, nonce: UUID, reason: str, by: User) -> None:
    """Let a running date go. The reason is a sealed note on the case. A second click changes nothing.

    Raises NotAllowed; WrongState where it was met meanwhile, or somebody else has let it go: her reason would be lost.
    """
    permissions.require_action(by, "settle_deadline", case)
    if not may_waive(case=case, deadline=deadline, by=by):
        raise NotAllowed
    with audit.unit() as entries:
        if _settle(case, deadline, DeadlineState.WAIVED, by):
            timeline.tell(case_id=case.pk, kind=TimelineKind.DATE, record_id=deadline.pk, detail="waived", by=by)
            write_note(case=case, nonce=nonce, type=NoteType.CASE_NOTE, text=reason, by=by)
            entries.record(Action.DEADLINE_WAIVED, deadline.pk)


def _settle(case: Case, deadline: Deadline, state: DeadlineState, by: User) -> bool:
    """Whether it was running and is settled now; not where it was settled in the same way. Raises WrongState."""
    running = Deadline.objects.filter(pk=deadline.pk, case=case, state=DeadlineState.RUNNING)
    if running.update(state=state, settled_at=timezone.now(), settled_by=by):
        return True
    now = _now(deadline)
    if now.state != state or (state == DeadlineState.WAIVED and now.settled_by_id != by.pk):
        raise meanwhile.settled(now)
    return False


def _now(deadline: Deadline) -> Deadline:
    return Deadline.objects.select_related("settled_by", "assignee").get(pk=deadline.pk)


def _require_on_case(case: Case, person: User | None) -> None:
    if person and not Assignment.objects.filter(case=case, user=person, state=AssignmentState.LIVE).exists():
        raise WrongState(_("Choose somebody who is on this case."))


def reopen_deadline(*, case: Case, deadline: Deadline, by: User) -> None:
    """Undo: a date that was met or let go runs again."""
    permissions.require_action(by, "settle_deadline", case)
    settled = (DeadlineState.MET, DeadlineState.WAIVED)
    with audit.unit() as entries:
        changed = Deadline.objects.filter(pk=deadline.pk, state__in=settled).update(
            state=DeadlineState.RUNNING, settled_at=None, settled_by=None
        )
        if changed:
            timeline.tell(case_id=case.pk, kind=TimelineKind.DATE, record_id=deadline.pk, detail="reopened", by=by)
            entries.record(Action.DEADLINE_REOPENED, deadline.pk)


def acknowledge_notice(*, notice: Notice, by: User) -> None:
    """She has seen a reminder. A second click changes nothing."""
    with audit.unit() as entries:
        changed = Notice.objects.filter(pk=notice.pk, user=by, acknowledged_at__isnull=True).update(
            acknowledged_at=timezone.now()
        )
        if changed:
            entries.record(
                Action.NOTICE_ACKNOWLEDGED,
                notice.deadline_id or notice.task_id or notice.case_id or notice.request_id or "",
            )
