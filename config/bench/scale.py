"""Fill a database with a large installation, in bulk, as the owner.

COPY does not work under row security, and the triggers judge people who act: inside this one transaction the tables
are not forced and our triggers are off. Whatever happens, the transaction ends with both as they were, or not at all.
"""

from collections.abc import Iterable
from uuid import UUID, uuid4

import psycopg
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb

from config.bench import rows
from config.bench.plan import Holder, Plan, plans
from config.database.definer import definer, owner

FILLED = ("accounts_user", "cases_caseuserpermission", *(name for name, _columns, _rows in rows.TABLES))


class Unfit(Exception):
    """These sizes or people cannot be filled in."""


def fill(*, cases: int, users: int, hundred: str = "", half: str = "") -> None:
    """Make `users` people without a password and `cases` cases with three people each.

    `hundred` and `half` are sign-in names of people who have enrolled: one leads a hundred cases, the other works on
    half of all, and what is sealed to them they can open. Raises Unfit, NoOwner.
    """
    if cases < 1 or users < 5:
        raise Unfit("At least one case and five people.")
    found = {name: holder(name) for name in (hundred, half) if name}
    now = timezone.now()
    people = [Holder(uuid4()) for _person in range(users)]
    planned = list(plans(cases=cases, people=people, hundred=found.get(hundred), half=found.get(half), now=now))
    fill_plans(planned, people)


def fill_plans(planned: list[Plan], people: Iterable[Holder] = ()) -> None:
    """Write planned cases, and people who are not there yet. Raises NoOwner."""
    with owner() as connection:
        with connection.transaction(), connection.cursor() as cursor:
            _open(cursor)
            _copy(cursor, "accounts_user", rows.USER_COLUMNS, rows.people(people, timezone.now()))
            for table, columns, made in rows.TABLES:
                _copy(cursor, table, columns, made(planned))
            _copy(cursor, "cases_caseuserpermission", rows.PERMISSION_COLUMNS, rows.permissions(planned, _ids(cursor)))
            _close(cursor)
        _log_keys(planned)
        for table in (*FILLED, "accounts_auditevent"):
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def holder(login_name: str) -> Holder:
    """Somebody who has enrolled. Raises Unfit."""
    with definer() as connection:
        found: tuple[UUID, bytes] | None = connection.execute(
            "SELECT u.id, k.public_key FROM accounts_user u JOIN accounts_publickey k ON k.user_id = u.id"
            " WHERE u.login_name = %s AND k.retired_at IS NULL",
            [login_name],
        ).fetchone()
    if found is None:
        raise Unfit(f"{login_name} has not enrolled.")
    return Holder(found[0], bytes(found[1]))


def _open(cursor: psycopg.Cursor) -> None:
    for table in FILLED:
        name = sql.Identifier(table)
        cursor.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(name))
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _close(cursor: psycopg.Cursor) -> None:
    for table in FILLED:
        name = sql.Identifier(table)
        cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))
        cursor.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(name))


def _copy(cursor: psycopg.Cursor, table: str, columns: str, made: Iterable[tuple]) -> None:
    names = sql.SQL(", ").join(sql.Identifier(column.strip()) for column in columns.split(","))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
        for row in made:
            copy.write_row(row)


def _log_keys(planned: list[Plan]) -> None:
    """The keys that were made go into the log: before anything is sealed under a key, the log is asked about it."""
    entries = [
        {"action": "case_keys_made", "object": str(plan.id), "outcome": "done", "detail": detail}
        for plan in planned
        for detail in rows.logged_keys(plan)
    ]
    with definer() as connection, connection.transaction():
        for start in range(0, len(entries), 5000):
            batch = Jsonb({"entries": entries[start : start + 5000]})
            connection.execute("SELECT app.audit_write(%s)", [batch])


def _ids(cursor: psycopg.Cursor) -> dict[str, int]:
    """Ids of the permissions on cases, by codename."""
    cursor.execute(
        "SELECT p.codename, p.id FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id"
        " WHERE t.app_label = 'cases' AND t.model = 'case'"
    )
    return dict(cursor.fetchall())
