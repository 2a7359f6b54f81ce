"""Generated documents are those of the code."""

import re
from pathlib import Path

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
