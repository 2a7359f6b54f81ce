"""A case with something in every table, and what of it is left: for the tests of erasure and of restore."""

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
from django.utils import timezone
from psycopg import sql

from cases.access import get_case
from cases.choices import CaseRole, NoteType, Severity
from cases.compartments import ErasureReason, OpeningReason
from cases.models import Approval, Deadline
from cases.services import casework, erasing, identity
from cases.services.approvals import answer_approval
from cases.services.deadlines import set_deadline
from cases.services.files import add_file
from tests.cases.helpers import assign, open_case, upload
from tests.cast import Cast

# Tables that name a case although nothing of it is left: the log, and the receipt itself.
NAMES_IT = {"accounts_auditevent": "object_id", "cases_erasure": "erased_id"}


def full_case(cast: Cast) -> str:
    """Ana leads, Boba is the backup, Lana the lawyer; notes, a date, a file, an open identity."""
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "lana")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        casework.write_note(case=case, nonce=uuid4(), type=NoteType.CASE_NOTE, text="She called at night.", by=ana)
        for severity, text in ((Severity.CRITICAL, "Private motion"), (Severity.ROUTINE, "Ask the platform")):
            due = timezone.localdate() + timedelta(days=10)
            set_deadline(case=case, nonce=uuid4(), due_on=due, severity=severity, assignee=cast.lana, text=text, by=ana)
        add_file(case=case, new=upload(), by=ana)
        values = {"kind": "name", "value": "Milica Petrović", "certainty": "said", "note": ""}
        identity.add_entry(case=case, nonce=uuid4(), values=values, by=ana)
        identity.open_card(case=case, reason=OpeningReason.HER_WISH, text="", by=ana)
    return code


def case_ids(definer: psycopg.Connection, code: str) -> tuple[UUID, UUID]:
    """Id of the case and of the request it came from."""
    return definer.execute("SELECT id, request_id FROM cases_case WHERE code = %s", [code]).fetchone()


def critical_date(code: str, cast: Cast) -> UUID:
    with cast.acting("ana"):
        return Deadline.objects.get(case__code=code, severity=Severity.CRITICAL).pk


def ask(cast: Cast, code: str, kept: UUID | None = None, by: str = "ana") -> Approval:
    with cast.acting(by) as person:
        asked = erasing.ask_erasure(
            case=get_case(person, code).case, kept=kept, reason=ErasureReason.HER_WISH, by=person
        )
        return Approval.objects.get(pk=asked)


def agree(cast: Cast, approval: Approval, by: str = "boba") -> None:
    with cast.acting(by) as person:
        answer_approval(approval=approval, approves=True, by=person)


def erase(cast: Cast, code: str, kept: UUID | None = None) -> None:
    agree(cast, ask(cast, code, kept))


def rows_naming(definer: psycopg.Connection, *ids: UUID) -> dict[tuple[str, str], int]:
    """How many rows of each table name one of these ids, in any column that can hold one: asked of the catalogue."""
    columns = definer.execute(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c"
        " JOIN pg_tables t ON t.schemaname = 'public' AND t.tablename = c.table_name"
        " WHERE c.table_schema = 'public' AND c.data_type IN ('uuid', 'text', 'character varying') ORDER BY 1, 2"
    ).fetchall()
    found = {}
    for table, column in columns:
        query = sql.SQL("SELECT count(*) FROM {} WHERE {}::text = ANY (%s)")
        (number,) = definer.execute(
            query.format(sql.Identifier(table), sql.Identifier(column)), [[str(one) for one in ids]]
        ).fetchone()
        if number:
            found[table, column] = number
    return found


def orphans(definer: psycopg.Connection) -> dict[str, int]:
    """Rows whose foreign key points at nothing, and sealed texts whose record is nowhere: of the whole database."""
    keys = definer.execute(
        "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, b.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]"
        " WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace"
    ).fetchall()
    assert len(keys) > 100
    found = {}
    for table, column, target, key in keys:
        query = f"SELECT count(*) FROM {table} x WHERE x.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {target} y WHERE y.{key} = x.{column})"
        (number,) = definer.execute(query).fetchone()
        if number:
            found[f"{table}.{column}"] = number
    return found


def counts(definer: psycopg.Connection) -> dict[str, int]:
    """Rows of every table."""
    tables = definer.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return {
        name: definer.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()[0]
        for (name,) in tables
    }


def logged(definer, action):
    """Object and detail of each entry of the log that says this was done."""
    query = "SELECT object_id, detail FROM accounts_auditevent WHERE action = %s AND outcome = 'done'"
    return definer.execute(query, [action]).fetchall()
