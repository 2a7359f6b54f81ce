"""Two at the same rows in the same moment, on real connections: one waits, or reads that nothing was changed; never an error page.

The head of the log is locked last, after every check that waits for COMMIT: whoever has it waits for nobody.
"""

import time
from contextlib import contextmanager, nullcontext
from threading import Thread
from uuid import uuid4

import psycopg
import pytest
from django.db import OperationalError, connection

from accounts import database
from cases.access import get_case
from cases.services.approvals import answer_approval
from cases.services.casework import write_note
from tests.cases import erasing as acts
from tests.conftest import as_definer
from tests.security.attack import NOTED_AT_ONCE, rewritten, run, switched_off
from tests.security.test_quorum import away


@pytest.fixture
def asked(cast):
    """Ana has asked that the whole case is erased; Boba may agree."""
    cast.intake()
    code = acts.full_case(cast)
    for name in ("ana", "boba"):
        cast.person(name).keyring  # noqa: B018 - opened before the race
    return code, acts.ask(cast, code)


class Racer(Thread):
    """An act on a connection of its own, and what came of it."""

    def __init__(self, act):
        super().__init__()
        self.act, self.problem, self.answer = act, None, None

    def run(self):
        try:
            self.answer = self.act()
        except Exception as problem:  # noqa: BLE001 - a thread tells its test
            self.problem = problem
        finally:
            connection.close()


def waiting(number):
    """Until so many connections wait for somebody's lock."""
    with as_definer() as watcher:
        for _try in range(100):
            (found,) = watcher.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted").fetchone()
            if found >= number:
                return
            time.sleep(0.05)
    raise AssertionError(f"fewer than {number} wait")


@contextmanager
def head_held():
    """Somebody has the head of the log for a while, so that others queue for it in a known order."""
    with as_definer() as other, other.transaction():
        other.execute("SELECT 1 FROM accounts_audithead FOR UPDATE")
        yield


def note(cast, code):
    def act():
        with cast.acting("ana") as ana:
            write_note(case=get_case(ana, code).case, nonce=uuid4(), type="case_note", text="Meanwhile.", by=ana)

    return act


def agree(cast, approval):
    def act():
        with cast.acting("boba") as boba:
            answer_approval(approval=approval, approves=True, by=boba)

    return act


UNCHECKED = ("audit_append", "SET CONSTRAINTS ALL IMMEDIATE;\n", "")


@pytest.mark.parametrize("control", [True, False])
def test_an_erasure_and_a_note_do_not_wait_for_each_other_in_a_circle(cast, asked, definer, control):
    """Ana's note queues for the head first, then Boba erases the case; then both go on.

    Without the control Ana gets the head and at COMMIT waits for the case, which Boba holds, who waits for the head.
    """
    code, approval = asked
    with nullcontext() if control else rewritten(*UNCHECKED):
        writes, erases = Racer(note(cast, code)), Racer(agree(cast, approval))
        with head_held():
            writes.start()
            waiting(1)
            erases.start()
            waiting(2)
        writes.join(20)
        erases.join(20)
    problems = [racer.problem for racer in (writes, erases) if racer.problem]
    if control:
        assert problems == []
        assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)
    else:
        assert [type(one) for one in problems] == [OperationalError]
        assert database.is_collision(problems[0])


@pytest.mark.parametrize("control", [True, False])
def test_what_a_function_notes_takes_the_head_last(cast, asked, control):
    """While Boba erases, everybody else can write the log: she takes the head when all is done."""
    _code, approval = asked
    with nullcontext() if control else switched_off(*NOTED_AT_ONCE), cast.acting("boba") as boba:
        answer_approval(approval=approval, approves=True, by=boba)
        with as_definer() as other:
            other.execute("SET lock_timeout = '200ms'")
            try:
                other.execute("SELECT 1 FROM accounts_audithead FOR UPDATE")
                free = True
            except Exception:  # noqa: BLE001 - the lock is held
                free = False
    assert free is control


def head_is_free():
    with as_definer() as other:
        try:
            other.execute("SELECT 1 FROM accounts_audithead FOR UPDATE NOWAIT")
        except psycopg.errors.LockNotAvailable:
            return False
    return True


def noted_and_away():
    """Outside a request: what a function notes, and then a row with foreign keys to Ana, whose check waits for COMMIT."""
    with as_definer() as one, one.transaction():
        one.execute("SELECT app.audit_note('case_kept', 'behind', '')")
        away(one, "ana")


@pytest.mark.parametrize("control", [True, False])
def test_what_was_noted_outside_a_request_is_in_the_chain_after_its_checks(cast, definer, control):
    """No program appended anything: COMMIT brings it, behind the checks of foreign keys. While one of them waits, the head is free."""
    cast.person("ana")
    at_once = rewritten("audit_waited", "IF NEW.is_last THEN", "IF true THEN")
    with nullcontext() if control else at_once:
        notes = Racer(noted_and_away)
        with as_definer() as other, other.transaction():
            other.execute("SELECT 1 FROM accounts_user WHERE login_name = 'ana' FOR UPDATE")
            notes.start()
            waiting(1)
            assert head_is_free() is control
        notes.join(20)
    assert notes.problem is None
    assert definer.execute("SELECT object_id FROM accounts_auditevent WHERE action = 'case_kept'").fetchall() == [
        ("behind",)
    ]


def test_what_was_noted_outside_a_request_is_in_the_chain_in_order(cast, definer):
    for number in range(3):
        definer.execute("SELECT app.audit_note('case_kept', %s, '')", [str(number)])
    with definer.transaction():
        for number in range(3, 6):
            definer.execute("SELECT app.audit_note('case_kept', %s, '')", [str(number)])
    found = definer.execute(
        "SELECT object_id FROM accounts_auditevent WHERE action = 'case_kept' ORDER BY sequence"
    ).fetchall()
    assert [row[0] for row in found] == ["0", "1", "2", "3", "4", "5"]
    assert definer.execute("SELECT count(*) FROM app.audit_waiting").fetchone() == (0,)


def send_note(cast, code):
    client = cast.client("ana")
    client.raise_request_exception = False
    data = {"nonce": uuid4(), "type": "case_note", "text": "Typed meanwhile"}
    return Racer(lambda: client.post(f"/cases/{code}/notes", data, headers={"Sec-Fetch-Site": "same-origin"}))


@pytest.mark.parametrize("control", [True, False])
def test_whoever_writes_on_a_case_that_is_being_erased_reads_that_nothing_was_changed(
    cast, asked, definer, monkeypatch, control
):
    """Boba has erased it and not committed yet; Ana's note waits for her, and then belongs to nothing."""
    code, approval = asked
    writes = send_note(cast, code)
    if not control:
        monkeypatch.setattr("accounts.database.is_gone", lambda _error: False)
        monkeypatch.setattr("accounts.database.is_collision", lambda _error: False)
    with cast.acting("boba") as boba:
        answer_approval(approval=approval, approves=True, by=boba)
        writes.start()
        waiting(1)
    writes.join(20)
    assert writes.problem is None
    if not control:
        assert writes.answer.status_code == 500
        return
    page = writes.answer.content.decode()
    assert (writes.answer.status_code, "Nothing was changed" in page, "Typed meanwhile" in page) == (409, True, True)
    assert definer.execute("SELECT count(*) FROM vault_sealed").fetchone() == (0,)


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("state", ["40P01", "40001", "55P03"])
def test_a_collision_inside_a_page_is_no_error_page(cast, monkeypatch, definer, state, control):
    """PostgreSQL chose her work to be undone: the page says so, and what she typed is still there."""
    cast.intake()
    code = acts.open_case(cast)
    client = cast.client("ana")
    client.raise_request_exception = False

    def collide(*_arguments, **_options):
        run(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")

    monkeypatch.setattr("cases.views.cases.redirect", collide)
    if not control:
        monkeypatch.setattr("accounts.database.is_collision", lambda _error: False)
    data = {"nonce": uuid4(), "type": "case_note", "text": "Typed meanwhile"}
    answer = client.post(f"/cases/{code}/notes", data, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == (409 if control else 500)
    assert "Typed meanwhile" in answer.content.decode()
    assert ("Nothing was changed" in answer.content.decode()) is control
    assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM vault_sealed WHERE field = 'note.text'").fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM cases_timelineentry WHERE kind = 'note'").fetchone() == (0,)
