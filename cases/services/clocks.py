"""First-response clocks: how soon a request must be answered. Pure functions.

Urgent ones run at once, at any hour; the others inside the organisation's opening hours. Targets are those of the
design (15 minutes, 2, 8, 24 hours); a risk nobody has rated is treated like a high one.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.choices import Risk

TARGETS = {
    Risk.IMMEDIATE: timedelta(minutes=15),
    Risk.HIGH: timedelta(hours=2),
    Risk.ELEVATED: timedelta(hours=8),
    Risk.STANDARD: timedelta(hours=24),
    Risk.UNKNOWN: timedelta(hours=2),
}
_LONGEST_LOOK = 60  # days; with no opening hours at all the clock runs on without them

Hours = Mapping[int, tuple[time, time]]  # weekday (0 is Monday) to opening and closing time


def respond_by(
    *, received_at: datetime, risk: Risk, hours: Hours, zone: ZoneInfo, closed: Collection[date] = ()
) -> datetime:
    """The moment by which somebody must have answered. `received_at` is aware; the result is aware, in `zone`."""
    target = TARGETS[risk]
    if risk == Risk.IMMEDIATE or not hours:
        return received_at + target
    left = target
    local = received_at.astimezone(zone)
    for offset in range(_LONGEST_LOOK):
        day = local.date() + timedelta(days=offset)
        if day.weekday() not in hours or day in closed:
            continue
        opens, closes = hours[day.weekday()]
        start = max(local, datetime.combine(day, opens, zone))
        end = datetime.combine(day, closes, zone)
        open_for = end.timestamp() - start.timestamp()
        if open_for <= 0:
            continue
        if left.total_seconds() <= open_for:
            return datetime.fromtimestamp(start.timestamp() + left.total_seconds(), zone)
        left -= timedelta(seconds=open_for)
    return received_at + target
