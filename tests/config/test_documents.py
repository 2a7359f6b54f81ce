"""Generated documents are those of the code."""

import os
import re
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from config import documents
from config.database.apply import FUNCTIONS, register

ROOT = Path(__file__).resolve().parents[2]


def test_the_documents_are_those_of_the_code():
    call_command("generate_docs", "--check")


def test_an_old_document_is_found_and_written_anew(tmp_path, monkeypatch, capsys):
    (tmp_path / "architecture.md").write_text("# A\n<!-- begin: register -->\nold\n<!-- end: register -->\nrest\n")
    monkeypatch.setattr(documents, "DOCS", tmp_path)
    with pytest.raises(CommandError, match=r"docs/architecture\.md"):
        call_command("generate_docs", "--check")
    assert "old" in (tmp_path / "architecture.md").read_text()
    call_command("generate_docs")
    call_command("generate_docs", "--check")
    page = (tmp_path / "architecture.md").read_text()
    assert page.startswith("# A\n")
    assert page.endswith("rest\n")
    assert page.count("| `app.uid` |") == 1


def test_a_page_without_marks_is_refused(tmp_path, monkeypatch):
    (tmp_path / "architecture.md").write_text("# A\n")
    monkeypatch.setattr(documents, "DOCS", tmp_path)
    with pytest.raises(CommandError, match="begin: register"):
        call_command("generate_docs")


def test_every_function_is_in_the_register():
    """A header line with a slip in it would be left out silently."""
    made = {
        name
        for path in FUNCTIONS.glob("*.sql")
        for name in re.findall(r"^CREATE FUNCTION app\.(\w+)", path.read_text(), re.M)
    }
    assert made == {name for name, *_rest in register()}


def test_the_roles_are_made_without_a_password_in_the_text():
    text = documents.roles_sql()
    assert text.count("CREATE ROLE") == 7
    assert len(re.findall(r"PASSWORD :'(\w+)_password'", text)) == 6
    assert "NOLOGIN" in text


def test_every_secret_of_the_settings_is_in_the_table():
    table = (ROOT / "docs" / "secrets.md").read_text()
    for name in ("SECRET_KEY", "CONTEXT_KEY", "TOTP_KEY", "PASSWORD_PEPPERS", "REDIS_URL", "EMAIL_URL"):
        assert f"`{name}`" in table, name


@pytest.fixture
def managed():
    """A server's administrator who is no superuser, as managed servers have them."""
    if "SUPERUSER_DATABASE_URL" not in os.environ:
        pytest.skip("needs a server of our own")
    with psycopg.connect(os.environ["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute("CREATE ROLE managed LOGIN CREATEROLE CREATEDB PASSWORD 'managed'")
        yield {"user": "managed", "password": "managed", "host": superuser.info.host, "port": superuser.info.port}
        superuser.execute("DROP DATABASE IF EXISTS probe")
        for (name,) in superuser.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'probe\\_%%'").fetchall():
            superuser.execute(f"DROP OWNED BY {name}")
            superuser.execute(f"DROP ROLE {name}")
        superuser.execute("DROP ROLE managed")


def test_the_roles_can_be_made_by_hand_without_a_superuser(managed):
    text = re.sub(r"^--.*$", "", documents.roles_sql(), flags=re.M).replace("sidro", "probe")
    *statements, last = [line for line in re.sub(r":'\w+'", "'secret'", text).splitlines() if line]
    assert "BYPASSRLS" in last
    connection = psycopg.connect(dbname="postgres", autocommit=True, **managed)
    for statement in statements:
        if statement.startswith("\\connect"):
            connection.close()
            connection = psycopg.connect(dbname="probe", autocommit=True, **managed)
        else:
            connection.execute(statement)
    connection.close()
    with psycopg.connect(dbname="probe", **{**managed, "user": "probe_owner", "password": "secret"}) as owner:
        owner.execute("SET ROLE probe_definer")
        owner.execute("RESET ROLE")
        owner.execute("CREATE TABLE public.own (a int)")
    with (
        psycopg.connect(dbname="probe", **{**managed, "user": "probe_web", "password": "secret"}) as web,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        web.execute("SELECT * FROM public.own")
    with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
        psycopg.connect(dbname="probe", **managed)
