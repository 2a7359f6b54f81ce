"""Reads the stories of the practice installation (config/demo/stories). A word that is not known stops the reading."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "stories"
REQUESTS = "requests.yaml"


@dataclass(frozen=True)
class Step:
    """Somebody does something: so long ago, who, what, and the rest."""

    ago: int | str
    who: str
    act: str
    rest: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Received:
    """How a request came in: how long ago, hour of that day, channel, who logged it."""

    ago: int | str
    hour: str
    channel: str
    by: str


@dataclass(frozen=True)
class Close:
    """How a case was closed, and the day on which it was opened again."""

    day: int
    reason: str
    outcome: str
    text: str
    how: str = "closed"
    second: str = ""
    reopened: int | None = None


@dataclass(frozen=True)
class Story:
    """A request, and the case that it became."""

    name: str
    received: Received
    language: str
    words: str
    contacts: dict[str, str] = field(default_factory=dict)
    about: str = "self"
    minor: str = "no"
    restricted: bool = False
    danger: bool = False
    ending: bool = False
    learned: int | None = None
    suspect: int | None = None
    steps: tuple[Step, ...] = ()
    # What follows is of a case.
    lead: str = ""
    title: str = ""
    summary: str = ""
    who: tuple[str, str, str] = ("unknown", "unknown", "unknown")
    countries: tuple[str, ...] = ()
    incident: dict[str, Any] = field(default_factory=dict)
    risk: str = ""
    stage: str = "engagement"
    people: dict[str, str] = field(default_factory=dict)
    log: tuple[Step, ...] = ()
    approvals: dict[str, str] = field(default_factory=dict)
    close: Close | None = None


@cache
def requests() -> tuple[Story, ...]:
    """Those that stay requests."""
    return _read(FOLDER / REQUESTS)


@cache
def cases() -> tuple[Story, ...]:
    """Those that become cases, the oldest first."""
    files = [path for path in sorted(FOLDER.glob("*.yaml")) if path.name != REQUESTS]
    found = [story for path in files for story in _read(path)]
    return tuple(sorted(found, key=lambda story: -_days(story.received.ago)))


def _days(ago: int | str) -> int:
    return ago if isinstance(ago, int) else 1 if ago.endswith("h") and int(ago[:-1]) > 23 else 0


def _read(path: Path) -> tuple[Story, ...]:
    return tuple(_story(values) for values in yaml.safe_load(path.read_text()))


def _story(values: dict[str, Any]) -> Story:
    known = {**values, "received": Received(*values["received"]), "words": values["words"].strip()}
    for name in ("steps", "log"):
        known[name] = tuple(Step(ago, who, act, tuple(rest)) for ago, who, act, *rest in values.get(name, ()))
    if "close" in values:
        known["close"] = Close(**values["close"])
    for name in ("who", "countries"):
        if name in values:
            known[name] = tuple(values[name])
    return Story(**known)
