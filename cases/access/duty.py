"""The rota and who is on it, and urgent requests that wait for one person's answer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import database
from accounts.choices import Role, TeamKind
from accounts.models import User
from accounts.paging import Page, cut
from cases.access import require_role
from cases.access.absence import away_between
from cases.choices import RequestState
from cases.codes import NoticeKind
from cases.models import DutyShift, HelpRequest, Notice

SHIFTS_ON_A_PAGE = 25
LOOKED_AHEAD = timedelta(days=14)
TAKEN_RESTS = timedelta(minutes=30)


class Gap(NamedTuple):
    """Nobody is on call from … to …"""

    starts_at: datetime
    ends_at: datetime


def _coming(now: datetime) -> QuerySet[DutyShift]:
    shifts = DutyShift.objects.filter(cancelled_at__isnull=True, ends_at__gt=now)
    return shifts.select_related("on_call", "second").order_by("starts_at", "ends_at", "pk")


def on_call_now() -> list[DutyShift]:
    """The shifts that run at this moment: one, if the rota is in order."""
    now = timezone.now()
    return list(_coming(now).filter(starts_at__lte=now)[:5])


def next_shift(*, than: User | None = None) -> DutyShift | None:
    """The next shift that begins, or that begins with somebody else than `than`."""
    now = timezone.now()
    shifts = _coming(now).filter(starts_at__gt=now)
    return (shifts.exclude(on_call=than) if than else shifts).first()


def list_shifts(user: User, *, page: int) -> Page:
    """Coming shifts, each with whether it overlaps another one and which of its people are away."""
    require_role(user, Role.CASEWORKER, Role.COORDINATOR)
    others = DutyShift.objects.filter(
        cancelled_at__isnull=True, starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    ).exclude(pk=OuterRef("pk"))
    found = cut(_coming(timezone.now()).annotate(overlaps=Exists(others)), page, SHIFTS_ON_A_PAGE)
    mark_away(found)
    return found


def mark_away(shifts: Iterable) -> None:
    """Note at each shift the names of those of its people who are away while it lasts: one query for all."""
    shifts = list(shifts)
    if not shifts:
        return
    people = {person.pk for shift in shifts for person in (shift.on_call, shift.second) if person}
    first, last = min(shift.starts_at for shift in shifts), max(shift.ends_at for shift in shifts)
    away = away_between(people, timezone.localdate(first), timezone.localdate(last))
    for shift in shifts:
        days = timezone.localdate(shift.starts_at), timezone.localdate(shift.ends_at)
        absent = {row.user_id for row in away if row.from_on <= days[1] and row.until_on >= days[0]}
        shift.away = [person.display_name for person in (shift.on_call, shift.second) if person and person.pk in absent]


def overlapping(starts_at: datetime, ends_at: datetime) -> QuerySet[DutyShift]:
    """Shifts of the rota that run at the same time."""
    return _coming(timezone.now()).filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


def preview_of(planned: list) -> list:
    """Shifts that are to be added, each with whether it overlaps one of the rota and who is away: two queries."""
    if planned:
        first, last = min(shift.starts_at for shift in planned), max(shift.ends_at for shift in planned)
        there = list(overlapping(first, last))
        rows = [PlannedShift(shift, there) for shift in planned]
        mark_away(rows)
        return rows
    return []


class PlannedShift:
    """A shift that is not in the rota yet, as a page shows it."""

    def __init__(self, planned: Any, there: list[DutyShift]) -> None:
        self.starts_at, self.ends_at = planned.starts_at, planned.ends_at
        self.on_call, self.second = planned.on_call, planned.second
        self.away: list[str] = []
        self.overlaps = any(shift.starts_at < planned.ends_at and shift.ends_at > planned.starts_at for shift in there)


def get_shift(user: User, shift_id: UUID) -> DutyShift:
    require_role(user, Role.CASEWORKER, Role.COORDINATOR)
    found = DutyShift.objects.filter(pk=shift_id).first()
    if found is None:
        raise Http404
    return found


def list_gaps() -> list[Gap]:
    """When nobody is on call within the next two weeks."""
    now = timezone.now()
    shifts = _coming(now).filter(starts_at__lt=now + LOOKED_AHEAD).values_list("starts_at", "ends_at")
    return gaps_between(shifts, now, now + LOOKED_AHEAD)


def gaps_between(shifts: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[Gap]:
    """What these shifts, ordered by their beginning, leave open from `start` to `end`."""
    gaps, covered = [], start
    for starts_at, ends_at in shifts:
        if starts_at > covered:
            gaps.append(Gap(covered, min(starts_at, end)))
        covered = max(covered, ends_at)
    if covered < end:
        gaps.append(Gap(covered, end))
    return gaps


def people_for_duty() -> QuerySet[User]:
    """Active members of intake, by name: nobody else could read the request that she is alerted to."""
    members = [row.user_id for row in database.rows("team_people") if row.kind == TeamKind.INTAKE]
    found = User.objects.filter(is_active=True, roles__contains=[Role.CASEWORKER], pk__in=members)
    return found.order_by("display_name", "pk")


# --- Urgent requests --------------------------------------------------------------------------
def list_alerts(user: User) -> list[HelpRequest]:
    """Urgent requests without an answer that she was alerted of and that nobody is answering just now."""
    waiting = Q(request__taken_at__isnull=True) | Q(request__taken_at__lt=timezone.now() - TAKEN_RESTS)
    found = Notice.objects.filter(
        waiting,
        user=user,
        kind=NoticeKind.ALERT,
        acknowledged_at__isnull=True,
        request__state=RequestState.NEW,
        request__in=HelpRequest.objects.visible_to(user),
    )
    rows = found.select_related("request").order_by("request__respond_by", "pk")[:20]
    return [row.request for row in rows if row.request]


def find_urgent_waiting(user: User) -> Any:
    """For coordinators: how many urgent requests wait (number, late) and who was alerted to them. No code; None if none."""
    found = database.row("urgent_waiting") if user.has(Role.COORDINATOR) else None
    return found if found and found.number else None


def list_my_requests(user: User) -> QuerySet[HelpRequest]:
    """Urgent and taken requests of hers that wait for an answer or an end."""
    urgent = Q(in_danger_now=True) | Q(thinks_of_ending_life=True) | Q(risk="immediate")
    mine = Q(taken_by=user) | Q(assignee=user) | (urgent & Q(acknowledged_by=user))
    open_ = HelpRequest.objects.visible_to(user).filter(mine, ended_at__isnull=True)
    return open_.order_by(F("in_danger_now").desc(), "respond_by", "pk")[:30]
