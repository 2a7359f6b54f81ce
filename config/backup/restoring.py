"""Puts a backup back into a database that nobody may enter until everything is proved.

The doors of the database are closed when it is made (no CONNECT for any login role) and opened at the very end: the
passwords of the roles stay as they are, because a server can hold another, living database.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb

from accounts import crypto
from config.backup import ledger, sealed_file
from config.backup.dump import Failed, count_rows, program, surroundings
from config.database import chain
from config.database.table import LOGIN_ROLES

SCRATCH = "sidro_restore_test_"


@dataclass(frozen=True)
class Proof:
    """What was proved of a restored database."""

    rows: int
    entries: int
    erased_again: int


def private_key(code: str) -> bytes:
    """The private half from the keepers' paper. Raises Failed."""
    try:
        return crypto.key_of_code(code)
    except ValueError:
        raise Failed("This is not a code of the keepers: it has 52 letters and digits.") from None


def address(url: str, database: str, role: str = "") -> str:
    """The same server, another database."""
    parts = conninfo_to_dict(url)
    server = {name: str(value) for name, value in parts.items() if name not in {"dbname"}}
    return psycopg.conninfo.make_conninfo(**{**server, "dbname": database}, **({"user": role} if role else {}))


def as_url(conninfo: str) -> str:
    """An address as Django's settings read it."""
    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    words = {name: quote(parts.get(name, ""), safe="") for name in ("user", "password", "host", "port", "dbname")}
    ssl = f"&sslmode={parts['sslmode']}" if "sslmode" in parts else ""
    port = f"&port={words['port']}" if words["port"] else ""
    return f"postgresql://{words['user']}:{words['password']}@/{words['dbname']}?host={words['host']}{port}{ssl}"


def restore(
    source: BinaryIO, *, code: str, superuser_url: str, owner_url: str, database: str, book: ledger.Ledger
) -> Proof:
    """Restore into a new database, with every step proved; its doors stay closed. Raises Failed."""
    try:
        details = sealed_file.check(source, private_key(code))
    except sealed_file.Damaged:
        raise Failed("The backup cannot be opened: another key, or the file was changed or cut off.") from None
    create(superuser_url, database)
    here = address(superuser_url, database)
    _load(here, sealed_file.read(source, private_key(code)))
    with psycopg.connect(here, autocommit=True) as connection:
        rows = _same_counts(details["counts"], count_rows(connection))
        _migrate(address(owner_url, database))
        with _owner(connection):
            entries = _same_chain(connection, details["head"])
            ledger.same_house(connection, book.begins)
            again = ledger.replay(connection, book.lines)
            entry = {"action": "restored", "object": "", "detail": str(details["head"][0]), "outcome": "done"}
            connection.execute("SELECT app.audit_append(%s)", [Jsonb({"entries": [entry]})])
            _same_chain(connection, None)
        if back := ledger.brought_back(connection, book.lines):
            raise Failed(f"{len(back)} of what was erased is there again. The doors stay closed.")
    return Proof(rows, entries, again)


def create(superuser_url: str, database: str) -> None:
    """An empty database that only its owner may enter. Raises Failed where one of this name is there."""
    owner = sql.Identifier(f"{settings.DATABASE_ROLE_PREFIX}_owner")
    name = sql.Identifier(database)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            raise Failed(f"There is a database {database} already. Nothing was touched; restore into a new one.")
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(name, owner)
        )
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    with psycopg.connect(address(superuser_url, database), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner))


def drop(superuser_url: str, database: str) -> None:
    """Remove a scratch database."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def open_doors(superuser_url: str, database: str) -> None:
    """Let the login roles in: the last step of a restore."""
    roles = sql.SQL(", ").join(sql.Identifier(f"{settings.DATABASE_ROLE_PREFIX}_{name}") for name in LOGIN_ROLES)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), roles))


def _load(url: str, pieces: Iterator[bytes]) -> None:
    """Hand the data to pg_restore, in one transaction."""
    next(pieces)  # the details
    command = [program("pg_restore"), "--no-acl", "--exit-on-error", "--single-transaction", "--no-password"]
    environment = surroundings(url)
    command += ["--dbname", environment["PGDATABASE"]]
    with subprocess.Popen(  # noqa: S603 - our own words only
        command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        into, errors = cast(BinaryIO, child.stdin), cast(BinaryIO, child.stderr)
        with suppress(BrokenPipeError):  # it has ended; what it said tells why
            for piece in pieces:
                into.write(piece)
            into.close()
        said = errors.read().decode(errors="replace").strip()
    if child.returncode:
        raise Failed(f"pg_restore failed: {said.splitlines()[0] if said else child.returncode}")


def _same_counts(kept: dict[str, int], found: dict[str, int]) -> int:
    """Every table has as many rows as when the backup was made; a table that a policy emptied is found here."""
    wrong = sorted(table for table in kept.keys() | found.keys() if kept.get(table) != found.get(table))
    if wrong:
        table = wrong[0]
        raise Failed(
            f"{len(wrong)} tables have other rows than when the backup was made, first {table}:"
            f" {found.get(table)} instead of {kept.get(table)}."
        )
    return sum(found.values())


def _migrate(owner_url: str) -> None:
    """Tables, functions, policies and rights as this version of the program wants them."""
    environment = {**os.environ, "SIDRO_PROCESS": "owner", "OWNER_DATABASE_URL": as_url(owner_url)}
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "migrate", "--noinput", "-v0"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - this very program
    if answer.returncode:
        said = answer.stderr.strip().splitlines()
        raise Failed(f"migrate failed on the restored database: {said[-1] if said else answer.returncode}")


@contextmanager
def _owner(connection: psycopg.Connection) -> Iterator[None]:
    """The superuser acts as the owner, whose functions ask who has signed in."""
    owner = sql.Identifier(f"{settings.DATABASE_ROLE_PREFIX}_owner")
    connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(owner))
    try:
        yield
    finally:
        connection.execute("RESET SESSION AUTHORIZATION")


def _same_chain(connection: psycopg.Connection, head: list[Any] | None) -> int:
    """The log verifies, and ends where it ended. Raises Failed."""
    stored = chain.stored_head(connection)
    anchors = chain.stored_anchors(connection)
    if head is not None:
        anchors.append(chain.Anchor(int(head[0]), bytes.fromhex(head[1])))
        if (int(head[0]), bytes.fromhex(head[1])) != stored:
            raise Failed("The log ends elsewhere than when the backup was made.")
    try:
        return chain.verify(chain.stored_entries(connection), head=stored, anchors=anchors).count
    except chain.Broken as broken:
        raise Failed(f"The audit log is broken at {broken}.") from None
