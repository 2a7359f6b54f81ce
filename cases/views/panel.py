"""What a card of the desk is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from accounts.models import User


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


class Card(NamedTuple):
    """Who makes a card, and the columns of `app.desk_hints` of which one must say yes first; without any it is always asked."""

    make: Callable[[User], Panel | None]
    hints: tuple[str, ...] = ()

    def panel(self, user: User, hints: Any) -> Panel | None:
        if self.hints and not any(getattr(hints, name) for name in self.hints):
            return None
        return self.make(user)
