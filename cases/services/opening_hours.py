"""The first-response clock with the opening hours that are stored, and keeping them."""

from collections.abc import Mapping
from datetime import date, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action, Role
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases.choices import Risk
from cases.models import ClosedDay, OpeningHours
from cases.services import clocks

Span = tuple[time, time] | None  # from and to; None: closed


def respond_by(*, received_at: datetime, risk: Risk) -> datetime:
    """The moment by which somebody must have answered, at this risk."""
    rows = OpeningHours.objects.values_list("weekday", "opens_at", "closes_at")
    hours = {weekday: (opens, closes) for weekday, opens, closes in rows if opens and closes}
    closed = ClosedDay.objects.filter(removed_at__isnull=True, day__gte=received_at.date()).values_list(
        "day", flat=True
    )
    zone = ZoneInfo(settings.TIME_ZONE)
    return clocks.respond_by(received_at=received_at, risk=risk, hours=hours, zone=zone, closed=set(closed))


def set_hours(*, hours: Mapping[int, Span], by: User) -> None:
    """Set the hours of these weekdays. Clocks that run already keep their moment. Raises NotAllowed."""
    require_house(by)
    with audit.unit() as entries:
        for weekday, span in hours.items():
            opens, closes = span or (None, None)
            OpeningHours.objects.filter(weekday=weekday).update(opens_at=opens, closes_at=closes)
        if hours:
            entries.record(Action.HOURS_CHANGED)


def close_day(*, day: date, by: User) -> None:
    """Note a day on which nobody works. Raises WrongState where it stands there already, NotAllowed."""
    require_house(by)
    row = ClosedDay(pk=uuid4(), day=day, noted_at=timezone.now(), noted_by=by)
    with audit.unit() as entries:
        if not insert_once(row):
            raise WrongState(_("This day stands there already."))
        entries.record(Action.HOURS_CHANGED, row.pk)


def reopen_day(*, closed: ClosedDay, by: User) -> None:
    """Take a closed day off again. A second click changes nothing. Raises NotAllowed."""
    require_house(by)
    with audit.unit() as entries:
        if ClosedDay.objects.filter(pk=closed.pk, removed_at__isnull=True).update(removed_at=timezone.now()):
            entries.record(Action.HOURS_CHANGED, closed.pk)


def require_house(by: User) -> None:
    """Only who runs the house. Raises NotAllowed."""
    if not by.has(Role.COORDINATOR) and not by.has(Role.ADMINISTRATOR):
        raise NotAllowed
