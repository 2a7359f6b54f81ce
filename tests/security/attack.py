"""Tools of the attack tests: raw SQL as the web role, planted rows, and controls switched off and on again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection

from config.database.apply import apply
from tests import remembered
from tests.conftest import as_definer, as_owner

# What a function notes goes into the chain in the middle of its transaction, with the head locked from then on.
NOTED_AT_ONCE = (
    "SET ROLE sidro_definer",
    "CREATE OR REPLACE FUNCTION app.audit_note(action text, object_id text, detail text) RETURNS void LANGUAGE sql AS $$"
    " SELECT app.audit_write(jsonb_build_object('entries', jsonb_build_array(jsonb_build_object("
    "'action', action, 'outcome', 'done', 'object', object_id, 'detail', detail)))) $$",
)


def run(statement: str, *arguments: object) -> list[tuple]:
    """Raw SQL as role web, inside the transaction and under the actor that the test has set."""
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall() if cursor.description else []


def plant(statement: str, *arguments: object) -> None:
    """What somebody who writes the database directly could do."""
    with as_definer() as definer:
        definer.execute(statement, arguments)


@contextmanager
def switched_off(*statements: str) -> Iterator[None]:
    """Run statements as the owner, such as disabling row security; afterwards everything is applied anew."""
    try:
        with as_owner() as owner:
            for statement in statements:
                owner.execute(statement)
        with remembered.nothing():
            yield
    finally:
        with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
            apply(owner, prefix=settings.DATABASE_ROLE_PREFIX, context_key=bytes.fromhex(settings.CONTEXT_KEY))


@contextmanager
def rewritten(function: str, old: str, new: str) -> Iterator[None]:
    """A function of the database with one check written otherwise; afterwards it is as before."""
    with as_definer() as definer:
        text = definer.execute("SELECT pg_get_functiondef(%s::regproc)", [f"app.{function}"]).fetchone()[0]
    assert old in text, f"app.{function} does not say: {old}"
    with switched_off(f'SET ROLE "{settings.DATABASE_ROLE_PREFIX}_definer"', text.replace(old, new)):
        yield


def open_table(table: str) -> str:
    return f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
