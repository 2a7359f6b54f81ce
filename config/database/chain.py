"""Checks the chain of the audit log, computed anew from what the entries say (design: vault, "Audit")."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings

START = hashlib.sha256(b"sidro").digest()  # the head of an empty log: migration accounts 0002
BATCH = 5_000
RESTORED = '"restored"'

Entry = tuple[int, str, bytes]  # sequence, canonical text, hash


class Broken(Exception):
    """The first place where the log is not what was written."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(f"entry {sequence}: {reason}")
        self.sequence = sequence


@dataclass(frozen=True)
class Anchor:
    """A head that was kept: here, or elsewhere. The day says on which side of a restore it was taken."""

    sequence: int
    hash: bytes
    day: date | None = None


@dataclass(frozen=True)
class Restore:
    """An entry that says that the database was put back: entries after the backup are gone, and the numbers run anew."""

    sequence: int
    day: date

    def explains(self, anchor: Anchor) -> bool:
        """Whether a head may miss because it was taken before; one without a day is not explained."""
        return anchor.day is not None and anchor.sequence >= self.sequence and anchor.day <= self.day


@dataclass(frozen=True)
class Verdict:
    """A whole chain: how many entries, the hash of the last, and heads that a restore explains."""

    count: int
    hash: bytes
    explained: tuple[tuple[Anchor, Restore], ...] = ()


def verify(entries: Iterable[Entry], *, head: tuple[int, bytes], anchors: Iterable[Anchor] = ()) -> Verdict:
    """Walk the chain from its start, and hold it against heads that were kept.

    The head alone finds what was cut off or changed by somebody who could not write the head; a chain that was made
    anew to its end is found by an anchor only. Raises Broken.
    """
    kept = _Kept(anchors)
    sequence, last = 0, START
    for number, canonical, stored in entries:
        if number != sequence + 1:
            raise Broken(sequence + 1, "is missing")
        last = hashlib.sha256(last + canonical.encode()).digest()
        if last != bytes(stored):
            raise Broken(number, "does not fit what is before it")
        kept.reached(number, canonical, last)
        sequence = number
    if head != (sequence, last):
        raise Broken(sequence + 1, "the head of the log says something else than its last entry")
    kept.beyond(sequence)
    return Verdict(sequence, last, tuple(kept.explained))


class _Kept:
    """Heads that were kept, held against the chain while it is walked."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self._open: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            if anchor != Anchor(0, START, anchor.day):  # the head of an empty log fits every log
                self._open.setdefault(anchor.sequence, []).append(anchor)
        self._restores: list[Restore] = []
        self.explained: list[tuple[Anchor, Restore]] = []

    def reached(self, number: int, canonical: str, last: bytes) -> None:
        """Raises Broken where another hash was kept of this entry."""
        if RESTORED in canonical and (restore := _restore(number, canonical)):
            self._restores.append(restore)
        for anchor in self._open.pop(number, ()):
            if anchor.hash != last:
                self._explain(anchor, Broken(number, "is not the one that was kept"))

    def beyond(self, sequence: int) -> None:
        """Raises Broken where an entry was kept that is not there (any more)."""
        for number in sorted(self._open):
            for anchor in self._open[number]:
                self._explain(anchor, Broken(sequence + 1, f"is missing; entry {number} was kept"))

    def _explain(self, anchor: Anchor, otherwise: Broken) -> None:
        """Note the restore because of which a head does not fit; raises `otherwise` where there is none."""
        for restore in reversed(self._restores):
            if restore.explains(anchor):
                self.explained.append((anchor, restore))
                return
        raise otherwise


def _restore(number: int, canonical: str) -> Restore | None:
    entry = json.loads(canonical)
    if (entry["action"], entry["outcome"]) != ("restored", "done"):
        return None
    at = datetime.fromisoformat(entry["at"])
    return Restore(number, at.astimezone(ZoneInfo(settings.TIME_ZONE)).date())


def stored_entries(connection: psycopg.Connection) -> Iterable[Entry]:
    """All entries in order, in batches, through the owner's reading function."""
    after = 0
    while rows := connection.execute("SELECT * FROM app.audit_read(%s, %s)", [after, BATCH]).fetchall():
        yield from rows
        after = rows[-1][0]


def stored_head(connection: psycopg.Connection) -> tuple[int, bytes]:
    """What the log says of its end."""
    row = connection.execute("SELECT sequence, hash FROM app.audit_head()").fetchone()
    return (int(row[0]), bytes(row[1])) if row else (-1, b"")


def stored_anchors(connection: psycopg.Connection) -> list[Anchor]:
    """Heads of each day that are kept in the database itself: whoever changes the log may have changed them, too."""
    rows = connection.execute("SELECT * FROM app.audit_anchors()").fetchall()
    return [Anchor(sequence, bytes(digest), day) for sequence, digest, day in rows]
