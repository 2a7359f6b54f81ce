"""What a card of the desk is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User


@dataclass(frozen=True)
class NextStep:
    """The one line at the top of the desk; the smallest `order` wins."""

    order: int
    text: str
    url: str = ""


def slip_step(assignment_id: UUID) -> NextStep:
    """Before everything else of a lawyer: until she has answered, nobody knows whether she may read the case."""
    return NextStep(3, _("Answer the conflict slip"), reverse("cases:slip_answer", args=[assignment_id]))


@dataclass(frozen=True)
class Panel:
    """A card: its template reads `panel`. A folded one brings its rows only, the desk its frame."""

    template: str
    context: dict[str, Any]
    next_step: NextStep | None = None
    folded: str = ""  # its title, where it is a list that can wait: shown closed, after everything else
    count: int = 0


class Card(NamedTuple):
    """Who makes a card or several, and the columns of `app.desk_hints` of which one must say yes first; without any it is always asked.

    One that gathers from several places is `told` the hints, and asks those only where there is something.
    """

    make: Callable[..., Panel | list[Panel] | None]
    hints: tuple[str, ...] = ()
    told: bool = False

    def panels(self, user: User, hints: Any) -> list[Panel]:
        if self.hints and not any(getattr(hints, name) for name in self.hints):
            return []
        made = self.make(user, hints) if self.told else self.make(user)
        return made if isinstance(made, list) else [made] if made else []
