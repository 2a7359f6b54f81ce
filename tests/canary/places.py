"""The places that are searched, and how a canary is planted in each to show that the search would find it."""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import redis
from django.core import mail

from config.launcher.binaries import find_postgres
from tests.canary.needles import Needles
from tests.conftest import as_definer


def superuser(database: str) -> psycopg.Connection:
    return psycopg.connect(os.environ["SUPERUSER_DATABASE_URL"], dbname=database, autocommit=True)


def database_name() -> str:
    return urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")


@dataclass
class Found:
    """What was found in one place, and how much was searched."""

    place: str
    hits: list[str]
    size: int


@dataclass
class Places:
    """Everything outside the answers of the site. `folder` is the run's own folder for temporary files."""

    folder: Path
    run: Path  # of the launcher: servers' data, their logs, the broker's file
    said: list[bytes] = field(default_factory=list)  # what processes wrote to standard output and error
    statements: set[bytes] = field(default_factory=set)  # what the server was seen to run meanwhile

    def search(self, needles: Needles) -> list[Found]:
        return [
            self._of_bytes("database dump", dump(), needles),
            self._of_bytes("statements under way", b"\n".join([statements(), *self.statements]), needles),
            self._of_files("disk of the servers", [data_directory(), self.run], needles),
            self._of_bytes("broker", broker_contents(), needles),
            self._of_bytes("logs of the processes", b"\n".join(self.said), needles),
            self._of_bytes("log of PostgreSQL", Path(os.environ["SIDRO_POSTGRES_LOG"]).read_bytes(), needles),
            self._of_bytes("mails", outbox() + b"\n".join(path.read_bytes() for path in self._mails()), needles),
            self._of_files("temporary files", [self.folder], needles),
        ]

    def _mails(self) -> list[Path]:
        return sorted((self.folder / "mail").glob("*"))

    @staticmethod
    def _of_bytes(place: str, data: bytes, needles: Needles) -> Found:
        return Found(place, needles.find(data), len(data))

    @staticmethod
    def _of_files(place: str, folders: list[Path], needles: Needles) -> Found:
        hits, size = needles.find_in_files(folders)
        return Found(place, [_with_table(hit) for hit in hits], size)

    def plant(self, needles: Needles) -> None:
        """The control: one canary in clear in each place."""
        text = needles.text("planted")
        with as_definer() as definer:
            definer.execute("INSERT INTO accounts_heartbeat VALUES (%s, now())", [text])
        with superuser(database_name()) as connection:
            connection.execute(f"DO $$ BEGIN RAISE LOG '{text}'; END $$")
            connection.execute("CHECKPOINT")
            self.held = psycopg.connect(os.environ["SUPERUSER_DATABASE_URL"], dbname=database_name())
            self.held.execute(f"SELECT '{text}'")
        broker().set("planted", text.encode().hex())
        self.said.append(f"A line with {text}.".encode())
        mail.outbox.append(mail.EmailMessage("Subject", f"Body with {text}", to=["x@example.org"]))
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as handle:
            handle.write(text.encode())


def dump() -> bytes:
    """The whole database as a dump, as text: bytea stands in it as hex. Session data and unlocked keys are in it, too."""
    with superuser(database_name()) as connection:
        parameters = connection.info.get_parameters()
    arguments = [
        f"--{name}={parameters[key]}" for name, key in (("host", "host"), ("username", "user")) if key in parameters
    ]
    done = subprocess.run(
        [find_postgres() / "pg_dump", *arguments, f"--dbname={database_name()}"],
        env={**os.environ, "PGPASSWORD": _password()},
        check=True,
        capture_output=True,
    )
    return done.stdout


def _password() -> str:
    from urllib.parse import unquote

    return unquote(urlsplit(os.environ["SUPERUSER_DATABASE_URL"]).password or "")


def statements() -> bytes:
    """What every other session of the server runs or ran last, as an administrator of the server sees it."""
    rows = _watching().execute("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
    return "\n".join(row[0] or "" for row in rows).encode()


@cache
def _watching() -> psycopg.Connection:
    return superuser("postgres")


def data_directory() -> Path:
    with superuser("postgres") as connection:
        connection.execute("CHECKPOINT")
        return Path(connection.execute("SHOW data_directory").fetchone()[0])


def broker() -> redis.Redis:
    address = urlsplit(os.environ["REDIS_URL"])
    number = int(parse_qs(address.query).get("virtual_host", ["0"])[0])
    return redis.Redis(unix_socket_path=address.path, password=address.password, db=number)


def broker_contents() -> bytes:
    """Every key of every database of the broker with its value, in the broker's own form."""
    told: list[bytes] = []
    line = broker()
    for number in range(16):
        line.execute_command("SELECT", number)
        for key in line.scan_iter():
            told += [key, _value(line, key)]
    line.close()
    return b"\n".join(told)


def _value(line: Any, key: bytes) -> bytes:
    read = {
        b"string": lambda: [line.get(key)],
        b"list": lambda: line.lrange(key, 0, -1),
        b"set": lambda: list(line.smembers(key)),
        b"zset": lambda: line.zrange(key, 0, -1),
        b"hash": lambda: [part for pair in line.hgetall(key).items() for part in pair],
    }
    return b"\n".join(read.get(line.type(key), lambda: [line.dump(key) or b""])())


def outbox() -> bytes:
    """What this process mailed."""
    return b"\n".join(message.message().as_bytes() for message in getattr(mail, "outbox", []))


def _with_table(hit: str) -> str:
    """Which table or index a file of PostgreSQL holds."""
    number = re.search(r"/base/\d+/(\d+)", hit)
    if not number:
        return hit
    with superuser(database_name()) as connection:
        name = connection.execute("SELECT relname FROM pg_class WHERE relfilenode = %s", [int(number[1])]).fetchone()
    return f"{hit} {name}"
