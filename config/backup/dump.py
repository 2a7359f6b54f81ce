"""Makes a backup: counts and dump are one picture of the database, taken as the role that no policy filters."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast

import psycopg
from django.conf import settings
from django.utils import timezone
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from config.backup import sealed_file
from config.launcher.binaries import find_postgres
from config.launcher.errors import LauncherError

# Unlocked keys and counters have no place in a backup; what actors are checked with is made anew by `migrate`.
OPTIONS = (
    "--format=custom",
    "--no-unlogged-table-data",
    "--exclude-table=app.context_key",
    "--exclude-table=app.audit_waiting",
    "--no-password",
)


class Failed(Exception):
    """No backup was made, or nothing was restored. The sentence says why, and holds no secret."""


def program(name: str) -> str:
    """pg_dump or pg_restore: beside our own server, or the system's. Raises Failed."""
    try:
        found: str | None = str(find_postgres() / name)
    except LauncherError:
        found = None
    found = found if found and os.access(found, os.X_OK) else shutil.which(name)
    if not found:
        raise Failed(f"{name} was not found: install PostgreSQL's client programs.")
    return found


def surroundings(url: str) -> dict[str, str]:
    """The address for PostgreSQL's programs, in the environment: arguments of a process are no secret."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    given = {names[name]: str(value) for name, value in conninfo_to_dict(url).items() if name in names}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **given}


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of every table whose rows are in a backup."""
    tables = connection.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind = 'r' AND c.relpersistence = 'p' ORDER BY 1"
    ).fetchall()
    counted = {}
    for (table,) in tables:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        counted[table] = row[0] if row else 0
    return counted


@contextmanager
def one_picture(url: str) -> Iterator[tuple[psycopg.Connection, str]]:
    """A connection and the name of its snapshot. A role whose rows a policy would filter is refused by PostgreSQL."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute("SET LOCAL row_security = off")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield connection, str(snapshot[0]) if snapshot else ""


def key_of_month(connection: psycopg.Connection, month: str) -> bytes:
    """The public half. Raises Failed."""
    row = connection.execute("SELECT public_key FROM accounts_backupkey WHERE month = %s", [month]).fetchone()
    if row is None:
        raise Failed(f"There is no key for the backups of {month} yet: manage.py backup_key makes it for the keepers.")
    return bytes(row[0])


def backup(url: str, folder: Path) -> Path:
    """Write a sealed backup into a folder: whole or not at all. Raises Failed."""
    now = timezone.now()
    month = timezone.localdate().strftime("%Y-%m")
    target = folder / f"sidro-{now:%Y%m%dT%H%M%SZ}.backup"
    draft = target.with_suffix(".partial")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with one_picture(url) as (connection, snapshot):
            details = describe(connection, now.isoformat())
            public_key = key_of_month(connection, month)
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                data = dumped(surroundings(url), f"--snapshot={snapshot}")
                sealed_file.write(out, month=month, public_key=public_key, details=details, data=data)
                out.flush()
                os.fsync(out.fileno())
        draft.rename(target)
    except psycopg.Error as problem:
        raise Failed(f"The database cannot be read whole: {problem.diag.message_primary or problem}") from None
    finally:
        draft.unlink(missing_ok=True)
    return target


def describe(connection: psycopg.Connection, made_at: str) -> dict[str, Any]:
    """What a restore is held against: rows of each table, head of the log, state of the migrations."""
    head = connection.execute("SELECT sequence, hash FROM accounts_audithead WHERE id = 1").fetchone()
    sequence, digest = head or (0, b"")
    return {
        "made_at": made_at,
        "counts": count_rows(connection),
        "head": [sequence, bytes(digest).hex()],
        "server": connection.info.server_version,
    }


def dumped(environment: Mapping[str, str], *more: str) -> Iterator[bytes]:
    """What pg_dump says, piece by piece. Raises Failed where it did not end well."""
    command = [program("pg_dump"), *OPTIONS, *more]
    with subprocess.Popen(  # noqa: S603 - our own words only
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        out, errors = cast(BinaryIO, child.stdout), cast(BinaryIO, child.stderr)
        while chunk := out.read(sealed_file.PIECE):
            yield chunk
        said = errors.read().decode(errors="replace")
    if child.returncode:
        raise Failed(f"pg_dump failed, nothing was kept: {said.strip().splitlines()[0] if said.strip() else ''}")


def clear_old(folder: Path) -> list[str]:
    """Remove backups whose month ended longer ago than BACKUP_KEEP_DAYS. Their key is destroyed by the keepers."""
    gone = []
    for path in sorted(folder.glob("sidro-*.backup")):
        try:
            with path.open("rb") as source:
                year, month = map(int, sealed_file.read_head(source)["month"].split("-"))
        except (sealed_file.Damaged, ValueError, KeyError):
            continue  # not ours to remove
        following = date(year + month // 12, month % 12 + 1, 1)
        if timezone.localdate() >= following + timedelta(days=settings.BACKUP_KEEP_DAYS):
            path.unlink()
            gone.append(path.name)
    return gone
