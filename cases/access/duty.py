"""The rota and who is on it, and urgent requests that wait for one person's answer."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
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
from cases.access.absence import away_between, away_until
from cases.access.queue import DUE_SOON, URGENT, due_of_absent
from cases.choices import RequestState
from cases.codes import NoticeKind
from cases.models import Absence, DutyShift, HelpRequest, Notice

SHIFTS_ON_A_PAGE = 25
LOOKED_AHEAD = timedelta(days=14)
NEXT_WITHIN = timedelta(days=1)
TAKEN_RESTS = timedelta(minutes=30)


# Whoever is not active is not on call; where only the second is, she is. As app.on_call asks it.
COUNTS = Q(on_call__is_active=True) | Q(second__is_active=True)


class Gap(NamedTuple):
    """Nobody is on call from … to …"""

    starts_at: datetime
    ends_at: datetime


def _coming(now: datetime) -> QuerySet[DutyShift]:
    shifts = DutyShift.objects.filter(cancelled_at__isnull=True, ends_at__gt=now)
    return shifts.select_related("on_call", "second").order_by("starts_at", "ends_at", "pk")


def _counting(now: datetime) -> QuerySet[DutyShift]:
    return _coming(now).filter(COUNTS)


def _as_it_counts(shift: DutyShift) -> DutyShift:
    """The shift with those of its people whose accounts are active: the second in the place of the first. Never saved."""
    if shift.second and not shift.second.is_active:
        shift.second = None
    if shift.second and not shift.on_call.is_active:
        shift.on_call, shift.second = shift.second, None
    return shift


def on_call_now() -> list[DutyShift]:
    """The shifts that run at this moment: one, if the rota is in order. Each with who of its people is away today."""
    now = timezone.now()
    found: list[Any] = [_as_it_counts(shift) for shift in _counting(now).filter(starts_at__lte=now)[:5]]
    people = {person for shift in found for person in (shift.on_call_id, shift.second_id) if person}
    away = away_until(people) if people else {}
    for shift in found:
        shift.away = [person.display_name for person in (shift.on_call, shift.second) if person and person.pk in away]
    return found


def next_shift() -> DutyShift | None:
    """The next shift that begins, of those on which somebody is."""
    now = timezone.now()
    found = _counting(now).filter(starts_at__gt=now).first()
    return _as_it_counts(found) if found else None


def next_people(user: User) -> list[User]:
    """Who else is on call now, or begins next within a day where nobody is: one, if the rota is in order."""
    now = timezone.now()
    coming = map(_as_it_counts, _counting(now).filter(starts_at__lte=now + NEXT_WITHIN)[:20])
    shifts = [shift for shift in coming if shift.on_call_id != user.pk]
    first = max(now, shifts[0].starts_at) if shifts else now
    return list({shift.on_call_id: shift.on_call for shift in shifts if shift.starts_at <= first}.values())


def list_shifts(user: User, *, page: int) -> Page:
    """Coming shifts, each with whether it overlaps another one that counts and which of its people are away."""
    require_role(user, Role.CASEWORKER, Role.COORDINATOR)
    others = DutyShift.objects.filter(
        COUNTS, cancelled_at__isnull=True, starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    ).exclude(pk=OuterRef("pk"))
    found = cut(_coming(timezone.now()).annotate(overlaps=Exists(others)), page, SHIFTS_ON_A_PAGE)
    mark_away(found)
    return found


def mark_away(shifts: Iterable) -> None:
    """Note at each shift who of its people is away while it lasts, by id and by name: one query for all."""
    shifts = list(shifts)
    if not shifts:
        return
    people = {person.pk for shift in shifts for person in (shift.on_call, shift.second) if person}
    first, last = min(shift.starts_at for shift in shifts), max(shift.ends_at for shift in shifts)
    away = away_between(people, timezone.localdate(first), timezone.localdate(last))
    for shift in shifts:
        days = timezone.localdate(shift.starts_at), timezone.localdate(shift.ends_at)
        shift.away_ids = {row.user_id for row in away if row.from_on <= days[1] and row.until_on >= days[0]}
        both = [person for person in (shift.on_call, shift.second) if person]
        shift.away = [person.display_name for person in both if person.pk in shift.away_ids]


def count_shifts(person_id: UUID) -> int:
    """On how many shifts she stands, on call or second, that are not over."""
    return _coming(timezone.now()).filter(Q(on_call=person_id) | Q(second=person_id)).count()


def shifts_meanwhile(absences: Iterable[Absence]) -> dict[UUID, list[DutyShift]]:
    """Which coming shifts of hers, on call or second, fall into each of these days away: one query for all."""
    spans = [(row, _midnight(row.from_on), _midnight(row.until_on + timedelta(days=1))) for row in absences]
    if not spans:
        return {}
    people = {row.user_id for row, _from, _to in spans}
    first, last = min(start for _row, start, _to in spans), max(end for _row, _from, end in spans)
    shifts = _coming(timezone.now()).filter(Q(on_call__in=people) | Q(second__in=people), **_touching(first, last))
    return {
        row.pk: [
            shift
            for shift in shifts
            if row.user_id in (shift.on_call_id, shift.second_id) and shift.starts_at < end and shift.ends_at > start
        ]
        for row, start, end in spans
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _touching(start: datetime, end: datetime) -> dict[str, datetime]:
    return {"starts_at__lt": end, "ends_at__gt": start}


def overlapping(starts_at: datetime, ends_at: datetime) -> QuerySet[DutyShift]:
    """Shifts of the rota that run at the same time and on which somebody is."""
    return _counting(timezone.now()).filter(**_touching(starts_at, ends_at))


def preview_of(planned: list) -> list:
    """Shifts that are to be added, each with whether it overlaps one of the rota and who is away: two queries."""
    if planned:
        first, last = min(shift.starts_at for shift in planned), max(shift.ends_at for shift in planned)
        there = list(overlapping(first, last))
        rows = [PlannedShift(shift, there) for shift in planned]
        mark_away(rows)
        return rows
    return []


class Left(NamedTuple):
    """What a shift leaves behind that is taken out of the rota: who is on call then, and when nobody is."""

    shifts: list[DutyShift]
    gaps: list[Gap]


def is_soon(shift: DutyShift) -> bool:
    """Whether it runs, or begins within a day: somebody counts on it."""
    now = timezone.now()
    return shift.cancelled_at is None and shift.ends_at > now and shift.starts_at <= now + NEXT_WITHIN


def left_without(shift: DutyShift) -> Left:
    """Who is on call without this shift. Whoever is away or not active covers nothing; where the second is there, she
    is alerted."""
    start = max(timezone.now(), shift.starts_at)
    others: list[Any] = [_as_it_counts(row) for row in overlapping(start, shift.ends_at).exclude(pk=shift.pk)]
    mark_away(others)
    there = [(row.starts_at, row.ends_at) for row in others if {row.on_call_id, row.second_id} - row.away_ids - {None}]
    return Left(others, gaps_between(there, start, shift.ends_at))


def shifts_by_id(ids: Iterable[str]) -> dict[str, DutyShift]:
    """Shifts that somebody was told of, also cancelled ones."""
    found = DutyShift.objects.filter(pk__in=list(ids)).select_related("cancelled_by")
    return {str(shift.pk): shift for shift in found}


class PlannedShift:
    """A shift that is not in the rota yet, as a page shows it."""

    def __init__(self, planned: Any, there: list[DutyShift]) -> None:
        self.starts_at, self.ends_at = planned.starts_at, planned.ends_at
        self.on_call, self.second = planned.on_call, planned.second
        self.away_ids: set[UUID] = set()
        self.away: list[str] = []
        self.overlaps = any(shift.starts_at < planned.ends_at and shift.ends_at > planned.starts_at for shift in there)


def get_shift(user: User, shift_id: UUID) -> DutyShift:
    require_role(user, Role.CASEWORKER, Role.COORDINATOR)
    found = DutyShift.objects.filter(pk=shift_id).select_related("on_call", "second").first()
    if found is None:
        raise Http404
    return found


def list_gaps() -> list[Gap]:
    """When nobody is on call within the next two weeks."""
    now = timezone.now()
    shifts = _counting(now).filter(starts_at__lt=now + LOOKED_AHEAD).values_list("starts_at", "ends_at")
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
def _rests() -> Q:
    """Somebody is answering just now: she has said "I take it". The ladder may rest longer (app.climbs_since)."""
    return Q(taken_at__gte=timezone.now() - TAKEN_RESTS)


def _comes_to(user: User) -> Q:
    """Urgent requests that are hers to answer while she is on call, whoever has them and whoever was on call before."""
    now = timezone.now()
    hers = Q(on_call=user) | Q(second=user, on_call__is_active=False)
    return Q(URGENT, Exists(_coming(now).filter(hers, starts_at__lte=now)))


def list_alerts(user: User) -> list[HelpRequest]:
    """Urgent requests without an answer that nobody is answering just now: she was alerted of them, or she is on call."""
    alerted = Notice.objects.filter(user=user, kind=NoticeKind.ALERT, request=OuterRef("pk"), acknowledged_at=None)
    found = HelpRequest.objects.visible_to(user).filter(
        ~_rests(), Exists(alerted) | _comes_to(user), state=RequestState.NEW, ended_at=None
    )
    return list(found.select_related("assignee").order_by("respond_by", "pk")[:20])


def count_unattended(user: User) -> int:
    """Cases of her work board on which something is overdue while everybody on them is away."""
    return database.value("unattended_cases") if user.has(Role.COORDINATOR) else 0


def find_urgent_waiting(user: User) -> Any:
    """For coordinators: how many urgent requests wait (number, late, nobody) and who was alerted of one of them or more.

    No code; None if none waits.
    """
    return database.row("urgent_waiting") if user.has(Role.COORDINATOR) else None


def list_my_requests(user: User) -> QuerySet[HelpRequest]:
    """What she leaves open of requests: hers, those she was alerted of or is on call for, new ones that nobody has,
    and what stands on her desk of whoever is away."""
    mine = Q(taken_by=user) | Q(assignee=user) | (URGENT & Q(acknowledged_by=user))
    alerted = Notice.objects.filter(user=user, kind=NoticeKind.ALERT, request=OuterRef("pk"))
    offered = Exists(alerted) | Q(assignee__isnull=True, restricted=False) | _comes_to(user)
    unanswered = Q(state=RequestState.NEW) & ~_rests() & offered
    covered = due_of_absent(timezone.now() + DUE_SOON)
    open_ = HelpRequest.objects.visible_to(user).filter(mine | unanswered | covered, ended_at__isnull=True)
    return open_.order_by(F("urgent_since").asc(nulls_last=True), "respond_by", "pk")[:30]
