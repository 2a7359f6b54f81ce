"""Who is away, and who covers for her meanwhile."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from accounts.paging import Page, cut
from cases.choices import AssignmentState, CaseRole, CaseState
from cases.models import Absence, Assignment


def _current() -> QuerySet[Absence]:
    return Absence.objects.filter(cancelled_at__isnull=True, until_on__gte=timezone.localdate())


def list_absences(user: User, *, page: int) -> Page:
    """Present and coming days away: her own, and everybody's for whoever plans."""
    found = _current().select_related("user")
    if not (user.has(Role.COORDINATOR) or user.has(Role.CASEWORKER) or user.has(Role.ADMINISTRATOR)):
        found = found.filter(user=user)
    return cut(found.order_by("from_on", "pk"), page)


def get_absence(absence_id: UUID) -> Absence:
    found = Absence.objects.filter(pk=absence_id).select_related("user").first()
    if found is None:
        raise Http404
    return found


def people_who_may_be_away(user: User) -> QuerySet[User]:
    """Whose days she may enter."""
    people = User.objects.filter(is_active=True).order_by("display_name", "pk")
    return people if user.has(Role.COORDINATOR) or user.has(Role.ADMINISTRATOR) else people.filter(pk=user.pk)


def away_between(people: Iterable[UUID], first: date, last: date) -> list[Absence]:
    """Days away of these people that touch a span of days."""
    found = Absence.objects.filter(
        user_id__in=people, cancelled_at__isnull=True, from_on__lte=last, until_on__gte=first
    )
    return list(found)


def away_until(people: Iterable[UUID]) -> dict[UUID, date]:
    """Until when each of these people is away today; whoever is here is left out. For lists and pickers."""
    today = timezone.localdate()
    return {row.user_id: row.until_on for row in away_between(people, today, today)}


class Cover(NamedTuple):
    """She covers for somebody on a case."""

    person: str
    until_on: date
    code: str


def list_covers(user: User) -> list[Cover]:
    """Cases she is backup of, whose lead is away today: two queries."""
    mine = Assignment.objects.filter(
        user=user, role=CaseRole.BACKUP, state=AssignmentState.LIVE, case__state=CaseState.OPEN
    )
    leads = Assignment.objects.filter(
        case_id__in=mine.values("case_id"), role=CaseRole.LEAD, state=AssignmentState.LIVE
    )
    rows = list(leads.exclude(user=user).select_related("user", "case").order_by("user__display_name", "case__code"))
    away = away_until({row.user_id for row in rows})
    return [Cover(row.user.display_name, away[row.user_id], row.case.code) for row in rows if row.user_id in away]
