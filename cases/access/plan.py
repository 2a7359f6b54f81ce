"""What was agreed on a case and what waits of it on a desk: tasks, safety plan, ratings, calls, services."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from accounts.paging import PAGE_SIZE, Page, cut
from cases.access import RISK_TOLD, OpenedCase, require_role
from cases.choices import HOLDERS, AssignmentState, CaseRole, CaseState, DeadlineState, Perm
from cases.codes import NoticeKind, TaskKind, TaskState
from cases.models import (
    Assignment,
    Case,
    CaseUserPermission,
    ContactAttempt,
    Deadline,
    Notice,
    Project,
    RiskAssessment,
    SafetyPlan,
    ServiceUnit,
    Task,
    seen_by,
)
from cases.models.filters import permission_id

COMING = timedelta(days=7)
ON_THE_DESK = 20
UNDO = timedelta(minutes=10)
TELLERS = (CaseRole.LEAD, CaseRole.BACKUP, CaseRole.CASEWORKER)


# --- Tasks ------------------------------------------------------------------------------------
def list_tasks(opened: OpenedCase, *, settled: bool, page: int) -> Page:
    """Tasks of a case: the open ones by time, so that overdue ones come first; or those that were settled, newest first."""
    tasks = Task.objects.filter(case=opened.case).select_related("assignee", "settled_by")
    if settled:
        return cut(tasks.exclude(state=TaskState.OPEN).order_by("-settled_at", "pk"), page)
    return cut(tasks.filter(state=TaskState.OPEN).order_by("due_at", "pk"), page)


def get_task(opened: OpenedCase, task_id: UUID) -> Task:
    """A task of this case. Raises Http404."""
    found = Task.objects.filter(case=opened.case, pk=task_id).select_related("assignee").first()
    if found is None:
        raise Http404
    return found


def list_my_tasks(user: User) -> list[Task]:
    """Her open tasks of the next seven days, overdue first, and after them those of others; `may_call`: she may reach her.

    Nothing is nobody's: what has nobody, or somebody who left, stands on the desk of each who works on the case; what is
    due by tomorrow and has somebody who is away today, with whoever is reminded of it meanwhile (app.told_of). However much
    that is, it hides nothing of her own.
    """
    nobodys = Q(assignee__isnull=True) | Q(assignee__is_active=False)
    works_on = Assignment.objects.filter(user=user, state=AssignmentState.LIVE, role__in=TELLERS).values("case_id")
    stands_in = Q(Func(F("case_id"), F("assignee_id"), function="app.stands_in", output_field=BooleanField()))
    seen = Task.objects.filter(seen_by(user, "case_id"), state=TaskState.OPEN, case__state=CaseState.OPEN)
    shares = CaseUserPermission.objects.filter(
        content_object=OuterRef("case_id"), user_id=user.pk, permission_id=permission_id(Perm.SHARE)
    )
    seen = seen.annotate(may_call=Exists(shares)).select_related("case", "assignee").order_by("due_at", "pk")
    hers = Q(assignee=user) | Q(nobodys, case_id__in=works_on)
    own: list[Task] = list(seen.filter(hers, due_at__lt=timezone.now() + COMING)[:ON_THE_DESK])
    # Not everybody reads who is away: app.stands_in asks that first, and only of what is due and not hers.
    of_absent = seen.filter(~Q(assignee=user), assignee__isnull=False, due_at__lt=_after_tomorrow())
    of_absent = of_absent.exclude(pk__in=[row.pk for row in own]).filter(stands_in)
    return [*own, *of_absent[:ON_THE_DESK]]


def _after_tomorrow() -> datetime:
    """The midnight at which tomorrow ends: what is due on a day, without a minute, is due at its end."""
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=2), time.min))


class Falls(NamedTuple):
    """What of somebody's work goes to somebody else when her role on a case ends; `to` is "" where nobody is left."""

    number: int
    to: str


def what_falls(row: Assignment) -> Falls:
    """Her open tasks, promises and dates, and whose they are then: app.heir decides in the same way."""
    tasks = Task.objects.filter(case=row.case_id, assignee=row.user_id, state=TaskState.OPEN).count()
    settled = (DeadlineState.MET, DeadlineState.WAIVED)
    dates = Deadline.objects.filter(case=row.case_id, assignee=row.user_id).exclude(state__in=settled).count()
    left = Assignment.objects.filter(case=row.case_id, state=AssignmentState.LIVE, user__is_active=True)
    heirs = left.filter(role__in=HOLDERS).exclude(user=row.user_id).select_related("user")
    heir = min(heirs, key=lambda one: (one.role != CaseRole.LEAD, one.live_at), default=None)
    return Falls(tasks + dates, heir.user.display_name if heir else "")


def is_overdue(task: Task) -> bool:
    return task.due_at < timezone.now()


def is_promised_today(task: Task, user: User) -> bool:
    """Whether she promised the survivor something for this day."""
    promised = task.kind == TaskKind.PROMISE and task.assignee_id == user.pk
    return promised and timezone.localdate(task.due_at) == timezone.localdate()


def list_promises_to_keep(user: User, opened: OpenedCase) -> QuerySet[Task]:
    """Her open promises and calls on this case that one call may keep: until the end of tomorrow."""
    soon = timezone.now() + timedelta(days=2)
    return Task.objects.filter(
        case=opened.case,
        assignee=user,
        state=TaskState.OPEN,
        kind__in=[TaskKind.CALL, TaskKind.PROMISE],
        due_at__lt=soon,
    ).order_by("due_at")[:10]


# --- Safety plan and risk ---------------------------------------------------------------------
def safety_plan_of(opened: OpenedCase) -> SafetyPlan | None:
    return SafetyPlan.objects.filter(case=opened.case).select_related("reviewed_by", "review_task").first()


def get_safety_plan(opened: OpenedCase) -> SafetyPlan:
    """The safety plan of this case. Raises Http404."""
    found = safety_plan_of(opened)
    if found is None:
        raise Http404
    return found


def list_ratings(opened: OpenedCase, *, page: int) -> Page:
    """Ratings of a case, newest first."""
    ratings = RiskAssessment.objects.filter(case=opened.case).select_related("assessed_by")
    return cut(ratings.order_by("-assessed_at", "pk"), page, 20)


def list_risks_told(user: User) -> list[Any]:
    """What she was told at once and has not seen yet: an attempt under way, a risk that is immediate. The newest first.

    Who is not on the case reads only whose case needs somebody: `asked_by`.
    """
    told = Notice.objects.filter(user=user, acknowledged_at__isnull=True, kind__in=RISK_TOLD)
    told = told.filter(Q(case__isnull=False) | Q(kind=NoticeKind.NEEDED)).select_related("case")
    found: list[Any] = list(told.order_by("kind", "-created_at", "pk")[:ON_THE_DESK])  # attempts first
    ids = [row.detail for row in found if row.kind == NoticeKind.NEEDED]
    names = {str(row.pk): row.display_name for row in User.objects.filter(pk__in=ids)} if ids else {}
    for row in found:
        row.asked_by = names.get(row.detail, "")
    return found


def list_risks_to_ask_again(user: User) -> QuerySet[Case]:
    """Her open cases whose risk is to be asked again by now, the longest waiting first."""
    waiting = Case.objects.visible_to(user).filter(state=CaseState.OPEN, reassess_at__lte=timezone.now())
    return waiting.order_by("reassess_at", "pk")[:ON_THE_DESK]


# --- Calls ------------------------------------------------------------------------------------
def calls_under_way(opened: OpenedCase) -> list[ContactAttempt]:
    """Calls on this case that have not ended, by anybody: two people should not ring her at once."""
    return list(
        ContactAttempt.objects.filter(case=opened.case, ended_at__isnull=True)
        .select_related("begun_by")
        .order_by("begun_at")[:ON_THE_DESK]
    )


def get_my_call(user: User, opened: OpenedCase) -> ContactAttempt:
    """Her own open call on this case. Raises Http404."""
    found = find_my_call(user, opened)
    if found is None:
        raise Http404
    return found


def find_my_call(user: User, opened: OpenedCase) -> ContactAttempt | None:
    mine = ContactAttempt.objects.filter(case=opened.case, begun_by=user, ended_at__isnull=True)
    return mine.select_related("case").first()


def list_my_calls(user: User) -> QuerySet[ContactAttempt]:
    """Her calls that have not ended, on cases she still sees."""
    mine = ContactAttempt.objects.filter(begun_by=user, ended_at__isnull=True, case__in=Case.objects.visible_to(user))
    return mine.select_related("case").order_by("begun_at")[:ON_THE_DESK]


# --- Services ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Services:
    """What was done for her: sums by kind, and the newest units."""

    sums: list[dict]
    newest: list[ServiceUnit]


def services_of(opened: OpenedCase) -> Services:
    units = ServiceUnit.objects.filter(case=opened.case, undone_at__isnull=True)
    sums = units.values("kind").annotate(number=Count("pk"), minutes=Sum("minutes")).order_by("kind")
    newest = units.select_related("given_by", "project").order_by("-given_at", "pk")[:PAGE_SIZE]
    return Services(list(sums), list(newest))


def just_logged(user: User, opened: OpenedCase) -> QuerySet[ServiceUnit]:
    """Units that she can take back still."""
    mine = ServiceUnit.objects.filter(case=opened.case, given_by=user, undone_at__isnull=True)
    return mine.filter(given_at__gte=timezone.now() - UNDO).order_by("-given_at")[:5]


def get_service(opened: OpenedCase, unit_id: UUID) -> ServiceUnit:
    """A unit of this case. Raises Http404."""
    found = ServiceUnit.objects.filter(case=opened.case, pk=unit_id).first()
    if found is None:
        raise Http404
    return found


def current_projects() -> QuerySet[Project]:
    return Project.objects.filter(retired_at__isnull=True).order_by("name")


def list_projects(user: User, *, page: int) -> Page:
    """Every project, those in use first. Coordinator or administrator."""
    require_role(user, Role.COORDINATOR, Role.ADMINISTRATOR)
    return cut(Project.objects.order_by(F("retired_at").asc(nulls_first=True), "name"), page)


def get_project(user: User, project_id: UUID) -> Project:
    """A project. Raises NotAllowed, Http404."""
    require_role(user, Role.COORDINATOR, Role.ADMINISTRATOR)
    found = Project.objects.filter(pk=project_id).first()
    if found is None:
        raise Http404
    return found
