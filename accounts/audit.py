"""Units of work and the log entries that belong to them.

`with unit() as audit:` is the frame of every write. Its entries say `done` only if it came through, and `attempted`
if it was rolled back. They are held back and appended as the last statement of the outer transaction: the chain's
lock is held for a moment only, and a log that cannot be written fails the request. What functions of the database note
in the middle of a page waits for that moment as well (app.audit_note).
"""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from accounts import database
from accounts.choices import Action

DONE, ATTEMPTED = "done", "attempted"


@dataclass
class Entries:
    """Entries of one unit of work."""

    items: list[dict[str, str]] = field(default_factory=list)

    def record(self, action: Action, object_id: object = "", *, detail: str = "") -> None:
        """Note an act. `detail` is a code from a closed list, such as a purpose; never a name or a text."""
        self.items.append({"action": str(action), "object": str(object_id), "detail": detail, "outcome": DONE})


class _Scope(threading.local):
    """What the outer transaction of this thread has gathered; None where there is none."""

    gathered: list[dict[str, str]] | None = None


_scope = _Scope()


@contextmanager
def outer_transaction() -> Iterator[None]:
    """The outermost transaction of a request or a command: commits the work and its log together, or neither."""
    if _scope.gathered is not None:
        raise RuntimeError("an outer transaction is open already")
    _scope.gathered = []
    try:
        with transaction.atomic():
            yield
            flush()
    finally:
        _scope.gathered = None


@contextmanager
def unit() -> Iterator[Entries]:
    """A unit of work: atomic, with its own log entries."""
    if _scope.gathered is None:
        with _unit_of_its_own() as entries:
            yield entries
        return
    entries = Entries()
    try:
        with transaction.atomic():
            yield entries
    except BaseException:
        _gather(entries, ATTEMPTED)
        raise
    _gather(entries, DONE)


@contextmanager
def _unit_of_its_own() -> Iterator[Entries]:
    """A unit outside any request: what was only attempted is written in a transaction of its own."""
    entries = Entries()
    try:
        with outer_transaction():
            yield entries
            _gather(entries, DONE)
    except Exception:
        if entries.items and not database.in_transaction():
            with outer_transaction():
                _gather(entries, ATTEMPTED)
        raise


def _gather(entries: Entries, outcome: str) -> None:
    assert _scope.gathered is not None  # noqa: S101 - both callers opened a scope
    _scope.gathered.extend({**item, "outcome": outcome} for item in entries.items)


def seen(action: Action, object_id: object, *, detail: str = "") -> None:
    """Note a look, outside any unit: it counts as done unless the page fails afterwards."""
    entries = Entries()
    entries.record(action, object_id, detail=detail)
    if _scope.gathered is None:
        with outer_transaction():
            _gather(entries, DONE)
    else:  # nothing is written here that could be rolled back: no savepoint
        _gather(entries, DONE)


def refused(action: Action, typed: str) -> None:
    """Note a try at something that is not there for her, under a keyed hash: what people type stays out of the log."""
    digest = hmac.new(settings.SECRET_KEY.encode(), typed.encode(), hashlib.sha256).hexdigest()[:32]
    if _scope.gathered is not None:
        _scope.gathered.append({"action": str(action), "object": digest, "detail": "refused", "outcome": ATTEMPTED})


def rolled_back() -> None:
    """The view's own work was undone after its units had come through: none of it is `done`."""
    for item in _scope.gathered or ():
        item["outcome"] = ATTEMPTED


def flush() -> None:
    """Append what was gathered. The last statement of the outer transaction."""
    if _scope.gathered:
        database.value("audit_append", {"entries": _scope.gathered})
        _scope.gathered.clear()
