"""The first steps of nearly every test, made by the real services once a minute and put back row by row meanwhile.

A step is put back only where the log ends with the very entry that it began with (at first: with none), so what it
continues is what it continued. Whatever it changed beyond adding rows is not remembered but made anew, and so is
everything that begins after something else was logged. Rows, keys, proofs and entries of the log are those that the
services made; they are up to a minute old, as they would be if the test had been slow.
"""

import functools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

AGE = 60  # seconds: far less than anything that ends by itself, such as what the second factor allows
NOTHING_YET = 0  # the number of the last entry of an empty log
Head = tuple[int, bytes]
Rows = dict[str, bytes]


@dataclass(frozen=True)
class Step:
    """What one step added, to the tables and to what the tests know of people."""

    since: float
    rows: Rows
    head: Head
    people: dict


_steps: dict[tuple[Head, str], Step] = {}
_off: list[None] = []


@functools.cache
def _superuser() -> psycopg.Connection:
    """Writes rows without triggers: what they did is among the rows."""
    database = conninfo_to_dict(os.environ["OWNER_DATABASE_URL"])["dbname"]
    address = make_conninfo(os.environ["SUPERUSER_DATABASE_URL"], dbname=database)
    return psycopg.connect(address, autocommit=True, options="-c session_replication_role=replica")


@contextmanager
def nothing() -> Iterator[None]:
    """Inside, every step is made: a control of the database is off, and what is made without it is for this test only."""
    _off.append(None)
    try:
        yield
    finally:
        _off.pop()


def step(name: str, people: dict, make: Callable[[], None], tables: list[str]) -> None:
    """Put this step back, or make it and remember it where it begins at a known place."""
    if _off:
        make()
        return
    before = _head()
    found = _steps.get((before, name))
    if found and time.monotonic() - found.since < AGE:
        _put_back(found)
        people.update(deepcopy(found.people))
        return
    since = _known_since(before)
    if since is None:
        make()
        return
    rows, known = _rows(tables), set(people)
    make()
    added = _added(rows, _rows(tables))
    if added is not None:
        new = {name: person for name, person in people.items() if name not in known}
        _steps[before, name] = Step(since, added, _head(), deepcopy(new))


def _known_since(head: Head) -> float | None:
    """Since when there is what this head ends: now for an empty log, None after anything that is not remembered."""
    if head[0] == NOTHING_YET:
        return time.monotonic()
    for key, step in list(_steps.items()):
        if time.monotonic() - step.since >= AGE:
            del _steps[key]
    return next((step.since for step in _steps.values() if step.head == head), None)


def _head() -> Head:
    return _superuser().execute("SELECT sequence, hash FROM accounts_audithead", prepare=True).fetchone()


def _rows(tables: list[str]) -> Rows:
    found = {}
    with _superuser().cursor() as cursor:
        for table in tables:
            with cursor.copy(f"COPY {table} TO STDOUT") as lines:
                found[table] = b"".join(bytes(line) for line in lines)
    return found


def _added(before: Rows, after: Rows) -> Rows | None:
    """The rows that are new, by table; None if any row is not what it was."""
    found = {}
    for table, text in after.items():
        old = set(before[table].splitlines(keepends=True))
        new = text.splitlines(keepends=True)
        if old - set(new):
            return None
        found[table] = b"".join(line for line in new if line not in old)
    return {table: lines for table, lines in found.items() if lines}


def _put_back(step: Step) -> None:
    with _superuser().transaction(), _superuser().cursor() as cursor:
        for table, lines in step.rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(lines)
        cursor.execute("UPDATE accounts_audithead SET sequence = %s, hash = %s", step.head)
