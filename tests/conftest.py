"""The harness: the owner migrates once, the tests run as role web, tables are emptied by name after each test."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from config.database.table import TABLES
from tests.browsers import base_url, browser_type_launch_args, watched  # noqa: F401 - fixtures for all folders
from tests.cast import Cast

# Rows that a migration put there and every test needs.
KEPT = {"cases_openinghours", "accounts_audithead"}
EMPTIED = [
    name
    for name, access in TABLES.items()
    if name not in KEPT
    and access.pattern != "reference"
    and name.split("_")[0] in {"accounts", "cases", "vault", "guardian"}
]


def as_owner() -> psycopg.Connection:
    """A connection of the owner, who may become the definer."""
    return psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True)


def as_definer() -> psycopg.Connection:
    """A connection that sees every row: to look behind row security, and to plant what an attacker would."""
    owner = as_owner()
    owner.execute(f'SET ROLE "{os.environ["DATABASE_ROLE_PREFIX"]}_definer"')
    return owner


def as_role(name: str) -> psycopg.Connection:
    """A connection as one of the login roles: web, door, worker, stats, backup."""
    variable = "DATABASE_URL" if name == "web" else f"{name.upper()}_DATABASE_URL"
    return psycopg.connect(os.environ[variable], autocommit=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> None:
    """Migrate as the owner in a process of its own; then check that this process is nobody special."""
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        env={**os.environ, "SIDRO_PROCESS": "owner"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # where the server looks for files; empty in tests
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid)"
            " FROM pg_roles r WHERE r.rolname = current_user"
        )
        assert cursor.fetchone() == (False,), "tests must not run as a role that row security does not bind"
        connection.close()


@functools.cache
def _sweeper() -> psycopg.Connection:
    """Stays open: a new connection has to learn all tables first, which takes longer than to empty them."""
    return as_definer()


def empty_tables() -> None:
    """In one statement, planned once. TRUNCATE would make new files for each table and index, and take far longer."""
    deleted = ", ".join(f"_{number} AS (DELETE FROM {name})" for number, name in enumerate(EMPTIED))
    head = "UPDATE accounts_audithead SET sequence = 0, hash = sha256('sidro')"
    _sweeper().execute(f"WITH {deleted} {head}", prepare=True)


def _empty(self: TransactionTestCase) -> None:
    empty_tables()


TransactionTestCase._fixture_teardown = _empty


@pytest.fixture
def definer() -> psycopg.Connection:
    with as_definer() as found:
        yield found


@pytest.fixture
def cast(transactional_db) -> Cast:
    """The fixed cast, enrolled through the real services: see tests/cast.py."""
    return Cast(EMPTIED)
