"""What is asked before a text of a case is sealed: does it name the survivor? One place for every text there is.

Who asks is set for the time of one request (cases/middleware.py). Where nobody asks, as in a command, the text waits for
the next look of whoever may open the card: trigger app.text_written.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID

from accounts import database
from accounts.models import User
from cases.choices import Purpose


class Text(NamedTuple):
    """A text that is about to be sealed."""

    case_id: UUID
    record_id: UUID
    field: str
    value: Any


Look = Callable[[Text, User], bool]  # whether it was looked at; raises to stop the write

_look: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def looking(look: Look) -> Iterator[None]:
    """Every text that is written inside is looked at first."""
    token = _look.set(look)
    try:
        yield
    finally:
        _look.reset(token)


def current() -> Look | None:
    """Who asks in this request."""
    return _look.get()


def before_sending(*, text: Text, by: User) -> None:
    """Called before a letter about a case goes to somebody who is not on it. It waits for nobody's later look."""
    if look := _look.get():
        look(text, by)


def before_writing(*, text: Text, purpose: Purpose, by: User) -> None:
    """Called by content.write and content.revise. PostgreSQL believes it only of a writer who may open the card."""
    look = _look.get()
    if look is not None and purpose == Purpose.CONTENT:
        database.set_local("app.text_looked", f"{text.record_id}:{text.field}" if look(text, by) else "")
