"""When the helpline works: weekdays, and the coming days on which it does not."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from accounts.paging import Page, cut
from cases.access import require_role
from cases.models import ClosedDay, OpeningHours

HOUSE = (Role.COORDINATOR, Role.ADMINISTRATOR)


def list_hours(user: User) -> QuerySet[OpeningHours]:
    """The seven days, Monday first. Raises NotAllowed."""
    require_role(user, *HOUSE)
    return OpeningHours.objects.order_by("weekday")


def list_closed_days(user: User, *, page: int) -> Page:
    """Closed days that come, today too, the next first."""
    require_role(user, *HOUSE)
    coming = ClosedDay.objects.filter(removed_at__isnull=True, day__gte=timezone.localdate())
    return cut(coming.order_by("day"), page)


def get_closed_day(user: User, closed_id: UUID) -> ClosedDay:
    """A closed day. Raises NotAllowed, Http404."""
    require_role(user, *HOUSE)
    found = ClosedDay.objects.filter(pk=closed_id).first()
    if found is None:
        raise Http404
    return found
