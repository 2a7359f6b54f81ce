"""Checks the chain of the audit log, computed anew from what the entries say (design: vault, "Audit")."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg

START = hashlib.sha256(b"sidro").digest()  # the head of an empty log: migration accounts 0002
BATCH = 5_000

Entry = tuple[int, str, bytes]  # sequence, canonical text, hash


class Broken(Exception):
    """The first place where the log is not what was written."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(f"entry {sequence}: {reason}")
        self.sequence = sequence


@dataclass(frozen=True)
class Verdict:
    """A whole chain: how many entries, and the hash of the last."""

    count: int
    hash: bytes


def verify(entries: Iterable[Entry], *, head: tuple[int, bytes], anchors: Mapping[int, bytes]) -> Verdict:
    """Walk the chain from its start. `anchors` are heads that were kept elsewhere, hash by sequence.

    The head alone finds what was cut off or changed by somebody who could not write the head; a chain that was made
    anew to its end is found by an anchor only. Raises Broken.
    """
    sequence, last = 0, START
    for number, canonical, stored in entries:
        if number != sequence + 1:
            raise Broken(sequence + 1, "is missing")
        last = hashlib.sha256(last + canonical.encode()).digest()
        if last != bytes(stored):
            raise Broken(number, "does not fit what is before it")
        if number in anchors and anchors[number] != last:
            raise Broken(number, "is not the one that was kept elsewhere")
        sequence = number
    if beyond := [number for number in anchors if number > sequence]:
        raise Broken(sequence + 1, f"is missing; entry {max(beyond)} was kept elsewhere")
    if head != (sequence, last):
        raise Broken(sequence + 1, "the head of the log says something else than its last entry")
    return Verdict(sequence, last)


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
