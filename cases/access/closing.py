"""What keeps a case open. PostgreSQL knows the same list: app.case_blocks."""

from dataclasses import dataclass

from cases.choices import AssignmentState, DeadlineState, Severity
from cases.codes import ApprovalKind, ApprovalState, TaskState
from cases.models import Approval, Assignment, Case, Deadline, Task

UNREVIEWED = (
    DeadlineState.NOT_STARTED,
    DeadlineState.RUNNING,
    DeadlineState.SUSPENDED,
    DeadlineState.NEEDS_LAWYER,
)


@dataclass(frozen=True)
class Blocks:
    """Critical dates, people who have not answered, promises and tasks, other questions to a second person."""

    dates: list[Deadline]
    offers: list[Assignment]
    tasks: list[Task]
    approvals: list[Approval]

    def __bool__(self) -> bool:
        return bool(self.dates or self.offers or self.tasks or self.approvals)


def list_blocks(case: Case) -> Blocks:
    """What has to be settled before this case can close; four queries."""
    dates = Deadline.objects.filter(case=case, severity=Severity.CRITICAL, state__in=UNREVIEWED)
    offers = Assignment.objects.filter(case=case, state=AssignmentState.OFFERED)
    tasks = Task.objects.filter(case=case, state=TaskState.OPEN)
    approvals = Approval.objects.filter(case=case, state=ApprovalState.ASKED).exclude(kind=ApprovalKind.CLOSE_CASE)
    return Blocks(
        list(dates.order_by("due_on", "pk")),
        list(offers.select_related("user").order_by("offered_at", "pk")),
        list(tasks.order_by("due_at", "pk")),
        list(approvals.select_related("asked_by").order_by("asked_at", "pk")),
    )
