"""What is erased with a case or a request, and in which order: generated from the foreign keys of the declared tables.

A row belongs to what it would be deleted with (on_delete=CASCADE). A new table is erased with its case by being
declared; whatever only refers to a case stops the erasure, because PostgreSQL checks every reference at its end.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from config.database.table import TABLES

CASE, REQUEST = "cases_case", "cases_helprequest"
# Rows that name a record without a foreign key. Notes that two colleagues hand over at the end of a shift are not among
# them: they belong to no case, and nobody but the two can open them.
_LINKS = "SELECT id FROM cases_caselink WHERE case_id = wanted OR other_id = wanted"
# What a line of somebody's weekly list can be about, besides the case or the request itself.
_LINES = ("cases_assignment", "cases_casecheck", "cases_contactattempt", "cases_deadline", "cases_task")
_PUT_OFF = " OR ".join(f"record_id IN (SELECT id FROM {table} WHERE case_id = wanted)" for table in _LINES)
UNTIED: dict[str, dict[str, tuple[tuple[str, ...], str]]] = {  # table: where the named rows are, and the condition
    CASE: {
        "vault_letter": (
            ("cases_assignment",),
            "record_id IN (SELECT id FROM cases_assignment WHERE case_id = wanted)",
        ),
        # The code in a hand-over by key keepers, and announcements of acts on the case; the erasure's own stays for review.
        "accounts_ceremonycase": ((), f"code IN (SELECT code FROM {CASE} WHERE id = wanted)"),
        "accounts_delayedact": (
            ("cases_approval",),
            "record_id IN (SELECT id FROM cases_approval WHERE case_id = wanted AND kind <> 'erase_case')",
        ),
        "cases_timelineentry": (("cases_caselink",), f"record_id IN ({_LINKS})"),
        "cases_putoff": (_LINES, f"record_id = wanted OR {_PUT_OFF}"),
    },
    REQUEST: {
        "cases_putoff": (
            ("cases_contactattempt",),
            "record_id = wanted OR record_id IN (SELECT id FROM cases_contactattempt WHERE request_id = wanted)",
        ),
    },
}
_HOLDERS = "a.case_id = wanted AND a.state = 'live' AND a.role IN ('lead', 'backup')"
# What stays with "everything but one date": the date, that it was reminded of, and whom it reminds.
SPARED = {
    "cases_deadline": "id IS DISTINCT FROM kept",
    "cases_reminder": "deadline_id IS DISTINCT FROM kept",
    "cases_assignment": "(kept IS NULL OR state <> 'live' OR role NOT IN ('lead', 'backup'))",
    "cases_caseuserpermission": "(kept IS NULL OR user_id NOT IN"
    f" (SELECT a.user_id FROM cases_assignment a WHERE {_HOLDERS}))",
    "cases_wall": "kept IS NULL",
}


def _foreign_keys() -> Iterator[tuple[str, str, str, bool]]:
    """Table, column, the table it points at, and whether the row belongs to that."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and model._meta.db_table in TABLES:
                owns = field.remote_field.on_delete is models.CASCADE
                target: Any = field.related_model
                yield model._meta.db_table, field.column, target._meta.db_table, owns


def belongings(root: str) -> dict[str, str]:
    """Tables whose rows belong to one row of `root`, children first, each with the condition that finds its rows."""
    keys = list(_foreign_keys())
    found = {table: [where] for table, (_named, where) in UNTIED[root].items()}
    waiting = [(root, "{column} = wanted")]
    while waiting:
        parent, template = waiting.pop(0)
        for table, column, target, owns in keys:
            if target == parent and owns and table not in (CASE, REQUEST):
                where = template.format(column=column)
                if where not in found.setdefault(table, []):
                    found[table].append(where)
                    waiting.append((table, "{column} IN (SELECT id FROM " + table + " WHERE " + where + ")"))
    keys += [(table, "", named, False) for table, (named_in, _where) in UNTIED[root].items() for named in named_in]
    order = _children_first(set(found), keys)
    return {table: "(" + " OR ".join(found[table]) + ")" for table in order}


def _children_first(tables: set[str], keys: list[tuple[str, str, str, bool]]) -> list[str]:
    """No table stands after one that it refers to, or whose rows its own are found by."""
    points_at = {table: {target for one, _column, target, _owns in keys if one == table} & tables for table in tables}
    points_at = {table: targets - {table} for table, targets in points_at.items()}
    order: list[str] = []
    while len(order) < len(tables):
        free = sorted(
            table
            for table in tables - set(order)
            if not any(table in targets for one, targets in points_at.items() if one not in order)
        )
        if not free:
            raise ValueError("tables of a case refer to each other in a circle")
        order += free
    return order


def statements(root: str) -> str:
    """The deletions as PL/pgSQL, for app.erase_rows and app.erase_request_rows."""
    lines = []
    for table, where in belongings(root).items():
        spared = SPARED.get(table) if root == CASE else None
        lines.append(f"  DELETE FROM {table} WHERE {where}" + (f" AND {spared}" if spared else "") + ";")
    return "\n".join(lines)
