"""The ledger of erasures: a file outside the database, so that a restore can erase again what a backup brings back.

The rows are the queue: whatever the file does not have yet is added, so a lost tick or a lost file loses nothing.
"""

import fcntl
import json
import logging
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts import database

logger = logging.getLogger("sidro.ledger")


def write_ledger() -> int:
    """Add what is missing, each erasure one line of opaque ids. Returns how many. Without a path there is no ledger."""
    if not settings.ERASURE_LEDGER:
        return 0
    begins, rows = database.value("log_begins"), database.rows("erasures")
    if not begins:
        return 0
    try:
        return _append(Path(settings.ERASURE_LEDGER), begins, rows)
    except (OSError, ValueError, LookupError, TypeError):
        logger.exception("", extra={"event": "ledger_failed"})
        return 0


def _append(path: Path, begins: str, rows: list[Any]) -> int:
    """The first line says whose ledger it is, by the first entry of the log: one that is new never passes for one that is lost.

    One writer at a time. It is only added to, but for a line of ours that a killed writer left unfinished: that is
    written anew. Raises ValueError where the file is another installation's, or no ledger.
    """
    header, ours = {"begins": begins}, {str(row.id): line_of(row) for row in rows}
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        whole, end, unfinished = file.read().rpartition("\n")
        lines = [json.loads(line) for line in whole.splitlines() if line.strip()]
        if lines and lines[0] != header:
            raise ValueError("the ledger of another installation")
        if unfinished:
            if not any(_text(one).startswith(unfinished) for one in (header, *ours.values())):
                raise ValueError("not a ledger")
            file.truncate(len((whole + end).encode()))
        known = {line["id"] for line in lines[1:]}
        missing = [line for key, line in ours.items() if key not in known]
        file.writelines(_text(line) for line in ([] if lines else [header]) + missing)
        file.flush()
        os.fsync(file.fileno())
    return len(missing)


def _text(line: dict[str, Any]) -> str:
    return f"{json.dumps(line, sort_keys=True)}\n"


def line_of(row: Any) -> dict[str, Any]:
    """One erasure as a restore reads it."""
    return {
        "id": str(row.id),
        "number": row.number,
        "what": row.what,
        "reason": row.reason,
        "erased": str(row.erased_id),
        "kept": str(row.kept_id) if row.kept_id else None,
        "requests": [str(one) for one in row.request_ids],
        "at": row.at.isoformat(),
        "asked_by": str(row.asked_by_id) if row.asked_by_id else None,
        "agreed_by": str(row.agreed_by_id) if row.agreed_by_id else None,
    }
