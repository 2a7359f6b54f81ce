"""One measurement as one line of JSON."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WARM_UP = 3


@dataclass(frozen=True)
class Line:
    """What was measured, beside what it is compared with. `limit` is in `unit` and applies to `value`."""

    name: str
    value: float | None
    unit: str
    baseline: str | None = None
    baseline_value: float | None = None
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """What could not be measured does not hold."""
        return self.value is not None and (self.limit is None or self.value <= self.limit)

    def text(self) -> str:
        ratio = round(self.value / self.baseline_value, 2) if self.value is not None and self.baseline_value else None
        found = {
            "name": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
            "baseline": self.baseline,
            "baseline_value": _rounded(self.baseline_value),
            "ratio": ratio,
            "limit": _rounded(self.limit),
            "holds": self.holds,
        }
        return json.dumps(found, ensure_ascii=False)


def _rounded(value: float | None) -> float | int | None:
    return value if value is None or isinstance(value, int) else round(value, 2)


def median(run: Callable[[], float], runs: int) -> float:
    """The median of so many runs, after a few that do not count."""
    for _run in range(min(WARM_UP, runs)):
        run()
    return statistics.median(run() for _run in range(runs))


def milliseconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


Lines = Iterator[Line]
