"""Who is away, and who covers for her meanwhile."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import database
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


def list_entered_for(user: User) -> list[Absence]:
    """Present and coming days away of hers that somebody else has entered."""
    found = _current().filter(user=user).exclude(entered_by=user).select_related("entered_by")
    return list(found.order_by("from_on", "pk")[:10])


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
    """Until when each of these people is away today; whoever is here is left out. For lists and pickers.

    Days away that follow each other without a day between are one time away.
    """
    found: dict[UUID, date] = {}
    today = timezone.localdate()
    days = Absence.objects.filter(user_id__in=people, cancelled_at__isnull=True, until_on__gte=today)
    for row in days.order_by("from_on"):
        last = found.get(row.user_id)
        if row.from_on <= (last + timedelta(days=1) if last else today):
            found[row.user_id] = max(last or row.until_on, row.until_on)
    return found


def away_today(person: OuterRef) -> QuerySet[Absence]:
    """For a filter: the days away of this person that cover today (app.absent)."""
    today = timezone.localdate()
    return Absence.objects.filter(user=person, cancelled_at__isnull=True, from_on__lte=today, until_on__gte=today)


class Alone(NamedTuple):
    """A case without another lead or backup: its code for herself, the next date that matters, and how much hangs on it."""

    code: str | None
    due_on: date | None
    severity: str | None


def list_alone(person: User, first: date | None = None, last: date | None = None) -> list[Alone]:
    """Her cases of which no other lead or backup is there on all of these days; without days, those that have no other."""
    return [Alone(row.code, row.due_on, row.severity) for row in database.rows("nobody_else", person.pk, first, last)]


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
