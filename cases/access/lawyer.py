"""The lawyer's desk: her cases by next date, her critical dates, hours given this month."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import database
from accounts.models import User
from cases.choices import AssignmentState, CaseState, DeadlineState, Severity
from cases.models import Assignment, Case, Deadline, WorkProfile

ON_A_DESK = 20


@dataclass(frozen=True)
class Hours:
    """Given this month, beside what she offers for the days that have passed of it."""

    given: float
    offered: float | None


def list_own_roles(user: User) -> QuerySet[Assignment]:
    """Her live roles on open cases, by next due date."""
    own = Assignment.objects.filter(user=user, state=AssignmentState.LIVE, case__state=CaseState.OPEN)
    return own.select_related("case").order_by(F("case__next_due_on").asc(nulls_last=True), "live_at")[:ON_A_DESK]


def list_critical(user: User) -> QuerySet[Deadline]:
    """Running dates on her cases with which a right is lost for ever."""
    running = Deadline.objects.filter(
        state=DeadlineState.RUNNING, severity=Severity.CRITICAL, case__in=Case.objects.visible_to(user)
    )
    return running.select_related("case", "assignee").order_by("due_on", "pk")[:ON_A_DESK]


def hours_this_month(user: User) -> Hours:
    today = timezone.localdate()
    first = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    minutes = database.value("minutes_given", first)
    a_week = WorkProfile.objects.filter(pk=user.pk).values_list("hours_per_week", flat=True).first()
    weeks = (today - first.date() + timedelta(days=1)).days / 7
    return Hours(round(minutes / 60, 1), None if a_week is None else round(a_week * weeks, 1))
