"""Erasures as a restore finds them: a file of opaque ids outside the database, one JSON object a line."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from config.backup.dump import Failed


class Ledger(NamedTuple):
    """What the file says: whose it is (hash of the first entry of the log), and every erasure."""

    begins: str
    lines: list[dict[str, Any]]


def read(path: Path) -> Ledger:
    """The whole file. Raises Failed: a restore without its ledger would bring erased people back."""
    try:
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    except FileNotFoundError:
        raise Failed(f"The ledger of erasures {path} is not there. Without it erased people would come back.") from None
    except ValueError:
        raise Failed(f"The ledger of erasures {path} is damaged.") from None
    if (
        not lines
        or "begins" not in lines[0]
        or any(not {"id", "erased", "requests"} <= line.keys() for line in lines[1:])
    ):
        raise Failed(f"The ledger of erasures {path} is damaged.")
    return Ledger(lines[0]["begins"], lines[1:])


def same_house(connection: psycopg.Connection, begins: str) -> None:
    """Raises Failed where the ledger was begun beside another database: a new one does not know who was erased."""
    if connection.execute("SELECT app.log_begins()").fetchone() != (begins,):
        raise Failed(
            "This ledger of erasures was begun for another database. Find the one that was kept beside the lost"
            " database: without it erased people would come back."
        )


def replay(connection: psycopg.Connection, lines: list[dict[str, Any]]) -> int:
    """Erase again what the backup brought back; returns how many. The connection is the owner's. Raises Failed."""
    known = {str(row[0]) for row in connection.execute("SELECT id FROM app.erasures()").fetchall()}
    if missing := known - {line["id"] for line in lines}:
        raise Failed(f"The ledger is not whole: the backup itself knows of {len(missing)} erasures that it does not.")
    again = 0
    for line in lines:
        row = connection.execute("SELECT app.erasure_replay(%s)", [Jsonb(line)]).fetchone()
        again += bool(row and row[0])
    return again


def brought_back(connection: psycopg.Connection, lines: list[dict[str, Any]]) -> list[str]:
    """Ids of the ledger that are there all the same; of a case with one date left, the shell may be."""
    found = []
    for gone in sorted({one for line in lines for one in (line["erased"], *line["requests"])}):
        row = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = %(one)s)"
            " OR EXISTS (SELECT 1 FROM vault_sealed s WHERE s.case_id = %(one)s OR s.request_id = %(one)s)"
            " OR EXISTS (SELECT 1 FROM vault_wrap w WHERE w.case_id = %(one)s)"
            " OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = %(one)s AND c.state <> 'erased')",
            {"one": gone},
        ).fetchone()
        if row and row[0]:
            found.append(gone)
    return found
