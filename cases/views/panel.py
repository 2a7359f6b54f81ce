"""What a card of the desk is made of."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NextStep:
    """The one line at the top of the desk; the smallest `order` wins."""

    order: int
    text: str
    url: str = ""


@dataclass(frozen=True)
class Panel:
    """A card: its template reads `panel`."""

    template: str
    context: dict[str, Any]
    next_step: NextStep | None = None
