"""The two days from which three months run, on a request that nobody has computed rights for yet. Pure functions.

A careful estimate to put the queue in order and to warn: a lawyer says what the law says.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

MONTHS = 3
NEAR_DAYS = 14  # from here on a request stands above those that are not urgent


@dataclass(frozen=True)
class Running:
    """How long it has been running, and how long is left."""

    since: date
    knows_who: bool  # counted from the day she learned who did it, else from the day she found out
    day: int
    safe_day: date
    days_left: int

    @property
    def is_near(self) -> bool:
        return 0 <= self.days_left <= NEAR_DAYS


def three_months_after(day: date) -> date:
    """The same day of the month three months later, or the last day of a shorter month (as PostgreSQL adds months)."""
    month = day.month - 1 + MONTHS
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def running(offence_learned_on: date | None, suspect_learned_on: date | None, today: date) -> Running | None:
    """What runs from the later of the two days; None where neither is known."""
    days = [day for day in (offence_learned_on, suspect_learned_on) if day]
    if not days:
        return None
    since = max(days)
    safe_day = three_months_after(since)
    return Running(since, since == suspect_learned_on, (today - since).days, safe_day, (safe_day - today).days)
