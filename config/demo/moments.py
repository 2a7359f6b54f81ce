"""When things of a story happened, and what is needed to put them there afterwards.

Services take the moment themselves. So a story is played now, and each step keeps the moment to which it belongs:
config/demo/past.py moves what a step wrote by that step's distance.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

MORNING, PACE, LEAST = timedelta(hours=9, minutes=20), timedelta(minutes=47), timedelta(minutes=9)
_AGO = re.compile(r"(\d+)([hm])\Z")


@dataclass(frozen=True)
class Played:
    """What was written between two moments of this run belongs this much earlier."""

    began: float
    ended: float
    earlier: float  # seconds


@dataclass
class Calendar:
    """The day on which the demo is made, and the steps played so far."""

    now: datetime = field(default_factory=timezone.localtime)
    played: list[Played] = field(default_factory=list)

    def day(self, ago: int) -> date:
        return self.now.date() - timedelta(days=ago)

    def moment(self, ago: int | str, hour: str = "") -> datetime:
        """So many days ago at that hour, or `3h`, `20m` ago."""
        if isinstance(ago, str):
            number, unit = _parts(ago)
            return self.now - (timedelta(hours=number) if unit == "h" else timedelta(minutes=number))
        hours, minutes = hour.split(":")
        return self.at(self.day(ago), timedelta(hours=int(hours), minutes=int(minutes)))

    def at(self, day: date, hour: timedelta) -> datetime:
        """That hour of that day, by the clock on the wall."""
        return timezone.make_aware(datetime.combine(day, datetime.min.time()) + hour)

    def next(self, ago: int | str, before: datetime) -> datetime:
        """The next free moment of that day after `before`; never later than now."""
        if isinstance(ago, str):
            wanted = self.moment(ago)
        else:
            wanted = self.at(self.day(ago), MORNING)
            if timezone.localtime(before).date() >= wanted.date():
                wanted = before + PACE
        return min(max(wanted, before + LEAST), max(self.now - timedelta(minutes=1), before))

    @contextmanager
    def at_moment(self, moment: datetime) -> Iterator[None]:
        """What is written inside belongs to that moment."""
        began = time.time()
        yield
        ended = time.time()
        self.played.append(Played(began, ended, max(0.0, began - moment.timestamp())))


def _parts(ago: str) -> tuple[int, str]:
    found = _AGO.match(ago)
    if found is None:
        raise ValueError(f"{ago!r} is no time: write 5 for days, 3h or 20m")
    return int(found[1]), found[2]
