"""The rota. Who is alerted when is config/database/functions/duty.sql."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases.access import require_role
from cases.access.duty import people_for_duty
from cases.models import DutyShift

LONGEST = timedelta(days=7)


@dataclass(frozen=True)
class Planned:
    """A shift that is to be added."""

    starts_at: datetime
    ends_at: datetime
    on_call: User
    second: User | None = None


def add_shifts(*, shifts: Iterable[Planned], by: User) -> int:
    """Add shifts; one that stands there already is left as it is. Returns how many are new. Raises WrongState."""
    require_role(by, Role.CASEWORKER, Role.COORDINATOR)
    now, added, members = timezone.now(), 0, set(people_for_duty())
    with audit.unit() as entries:
        for shift in shifts:
            _check(shift, now, members)
            row = DutyShift(
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
                on_call=shift.on_call,
                second=shift.second,
                entered_at=now,
                entered_by=by,
            )
            if insert_once(row):
                entries.record(Action.SHIFT_ADDED, row.pk)
                added += 1
    return added


def _check(shift: Planned, now: datetime, members: Collection[User]) -> None:
    if not timedelta(0) < shift.ends_at - shift.starts_at <= LONGEST:
        raise WrongState(_("The end of a shift comes after its beginning, and at most seven days later."))
    if shift.ends_at <= now:
        raise WrongState(_("This shift would be over already. Check the day and the hour."))
    if shift.second == shift.on_call:
        raise WrongState(_("Choose another person as second on call."))
    if not all(person in members for person in (shift.on_call, shift.second) if person):
        raise WrongState(_("Only members of intake can be on call."))


def cancel_shift(*, shift: DutyShift, by: User) -> None:
    """Take a shift out of the rota; whoever was on call or second is told. A second click changes nothing."""
    require_role(by, Role.CASEWORKER, Role.COORDINATOR)
    with audit.unit() as entries:
        if DutyShift.objects.filter(pk=shift.pk, cancelled_at__isnull=True).update(
            cancelled_at=timezone.now(), cancelled_by=by
        ):
            database.value("shift_cancelled", shift.pk)
            entries.record(Action.SHIFT_CANCELLED, shift.pk)
