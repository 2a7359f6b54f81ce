"""The log belongs to the work: done, attempted, refused, and never an entry that did not happen."""

from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from psycopg.types.json import Jsonb

from accounts import audit, database
from accounts.choices import Action
from accounts.exceptions import NotAllowed
from cases.access import get_case
from cases.services.casework import write_note
from tests.cases.helpers import log, open_case
from tests.conftest import as_role


def entries(definer, action: str) -> list[tuple]:
    return definer.execute(
        "SELECT outcome, actor, object_id FROM accounts_auditevent WHERE action = %s ORDER BY sequence", [action]
    ).fetchall()


def test_a_look_at_a_case_leaves_one_entry(cast, definer):
    cast.intake()
    code = open_case(cast)
    client = cast.client("ana")
    before = len(entries(definer, "case_viewed"))
    assert client.get(f"/cases/{code}").status_code == 200
    assert [row[0] for row in entries(definer, "case_viewed")[before:]] == ["done"]


def test_a_refused_look_leaves_one_entry_without_what_was_typed(cast, definer):
    cast.intake()
    code = open_case(cast)
    client = cast.client("lana")
    assert client.get(f"/cases/{code}").status_code == 404
    ((outcome, actor, object_id),) = entries(definer, "case_viewed")
    assert (outcome, actor) == ("attempted", str(cast.lana.pk))
    assert code not in object_id
    assert client.get("/cases/2222-0000").status_code == 404  # shaped like a code, and none: nothing to log
    assert len(entries(definer, "case_viewed")) == 1


def test_a_hidden_code_and_a_missing_one_answer_alike(cast):
    cast.intake()
    code = open_case(cast)
    client = cast.client("lana")
    hidden, missing = client.get(f"/cases/{code}"), client.get("/cases/2222-3333")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
    assert dict(hidden.headers) == dict(missing.headers)


def test_a_view_that_fails_afterwards_logs_attempts_only(cast, definer, monkeypatch):
    cast.intake()
    code = open_case(cast)
    client = cast.client("ana")
    client.raise_request_exception = False

    def broken(*_arguments, **_options):
        raise RuntimeError("secret text of an error")

    monkeypatch.setattr("cases.views.cases.redirect", broken)
    response = client.post(f"/cases/{code}/notes", {"nonce": uuid4(), "type": "case_note", "text": "lost"})
    assert response.status_code == 500
    assert b"secret text" not in response.content
    assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (0,)
    assert [row[0] for row in entries(definer, "note_written")] == ["attempted"]


def test_a_refused_write_is_an_attempt(cast, definer):
    cast.intake()
    code = open_case(cast)
    with cast.acting("ana") as ana, pytest.raises(NotAllowed):
        write_note(case=get_case(ana, code).case, nonce=uuid4(), type="legal_note", text="x", by=ana)
    assert entries(definer, "note_written") == []


class Undone(Exception):
    """What goes wrong in the middle of a unit."""


def undone() -> None:
    with audit.unit() as work:
        work.record(Action.NOTE_WRITTEN, uuid4())
        raise Undone


def test_an_exception_in_a_unit_turns_its_entries_into_attempts(cast, definer):
    with cast.acting("ana"), pytest.raises(Undone):
        undone()
    assert [row[0] for row in entries(definer, "note_written")] == ["attempted"]
    with pytest.raises(Undone):  # with no request around it, the attempt is written in a transaction of its own
        undone()
    assert [row[0] for row in entries(definer, "note_written")] == ["attempted"] * 2


def test_a_log_that_cannot_be_written_fails_the_request(cast, definer):
    cast.intake()
    code = open_case(cast)
    client = cast.client("ana")
    client.raise_request_exception = False
    head = definer.execute("SELECT sequence, hash FROM accounts_audithead").fetchone()
    definer.execute("DELETE FROM accounts_audithead")
    try:
        response = client.post(f"/cases/{code}/notes", {"nonce": uuid4(), "type": "case_note", "text": "unlogged"})
        assert response.status_code == 500
        assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (0,)
    finally:
        definer.execute("INSERT INTO accounts_audithead (id, sequence, hash) VALUES (1, %s, %s)", list(head))


@pytest.mark.parametrize("field", ["action", "object", "detail", "outcome"])
def test_free_text_cannot_reach_the_log(cast, field):
    entry = {"action": "signed_in", "object": "", "detail": "", "outcome": "done", field: "Milica Petrović, +381 60"}
    with pytest.raises(database.Refused):
        database.value("audit_append", {"entries": [entry]})


def test_nobody_signs_an_entry_with_another_name(cast, definer):
    cast.person("ana")
    with cast.acting("lana"):
        database.value(
            "audit_append",
            {
                "entries": [
                    {"action": "signed_in", "object": "", "detail": "", "outcome": "done", "actor": str(cast.ana.pk)}
                ]
            },
        )
    assert entries(definer, "signed_in")[-1][1] == str(cast.lana.pk)


@pytest.mark.parametrize("role", ["web", "door", "worker", "stats"])
def test_the_log_is_closed_to_every_login_role(cast, role):
    with as_role(role) as connection:
        for statement in (
            "SELECT * FROM accounts_auditevent",
            "INSERT INTO accounts_auditevent (sequence, at, actor, action, outcome, object_id, detail, hash)"
            " VALUES (1, now(), '', 'x', 'done', '', '', '')",
            "UPDATE accounts_audithead SET sequence = 0",
        ):
            with pytest.raises(Exception, match="permission denied"):
                connection.execute(statement)


def test_eight_writers_leave_no_gap(cast, definer):
    def write() -> None:
        for _index in range(10):
            with audit.unit() as work:
                work.record(Action.SIGNED_OUT)
        connection.close()

    before = definer.execute("SELECT max(sequence) FROM accounts_auditevent").fetchone()[0] or 0
    threads = [Thread(target=write) for _index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [row[0] for row in definer.execute("SELECT sequence FROM accounts_auditevent ORDER BY 1").fetchall()]
    assert numbers[-80:] == list(range(before + 1, before + 81))


def test_the_logs_on_standard_error_name_nobody(cast, capfd):
    cast.intake()
    code = log(cast)
    client = cast.client("ana")
    client.get(f"/requests/{code}")
    Client().post("/sign-in", {"login_name": "milica@example.org", "password": "not this one at all", "code": "123456"})
    said = "".join(capfd.readouterr())
    for secret in ("milica", code, "not this one", "123456", "Milica"):
        assert secret not in said


def test_the_head_is_shown_to_coordinator_and_administrator_only(cast):
    for name, seen in (("ana", False), ("lana", False), ("koka", True), ("vera", True)):
        with cast.acting(name):
            assert bool(database.rows("audit_head")) is seen, name
    assert database.rows("audit_head") == []


@pytest.mark.parametrize("action", ["key_published", "team_created", "case_keys_made"])
def test_nobody_but_the_function_that_makes_a_key_can_log_it(cast, action):
    entry = {"action": action, "object": str(uuid4()), "detail": "ab" * 32, "outcome": "done"}
    with pytest.raises(database.Refused):
        database.value("audit_append", {"entries": [entry]})
    with as_role("worker") as worker, pytest.raises(Exception, match="not_allowed"):
        worker.execute("SELECT app.audit_append(%s)", [Jsonb({"entries": [entry]})])


def test_a_later_entry_about_a_key_does_not_count(cast, definer):
    """Even somebody who can call the writing function itself cannot make the log name a second key."""
    lana = cast.lana
    entry = {"action": "key_published", "object": str(lana.pk), "detail": "ab" * 32, "outcome": "done"}
    definer.execute("SELECT app.audit_write(%s)", [Jsonb({"entries": [entry]})])
    assert database.value("logged", "key_published", str(lana.pk), "ab" * 32) is False
