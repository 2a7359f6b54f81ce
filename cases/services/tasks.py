"""Tasks and promises on a case. Reminders follow from them by themselves: app.tasks_fire."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases import permissions
from cases.choices import AssignmentState, Purpose
from cases.codes import DropReason, TaskKind, TaskState, TimelineKind
from cases.models import Assignment, Case, Task
from cases.services import meanwhile, timeline
from cases.services.sealed import content


@dataclass(frozen=True)
class NewTask:
    """A task as it was typed. `exact`: the minute was promised; else `due_at` is the end of its day."""

    nonce: UUID
    kind: str
    due_at: datetime
    exact: bool
    assignee: User
    text: str


def end_of(day: date) -> datetime:
    """The moment by which a task without a minute is done."""
    return datetime.combine(day, time(23, 59), timezone.get_current_timezone())


def set_task(*, case: Case, new: NewTask, by: User) -> UUID | None:
    """Set a task or make a promise; its id. The same form sent twice sets one, and the second time there is none.

    Raises WrongState: the assignee is not on the case.
    """
    permissions.require_action(by, "plan", case)
    _require_on_case(case, new.assignee)
    task = Task(
        pk=uuid4(),
        case=case,
        nonce=once(new.nonce, new.kind, new.due_at, new.exact, new.assignee.pk, new.text),
        kind=new.kind,
        due_at=new.due_at,
        exact=new.exact,
        assignee=new.assignee,
        set_at=timezone.now(),
        set_by=by,
    )
    with audit.unit() as entries:
        if not insert_once(task):
            return None
        content.write(
            case_id=case.pk, record_id=task.pk, field="task.text", value=new.text, purpose=Purpose.CONTENT, by=by
        )
        timeline.tell(case_id=case.pk, kind=TimelineKind.TASK, record_id=task.pk, detail="set", by=by)
        entries.record(Action.TASK_SET, task.pk, detail=str(TaskKind(new.kind)))
    return task.pk


def finish_task(*, case: Case, task: Task, by: User) -> None:
    """Mark an open task as done; its reminders stop. A second click changes nothing. Raises WrongState: it was dropped."""
    _change(case, task, Action.TASK_DONE, "done", by, was=TaskState.OPEN, **_settled(TaskState.DONE, by))


def drop_task(*, case: Case, task: Task, reason: DropReason, by: User, seen: str | None = None) -> None:
    """Let an open task go, with a reason. A second click changes nothing. Raises WrongState: it was done.

    `seen`: the id of whoever had it on her page, a stroke and its time (ISO), None where nothing was shown to her. Raises
    WrongState too where somebody else has given it away or moved it meanwhile.
    """
    detail, had = f"dropped:{reason}", {}
    if seen is not None:
        person, _stroke, time_seen = seen.partition("/")
        if task.state == TaskState.OPEN and time_seen != task.due_at.isoformat():
            raise meanwhile.moved(task, "moved")
        if task.state == TaskState.OPEN and person != str(task.assignee_id or ""):
            raise meanwhile.moved(task, "reassigned")
        had = {"assignee_id": task.assignee_id, "due_at": task.due_at}
    settled = _settled(TaskState.DROPPED, by)
    _change(case, task, Action.TASK_DROPPED, detail, by, was=TaskState.OPEN, had=had, **settled)


def reopen_task(*, case: Case, task: Task, by: User) -> None:
    """Undo: a task that was done or dropped is open again."""
    values: dict[str, Any] = {"state": TaskState.OPEN, "settled_at": None, "settled_by": None}
    if task.state != TaskState.OPEN:
        _change(case, task, Action.TASK_REOPENED, "reopened", by, was=task.state, **values)


def reassign_task(*, case: Case, task: Task, assignee: User, by: User, seen: str | None = None) -> None:
    """Give an open task to somebody else on the case, who is reminded from now on.

    `seen`: the id of whoever had it on her page, None where nothing was shown to her. Raises WrongState, also where
    somebody else has given it away meanwhile.
    """
    _require_on_case(case, assignee)
    if task.state != TaskState.OPEN or assignee.pk != task.assignee_id:
        if seen is not None and task.state == TaskState.OPEN and seen != str(task.assignee_id or ""):
            raise meanwhile.moved(task, "reassigned")
        had = {} if seen is None else {"assignee_id": task.assignee_id}
        _change(case, task, Action.TASK_REASSIGNED, "reassigned", by, was=TaskState.OPEN, had=had, assignee=assignee)


def move_task(*, case: Case, task: Task, due_at: datetime, by: User, seen: str | None = None) -> None:
    """Move an open task to another time. It is reminded of anew.

    `seen`: its time on her page (ISO), None where nothing was shown to her. Raises WrongState: it was settled, or somebody
    else has moved it meanwhile.
    """
    if task.state != TaskState.OPEN or due_at != task.due_at:
        if seen is not None and task.state == TaskState.OPEN and seen != task.due_at.isoformat():
            raise meanwhile.moved(task, "moved")
        had = {} if seen is None else {"due_at": task.due_at}
        _change(case, task, Action.TASK_MOVED, "moved", by, was=TaskState.OPEN, had=had, due_at=due_at)


def _settled(state: TaskState, by: User) -> dict[str, Any]:
    return {"state": state, "settled_at": timezone.now(), "settled_by": by}


def _change(
    case: Case,
    task: Task,
    action: Action,
    detail: str,
    by: User,
    *,
    was: str,
    had: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Change a task that is in that state and `had` these values. Where the same was done already, a second click or

    somebody else, nothing happens; else raises WrongState.
    """
    permissions.require_action(by, "plan", case)
    with audit.unit() as entries:
        if Task.objects.filter(pk=task.pk, case=case, state=was, **(had or {})).update(**values):
            timeline.tell(case_id=case.pk, kind=TimelineKind.TASK, record_id=task.pk, detail=detail, by=by)
            entries.record(action, task.pk)
            return
    now = Task.objects.select_related("settled_by", "assignee").get(pk=task.pk)
    if had and now.state == was:  # in the same moment
        if all(getattr(now, name) == value for name, value in values.items()):
            return
        raise meanwhile.moved(now, "moved" if now.due_at != had.get("due_at", now.due_at) else "reassigned")
    if now.state != values.get("state"):
        raise meanwhile.settled(now)


def _require_on_case(case: Case, person: User) -> None:
    if not Assignment.objects.filter(case=case, user=person, state=AssignmentState.LIVE).exists():
        raise WrongState(_("Choose somebody who is on this case."))
