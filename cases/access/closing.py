"""What keeps a case open. PostgreSQL knows the same list: app.case_blocks."""

from dataclasses import dataclass

from accounts.models import User
from cases.access.second import SECONDS
from cases.choices import AssignmentState, DeadlineState, Severity
from cases.codes import WALL_QUESTIONS, ApprovalKind, ApprovalState, TaskState
from cases.compartments import GrantState
from cases.models import Approval, Assignment, Case, Deadline, IdentityGrant, Task

UNREVIEWED = (
    DeadlineState.NOT_STARTED,
    DeadlineState.RUNNING,
    DeadlineState.SUSPENDED,
    DeadlineState.NEEDS_LAWYER,
)


@dataclass(frozen=True)
class Blocks:
    """Critical dates, people who have not answered, promises and tasks, other questions to a second person, open identities."""

    dates: list[Deadline]
    people: list[Assignment]  # on the case, or asked
    tasks: list[Task]
    approvals: list[Approval]
    grants: list[IdentityGrant]

    @property
    def offers(self) -> list[Assignment]:
        return [row for row in self.people if row.state == AssignmentState.OFFERED]

    def seconds(self, besides: User) -> list[str]:
        """Names of those who may be the second person."""
        live = [row for row in self.people if row.state == AssignmentState.LIVE and row.role in SECONDS]
        return [row.user.display_name for row in live if row.user_id != besides.pk and row.user.is_active]

    def __bool__(self) -> bool:
        return bool(self.dates or self.offers or self.tasks or self.approvals or self.grants)


def list_blocks(case: Case) -> Blocks:
    """What has to be settled before this case can close; five queries."""
    dates = Deadline.objects.filter(case=case, severity=Severity.CRITICAL, state__in=UNREVIEWED)
    people = Assignment.objects.filter(case=case, state__in=[AssignmentState.OFFERED, AssignmentState.LIVE])
    tasks = Task.objects.filter(case=case, state=TaskState.OPEN)
    approvals = Approval.objects.filter(case=case, state=ApprovalState.ASKED).exclude(
        kind__in=[ApprovalKind.CLOSE_CASE, *WALL_QUESTIONS]
    )
    grants = IdentityGrant.objects.filter(case=case, state__in=[GrantState.ASKED, GrantState.ACTIVE])
    return Blocks(
        list(dates.order_by("due_on", "pk")),
        list(people.select_related("user").order_by("offered_at", "pk")),
        list(tasks.order_by("due_at", "pk")),
        list(approvals.select_related("asked_by").order_by("asked_at", "pk")),
        list(grants.select_related("person").order_by("asked_at", "pk")),
    )
