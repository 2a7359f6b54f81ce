"""Puts what was played just now where it belongs: up to a year ago.

Everything in the demo is done by people through the real services, and those take the moment themselves. So each step
of a story is done now, and its distance from the moment that it tells of is kept (config/demo/moments.py). At the end
the owner of the database moves all readable times in one transaction: a time that falls into a step is moved by that
step's distance, and with it the days that the service counted from it. Nothing else is touched: no text, no key, no
sealed envelope. The log of what was done stays as it is, with the time at which it truly was done; so do the accounts
of people and their keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from psycopg import Connection, sql

from config.database.definer import owner
from config.demo.moments import Played


@dataclass(frozen=True)
class Moved:
    """Times of a table that were taken when something was done; days and times counted from one of them."""

    times: tuple[str, ...]
    follow: dict[str, str] | None = None


MOVED: dict[str, Moved] = {
    "cases_helprequest": Moved(("acknowledged_at", "taken_at", "ended_at", "referral_answered_at")),
    "cases_case": Moved(("opened_at", "closed_at")),
    "cases_assignment": Moved(("offered_at", "keys_sealed_at", "live_at", "ended_at")),
    "cases_note": Moved(("written_at",)),
    "cases_deadline": Moved(("set_at", "settled_at")),
    "cases_task": Moved(("set_at", "settled_at")),
    "cases_safetyplan": Moved(("made_at",), {"reviewed_on": "made_at"}),
    "cases_riskassessment": Moved(("assessed_at",), {"reassess_at": "assessed_at"}),
    "cases_casecheck": Moved(("settled_at",)),
    "cases_incident": Moved(("written_at", "changed_at")),
    "cases_casejurisdiction": Moved(("added_at", "removed_at")),
    "cases_consent": Moved(("noted_at", "withdrawn_at")),
    "cases_identitygrant": Moved(("asked_at", "approved_at", "ended_at")),
    "cases_casefile": Moved(("uploaded_at",)),
    "cases_caselink": Moved(("linked_at", "removed_at")),
    "cases_contactattempt": Moved(("begun_at", "ended_at")),
    "cases_contactlog": Moved(("logged_at",)),
    "cases_serviceunit": Moved(("given_at",)),
    "cases_approval": Moved(("asked_at", "answered_at")),
    "cases_conflictslip": Moved(("asked_at", "answered_at")),
    "cases_moverequest": Moved(("asked_at", "answered_at")),
    "cases_armedreach": Moved(("armed_at", "disarmed_at")),
    "cases_dutyshift": Moved(("entered_at",)),
    "cases_absence": Moved(("entered_at",)),
    "cases_shifthandover": Moved(("given_at", "taken_at")),
    "cases_notice": Moved(("created_at", "acknowledged_at")),
    "cases_identityentry": Moved(("added_at", "removed_at")),
    "cases_identityopening": Moved(("opened_at", "closed_at"), {"closes_at": "opened_at"}),
    "cases_textcheck": Moved(("written_at", "checked_at")),
    "cases_timelineentry": Moved(("at",)),
    "vault_sealed": Moved(("written_at",)),
}
# What stands on the case from its newest rating and its newest review.
_OF_THE_CASE = """
    UPDATE cases_case c SET
      reassess_at = (SELECT r.reassess_at FROM cases_riskassessment r WHERE r.case_id = c.id AND r.counts
                      ORDER BY r.assessed_at DESC LIMIT 1),
      reviewed_on = (SELECT max(n.written_at)::date FROM cases_note n WHERE n.case_id = c.id AND n.type = 'review_note')
"""


def move(played: Iterable[Played]) -> None:
    """Move everything, in one transaction. The triggers that guard each step are for people; they rest meanwhile."""
    with owner() as connection, connection.transaction():
        _steps(connection, played)
        tables = [sql.Identifier(name) for name in MOVED]
        for table in tables:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(_definer()))
        connection.execute(_checklists())
        for name, moved in MOVED.items():
            connection.execute(_update(name, moved))
        connection.execute(_OF_THE_CASE)
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what hangs on a row is asked now, not at the end
        connection.execute("RESET ROLE")
        for table in tables:
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


def _definer() -> sql.Identifier:
    return sql.Identifier(f"{settings.DATABASE_ROLE_PREFIX}_definer")


def _steps(connection: Connection, played: Iterable[Played]) -> None:
    connection.execute(
        "CREATE TEMPORARY TABLE played (began timestamptz PRIMARY KEY, ended timestamptz, earlier interval)"
        " ON COMMIT DROP"
    )
    connection.execute(sql.SQL("GRANT SELECT ON played TO {}").format(_definer()))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO played VALUES (to_timestamp(%s), to_timestamp(%s), make_interval(secs => %s))",
            [(step.began, step.ended, step.earlier) for step in played],
        )
    connection.execute("ANALYZE played")


def _distance(column: str) -> sql.Composable:
    """How much earlier a time belongs; nothing where no step of a story wrote it."""
    return sql.SQL(
        "coalesce((SELECT CASE WHEN p.ended >= {column} THEN p.earlier END FROM played p"
        " WHERE p.began <= {column} ORDER BY p.began DESC LIMIT 1), interval '0')"
    ).format(column=sql.Identifier("t", column))


def _checklists() -> sql.Composed:
    """Days of the checklist are counted from the day on which a case is opened: before that day itself is moved."""
    return sql.SQL(
        "UPDATE cases_casecheck k SET due_on = k.due_on - {} FROM cases_case t WHERE t.id = k.case_id"
    ).format(_distance("opened_at"))


def _update(name: str, moved: Moved) -> sql.Composed:
    changes = {column: _distance(column) for column in moved.times}
    changes |= {column: _distance(counted) for column, counted in (moved.follow or {}).items()}
    values = [
        sql.SQL("{column} = {table}.{column} - {by}").format(
            column=sql.Identifier(column), table=sql.Identifier("t"), by=by
        )
        for column, by in changes.items()
    ]
    return sql.SQL("UPDATE {} t SET {}").format(sql.Identifier(name), sql.SQL(", ").join(values))
