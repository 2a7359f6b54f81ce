"""The first-response clock with the opening hours that are stored."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from cases.choices import Risk
from cases.models import OpeningHours
from cases.services import clocks


def respond_by(*, received_at: datetime, risk: Risk) -> datetime:
    """The moment by which somebody must have answered, at this risk."""
    hours = {row.weekday: (row.opens_at, row.closes_at) for row in OpeningHours.objects.all()}
    return clocks.respond_by(received_at=received_at, risk=risk, hours=hours, zone=ZoneInfo(settings.TIME_ZONE))
