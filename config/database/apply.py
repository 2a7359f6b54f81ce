"""Make the live database equal to the declarative table: functions, triggers, row security, policies, rights.

Everything is dropped and made again in one transaction after each `migrate`, so that an edit of the table is enough
and nothing drifts (docs/decisions/0002). Runs as the owner, who is a member of the definer role without inheriting it.
"""

import re
from pathlib import Path
from typing import LiteralString

import psycopg
from django.conf import settings
from psycopg import sql

from accounts import quorum
from config.database import erasure
from config.database.clauses import allowed_states, grant_cover
from config.database.table import EXECUTE, LOGIN_ROLES, TABLES, Access

FUNCTIONS = Path(__file__).parent / "functions"
_HEADER = re.compile(r"^-- app\.(\w+) \| caller: (.+?) \| right: (.+?) \| test: (\S+)$", re.MULTILINE)


def role(prefix: str, name: str) -> sql.Identifier:
    return sql.Identifier(f"{prefix}_{name}")


def register() -> list[tuple[str, str, str, str]]:
    """The register of definer functions: name, caller, right, test."""
    return sorted(entry for path in FUNCTIONS.glob("*.sql") for entry in _HEADER.findall(path.read_text()))


def apply(connection: psycopg.Connection, *, prefix: str, context_key: bytes) -> None:
    """Apply everything in one transaction on the owner's connection."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL check_function_bodies = off")
        _drop(cursor)
        _schema(cursor, prefix)
        _functions(cursor, prefix, context_key)
        for table in _tables(cursor):
            _close(cursor, table, prefix)
            _open(cursor, table, TABLES.get(table), prefix)
        for kind in ("TABLES", "SEQUENCES"):
            grant = sql.SQL("GRANT SELECT ON ALL {} IN SCHEMA public TO {}")
            cursor.execute(grant.format(sql.SQL(kind), role(prefix, "backup")))


def _tables(cursor: psycopg.Cursor) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [name for (name,) in cursor.fetchall()]


def _drop(cursor: psycopg.Cursor) -> None:
    """Policies and triggers first, because they hang on the functions."""
    cursor.execute("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'")
    for table, policy in cursor.fetchall():
        cursor.execute(sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(policy), sql.Identifier(table)))
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND NOT t.tgisinternal"
    )
    for table, trigger in cursor.fetchall():
        cursor.execute(sql.SQL("DROP TRIGGER {} ON {}").format(sql.Identifier(trigger), sql.Identifier(table)))


def _schema(cursor: psycopg.Cursor, prefix: str) -> None:
    definer = role(prefix, "definer")
    cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'app'")
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE SCHEMA app AUTHORIZATION {}").format(definer))
    cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    names = sql.SQL(", ").join(role(prefix, name) for name in (*LOGIN_ROLES, "definer"))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(names))


def _functions(cursor: psycopg.Cursor, prefix: str, context_key: bytes) -> None:
    definer = role(prefix, "definer")
    cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(definer))
    cursor.execute(
        "DROP TABLE IF EXISTS app.audit_waiting"
    )  # empty between transactions; its trigger hangs on a function
    for signature, _name in _present(cursor):
        cursor.execute(sql.SQL("DROP FUNCTION {}").format(sql.SQL(signature)))
    cursor.execute("REVOKE ALL ON SCHEMA app FROM PUBLIC")
    for name in LOGIN_ROLES:
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA app TO {}").format(role(prefix, name)))
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS app.context_key (single boolean PRIMARY KEY CHECK (single), inner_pad bytea, outer_pad bytea)"
    )
    _context_key(cursor, context_key)
    cursor.execute(
        "CREATE UNLOGGED TABLE app.audit_waiting (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry jsonb NOT NULL, is_last boolean NOT NULL DEFAULT false)"
    )
    _create(cursor, prefix)
    cursor.execute(
        "CREATE CONSTRAINT TRIGGER audit_waited AFTER INSERT ON app.audit_waiting DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION app.audit_waited()"
    )
    for signature, name in _present(cursor):
        _guard(cursor, sql.SQL(signature), name, prefix)
    cursor.execute("RESET ROLE")


def _present(cursor: psycopg.Cursor) -> list[tuple[LiteralString, str]]:
    """Signature and name of every function of ours."""
    cursor.execute(
        "SELECT p.oid::regprocedure::text, p.proname FROM pg_proc p WHERE p.pronamespace = 'app'::regnamespace"
    )
    return cursor.fetchall()


def _create(cursor: psycopg.Cursor, prefix: str) -> None:
    """Run the files, with what they are told from here."""
    told = {
        "@owner_text@": "'" + f"{prefix}_owner".replace("'", "''") + "'",
        "@zone@": sql.Literal(settings.TIME_ZONE).as_string(cursor),
        "@allowed_states@": allowed_states(),
        "@grant_cover@": grant_cover(),
        "@quorum@": quorum.as_values(),
        "@rows_of_a_case@": erasure.statements(erasure.CASE),
        "@rows_of_a_request@": erasure.statements(erasure.REQUEST),
        "@keep_case_months@": str(settings.KEEP_CASE_MONTHS),
        "@keep_request_months@": str(settings.KEEP_REQUEST_MONTHS),
    }
    for path in sorted(FUNCTIONS.glob("*.sql")):
        text = path.read_text()
        for token, value in told.items():
            text = text.replace(token, value)
        cursor.execute(text)


def _guard(cursor: psycopg.Cursor, function: sql.SQL, name: str, prefix: str) -> None:
    """A function acts as the definer, finds its tables by a path of its own, and is called by its roles only."""
    cursor.execute(sql.SQL("ALTER FUNCTION {} SECURITY DEFINER").format(function))
    cursor.execute(sql.SQL("ALTER FUNCTION {} SET search_path = pg_catalog, public, pg_temp").format(function))
    cursor.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(function))
    for login, callable_ in EXECUTE.items():
        if name in callable_.split():
            cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(function, role(prefix, login)))


def _context_key(cursor: psycopg.Cursor, key: bytes) -> None:
    """Store the pads of HMAC-SHA256 (RFC 2104, block of 64 bytes): core sha256() does the rest, without pgcrypto."""
    block = key[:64].ljust(64, b"\0")
    pads = bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
    cursor.execute(
        "INSERT INTO app.context_key VALUES (true, %s, %s)"
        " ON CONFLICT (single) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad",
        pads,
    )


def _close(cursor: psycopg.Cursor, table: str, prefix: str) -> None:
    """Nobody but the definer, by an explicit policy of its own (BYPASSRLS is not portable)."""
    name = sql.Identifier(table)
    everybody = sql.SQL(", ").join(role(prefix, login) for login in LOGIN_ROLES if login != "owner")
    cursor.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(name, everybody))
    cursor.execute(sql.SQL("GRANT ALL ON {} TO {}").format(name, role(prefix, "definer")))


def _open(cursor: psycopg.Cursor, table: str, access: Access | None, prefix: str) -> None:
    name, web = sql.Identifier(table), role(prefix, "web")
    if table == "django_migrations":
        return
    if access is not None and access.pattern == "reference":
        cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(name, web))
        return
    cursor.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(name))
    cursor.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(name))
    cursor.execute(
        sql.SQL("CREATE POLICY definer ON {} TO {} USING (true) WITH CHECK (true)").format(
            name, role(prefix, "definer")
        )
    )
    if access is None:
        return
    for right in access.rights:
        cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(right), name, web))
    clauses = {
        "SELECT": f"USING ({access.select})" if access.select else "",
        "INSERT": f"WITH CHECK ({access.insert})" if access.insert else "",
        "UPDATE": f"USING ({access.update}) WITH CHECK (({access.update}) AND {access.updated or 'true'})"
        if access.update
        else "",
    }
    for command, clause in clauses.items():
        if clause:
            cursor.execute(
                sql.SQL("CREATE POLICY {} ON {} FOR {} TO {} {}").format(
                    sql.Identifier(f"web_{command.lower()}"), name, sql.SQL(command), web, sql.SQL(clause)
                )
            )
    for function, moment in access.triggers.items():
        cursor.execute(
            sql.SQL("CREATE TRIGGER {} {} ON {} FOR EACH ROW EXECUTE FUNCTION app.{}()").format(
                sql.Identifier(function), sql.SQL(moment), name, sql.Identifier(function)
            )
        )
