"""Reach armed: for whom whoever is on call may reach out, and what holders should arm."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts import database
from accounts.models import User
from cases.access import OpenedCase
from cases.access.duty import COUNTS, next_shift, on_call_now
from cases.choices import CaseState, Compartment, Perm, Risk
from cases.codes import ArmReason, TaskState
from cases.models import ArmedReach, Case, CaseUserPermission, ContactAttempt, DutyShift, Task
from cases.models.filters import permission_id

LONGEST = timedelta(hours=48)
WITHOUT_ROTA = timedelta(hours=12)
SHOWN = 10


def list_reachable(user: User) -> list[Any]:
    """Whom she may reach while she is on call: code, reason, until when, promised minute."""
    return database.rows("duty_reachable")


def last_callers(case_ids: Iterable[UUID]) -> dict[UUID | None, str]:
    """Who called last on each of these cases as whoever was on call, by name: one query."""
    calls = ContactAttempt.objects.filter(case__in=list(case_ids), on_duty=True).order_by("begun_at")
    return {call.case_id: call.begun_by.display_name for call in calls.select_related("begun_by")}


def is_still_calling(user: User, attempt_id: UUID) -> bool:
    """Whether a call of hers as whoever was on call has not ended, though she may not reach her any more."""
    return ContactAttempt.objects.filter(pk=attempt_id, begun_by=user, on_duty=True, ended_at=None).exists()


def list_unended(user: User) -> list[ContactAttempt]:
    """Her calls as whoever was on call whose outcome nobody knows yet, on cases that are not hers; also where reach has ended."""
    mine = ContactAttempt.objects.filter(begun_by=user, on_duty=True, ended_at=None)
    return list(mine.exclude(case__in=Case.objects.visible_to(user)).order_by("begun_at")[:SHOWN])


def armed_now(opened: OpenedCase) -> ArmedReach | None:
    """Whether whoever is on call may reach her at this moment."""
    found = ArmedReach.objects.filter(case=opened.case, disarmed_at__isnull=True, until__gt=timezone.now())
    return found.select_related("armed_by").first()


def default_until() -> datetime:
    """The end of the shift that runs or comes, at most 48 hours; half a day where the rota is empty."""
    now = timezone.now()
    running = on_call_now()
    shift = running[-1] if running else next_shift()
    return min(shift.ends_at if shift else now + WITHOUT_ROTA, now + LONGEST)


class KeptOut(NamedTuple):
    """Who of those on call must not see a case, and who is left of them; by name."""

    kept: list[str]
    left: list[str]
    until: datetime


def find_kept_out(case: Case) -> KeptOut | None:
    """Whether somebody who is on call now, or next where nobody is, must not see this case: only whoever shares it is told."""
    shifts = on_call_now() or [shift for shift in [next_shift()] if shift]
    people = {person.pk: person for shift in shifts for person in (shift.on_call, shift.second) if person}
    walled = {row.person for row in database.rows("walls_of", case.pk)} if people else set()
    kept = [person.display_name for person in people.values() if person.pk in walled]
    left = [person.display_name for person in people.values() if person.pk not in walled]
    return KeptOut(kept, left, shifts[-1].ends_at) if kept else None


class Proposal(NamedTuple):
    """A case whose reach should be armed, and why."""

    code: str
    reason: ArmReason


def reason_for(case: Case) -> ArmReason:
    """The reason that the card proposes."""
    if case.risk == Risk.IMMEDIATE:
        return ArmReason.IMMEDIATE_RISK
    return ArmReason.HER_WISH if case.on_duty_may_call else ArmReason.PROMISE


def list_proposals(user: User) -> list[Proposal]:
    """Cases whose reach key she holds and that are not armed: immediate risk, a promise within a day that falls into a
    shift, or her wish where a shift runs or begins within a day. One query."""
    now = timezone.now()
    soon = now + timedelta(days=1)
    shifts = DutyShift.objects.filter(COUNTS, cancelled_at__isnull=True)
    held = CaseUserPermission.objects.filter(
        content_object=OuterRef("pk"), user_id=user.pk, permission_id=permission_id(Perm.SHARE)
    )
    covered = shifts.filter(starts_at__lte=OuterRef("due_at"), ends_at__gt=OuterRef("due_at"))
    promises = Task.objects.filter(
        Exists(covered), case=OuterRef("pk"), state=TaskState.OPEN, exact=True, due_at__gt=now, due_at__lt=soon
    )
    armed = ArmedReach.objects.filter(case=OuterRef("pk"), disarmed_at__isnull=True, until__gt=now)
    cases: Iterable[Any] = (
        Case.objects.visible_to(user)
        .filter(Exists(held), ~Exists(armed), state=CaseState.OPEN, paused_at=None, compartment=Compartment.STANDARD)
        .annotate(promised=Exists(promises), shift=Exists(shifts.filter(starts_at__lt=soon, ends_at__gt=now)))
        .filter(Q(risk=Risk.IMMEDIATE) | Q(promised=True) | Q(on_duty_may_call=True, shift=True))
        .order_by(F("promised").desc(), "opened_at", "pk")[:SHOWN]
    )
    return [Proposal(case.code, ArmReason.PROMISE if case.promised else reason_for(case)) for case in cases]
