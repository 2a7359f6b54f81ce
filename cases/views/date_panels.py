"""Cards of the desk about what is due: tasks and dates, each on one line with its reminder, and the other reminders."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from cases import access
from cases.access import lawyer, plan
from cases.choices import Severity
from cases.services import casework
from cases.views.notices import lines
from cases.views.panel import NextStep, Panel

if TYPE_CHECKING:
    from cases.models import Deadline, Notice  # for the annotation only: views never ask a model

SHOWN = 6  # dates that are always open on the desk; what is overdue, critical or reminded of is never hidden


@dataclass(frozen=True)
class Date:
    """One date of the list, with what was sealed and the reminder that waits for her."""

    deadline: "Deadline"
    text: str
    notice: "Notice | None"

    @property
    def presses(self) -> bool:
        late = self.deadline.due_on < timezone.localdate()
        return late or self.notice is not None or self.deadline.severity == Severity.CRITICAL


def work(user: User, hints: Any) -> list[Panel]:
    """Tasks, dates and reminders. A reminder of a task or date stands on its line, and nothing stands twice."""
    notices = list(access.list_notices(user)) if hints.notices else []
    tasks = plan.list_my_tasks(user) if hints.tasks else []
    dates = _dates(user, notices)
    on_lines = {task.pk for task in tasks} | {date.deadline.pk for date in dates}
    others = [row for row in notices if (row.task_id or row.deadline_id) not in on_lines]
    made = [
        _tasks(user, tasks, notices),
        _reminders(user, others),
        _due(dates, reminded=any(date.notice for date in dates)),
    ]
    return [panel for panel in made if panel]


def _tasks(user: User, tasks: list, notices: list["Notice"]) -> Panel | None:
    if not tasks:
        return None
    texts = casework.read_tasks(tasks=tasks, by=user)
    reminders = {row.task_id: row for row in notices if row.task_id}
    rows = [(task, texts.get(task.pk, ""), reminders.get(task.pk)) for task in tasks]
    step = None
    if any(map(plan.is_overdue, tasks)):
        step = NextStep(15, _("Do what is overdue first"))
    elif any(plan.is_promised_today(task, user) for task in tasks):
        step = NextStep(19, _("Keep the promise that is due today"))
    return Panel("cases/desk/my_tasks.html", {"tasks": rows}, step)


def _reminders(user: User, notices: list["Notice"]) -> Panel | None:
    """What has no line of its own: by its date, and after those the newest first."""
    if not notices:
        return None
    rows = sorted(lines(notices, user), key=lambda line: (line.due is None, _sortable(line.due)))
    return Panel("cases/desk/notices.html", {"notices": rows}, NextStep(25, _("Look at your reminders")))


def _sortable(due: Any) -> str:
    return due.isoformat() if due else ""


def _dates(user: User, notices: list["Notice"]) -> list[Date]:
    """Her next dates, those she is reminded of, and for a lawyer every critical one: each once, by day."""
    reminders = {row.deadline_id: row for row in notices if row.deadline}
    found = {date.pk: date for date in access.list_due(user)}
    found |= {row.deadline.pk: row.deadline for row in notices if row.deadline and row.deadline.pk not in found}
    if user.has(Role.LAWYER):
        found |= {date.pk: date for date in lawyer.list_critical(user)}
    texts = casework.read_deadlines(deadlines=found.values(), by=user)
    ordered = sorted(found.values(), key=lambda date: (date.due_on, str(date.pk)))
    return [Date(date, texts.get(date.pk, ""), reminders.get(date.pk)) for date in ordered]


def _due(dates: list[Date], *, reminded: bool) -> Panel | None:
    if not dates:
        return None
    first = [date for place, date in enumerate(dates) if place < SHOWN or date.presses]
    later = [date for place, date in enumerate(dates) if place >= SHOWN and not date.presses]
    step = NextStep(26, _("Look at the dates you are reminded of")) if reminded else None
    return Panel("cases/desk/due.html", {"first": first, "later": later, "count": len(dates)}, step)
