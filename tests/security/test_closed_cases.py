"""A closed case takes nothing new by raw SQL either; what belongs to its end still works."""

from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts import database
from accounts.exceptions import WrongState
from cases.access import get_case
from cases.choices import CaseRole, CaseState
from cases.codes import CallResult, FileRemoval
from cases.models import Assignment, CaseFile, ServiceUnit
from cases.services import calls, closing, printing, service_units
from cases.services.files import add_file, open_file, remove_file
from config.database.clauses import allowed_states
from config.database.table import TABLES
from tests.cases.helpers import assign, open_case, rate, upload
from tests.security.attack import open_table, plant, run, switched_off

# What could be added to a case: the table, its columns, their values. `c` is the case, `f` its file.
ADDED = {
    "a text": ("vault_sealed", "record_id, field, case_id, purpose, key_version, payload, revision, current, written_at,"
               " written_by_id", "c.id, 'case.title', c.id, 'content', 1, 'x', 2, true, now(), app.uid()"),
    "a text about a call that never was": ("vault_sealed", "record_id, field, case_id, purpose, key_version, payload,"
               " revision, current, written_at, written_by_id",
               "gen_random_uuid(), 'attempt.text', c.id, 'content', 1, 'x', 1, true, now(), app.uid()"),
    "an offer": ("cases_assignment", "case_id, user_id, role, state, offered_at, offered_by_id, ask_reason, end_reason,"
                 " advice_only", "c.id, %s, 'caseworker', 'offered', now(), app.uid(), '', '', false"),
    "a service": ("cases_serviceunit", "case_id, nonce, kind, minutes, given_at, given_by_id",
                  "c.id, gen_random_uuid(), 'support', 5, now(), app.uid()"),
    "a line": ("cases_timelineentry", "case_id, kind, detail, at, by_id", "c.id, 'case_note', '', now(), app.uid()"),
    "a line about a file": ("cases_timelineentry", "case_id, kind, detail, at, by_id",
                            "c.id, 'file', 'added', now(), app.uid()"),
    "a line about a call": ("cases_timelineentry", "case_id, kind, detail, at, by_id",
                            "c.id, 'call', 'call:reached', now(), app.uid()"),
    "a piece of a file": ("vault_chunk", "file_id, case_id, index, last, key_version, payload",
                          "f.id, c.id, 9, true, 1, 'x'"),
    "a call": ("cases_contactattempt", "case_id, on_duty, begun_at, begun_by_id, result",
               "c.id, false, now(), app.uid(), ''"),
    "a key": ("vault_keyversion", "case_id, purpose, version, commitment, made_at, made_by_id",
              "c.id, 'words', 1, 'x', now(), app.uid()"),  # newer versions: test_rotation.py
    "a wrap": ("vault_wrap", "case_id, purpose, version, user_id, state, sealed, made_at, made_by_id",
               "c.id, 'content', 2, app.uid(), 'live', 'x', now(), app.uid()"),
    "a note": ("cases_note", "case_id, nonce, type, written_at, written_by_id",
               "c.id, gen_random_uuid(), 'case_note', now(), app.uid()"),
    "a task": ("cases_task", "case_id, nonce, kind, due_at, exact, state, assignee_id, set_at, set_by_id",
               "c.id, gen_random_uuid(), 'task', now(), false, 'open', app.uid(), now(), app.uid()"),
}  # fmt: skip


@pytest.fixture
def code(cast) -> str:
    """Ana's case with a file, a call that is open and a service; Ceca has nothing to do with it."""
    cast.intake()
    cast.person("ceca")
    code = open_case(cast)
    rate(cast, code, "standard")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        add_file(case=case, new=upload(), by=ana)
        service_units.log_service(case=case, nonce=uuid4(), kind="support", minutes=5, project=None, by=ana)
    return code


def close(cast, code: str) -> None:
    shut = {"state": CaseState.CLOSED, "reason": "needs_met", "outcome": "none", "text": "All is done."}
    with cast.acting("ana") as ana:
        closing.close_case(case=get_case(ana, code).case, by=ana, **shut)


def add(cast, what: str) -> None:
    table, columns, values = ADDED[what]
    statement = f"INSERT INTO {table} (id, {columns}) SELECT gen_random_uuid(), {values} FROM cases_case c"
    if "f.id" in values:
        statement += " JOIN cases_casefile f ON f.case_id = c.id"
    with cast.acting("ana"), transaction.atomic():
        run(statement, *([cast.ceca.pk] if "%s" in values else []))


@pytest.mark.parametrize("what", ADDED)
def test_nothing_is_added_to_a_closed_case(cast, code, what):
    close(cast, code)
    with pytest.raises(DatabaseError, match="row-level security"):
        add(cast, what)
    with switched_off(open_table(ADDED[what][0])):
        add(cast, what)


@pytest.mark.parametrize("what", set(ADDED) - {"a text about a call that never was"})
def test_the_same_is_added_to_an_open_one(cast, code, what):
    add(cast, what)


CHANGED = {
    "cases_serviceunit": "undone_at = now()",
    "cases_case": "stage = 'closure'",
    "cases_casecheck": "outcome = 'done', settled_at = now(), settled_by_id = app.uid()",
}


@pytest.mark.parametrize("table", CHANGED)
def test_nothing_of_a_closed_case_is_changed(cast, code, table):
    change = f"UPDATE {table} SET {CHANGED[table]} RETURNING 1"
    close(cast, code)
    with cast.acting("ana"):
        assert run(change) == []
    with switched_off(open_table(table)), cast.acting("ana"):
        assert run(change) != []


def test_every_door_to_a_case_asks_for_its_state():
    """A table with a case that comes later is caught here: its policy is made from CASE_ACTIONS."""
    for name, access in TABLES.items():
        if "INSERT" in access.rights and "case_id" in access.insert:
            assert "o.state IN (" in access.insert, name


def test_the_database_has_the_list_of_the_policies(definer):
    (source,) = definer.execute("SELECT prosrc FROM pg_proc WHERE proname = 'case_allows'").fetchone()
    assert allowed_states() in source


# --- Functions of the database ----------------------------------------------------------------
STATELESS = (
    "CREATE OR REPLACE FUNCTION app.case_allows(wanted uuid, what text) RETURNS boolean LANGUAGE sql STABLE"
    " SECURITY DEFINER AS 'SELECT true'"
)


def test_roles_on_a_closed_case_stay_as_they_are(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "lana")
    close(cast, code)
    with cast.acting("ana"):
        backup, lawyer = (Assignment.objects.get(role=role).pk for role in (CaseRole.BACKUP, CaseRole.LAWYER))

    def attacks() -> list[bool]:
        acts = [("assignment_until", lawyer, "2030-01-01"), ("slip_send", lawyer, b"x"), ("lead_hand_over", backup)]
        return [_done(*act) for act in acts]

    with cast.acting("ana"):
        assert attacks() == [False, False, False]
    with switched_off("SET ROLE sidro_definer", STATELESS), cast.acting("ana"):
        assert attacks() == [True, True, True]


def _done(name: str, record: UUID, *more: object) -> bool:
    try:
        with transaction.atomic():
            database.value(name, record, *more)
    except database.Refused:
        return False
    return True


# --- What still works -------------------------------------------------------------------------
def test_what_belongs_to_the_end_of_a_case_still_works(cast, code):
    """A call that was open ends with a word about it; files are looked at and taken out; it is printed, and reopened."""
    with cast.acting("ana") as ana:
        attempt = calls.begin_call(case=get_case(ana, code).case, by=ana)
    close(cast, code)
    with cast.acting("ana") as ana:
        case, file = get_case(ana, code).case, CaseFile.objects.select_related("case").get()
        calls.end_call(case=case, attempt=attempt, result=CallResult.REACHED, text="She is well.", by=ana)
        assert open_file(file=file, by=ana).data == b"Dear employer"
        remove_file(file=file, reason=FileRemoval.HER_WISH, by=ana)
        printing.note_printed(case=case, by=ana)
        with pytest.raises(WrongState):
            service_units.undo_service(case=case, unit=ServiceUnit.objects.get(), by=ana)
        closing.reopen_case(case=case, text="She called again.", by=ana)
    add(cast, "a line")


# --- Pieces of a file -------------------------------------------------------------------------
@pytest.mark.parametrize("minor", ["now", "material", "unknown"])
def test_no_piece_of_a_file_comes_in_once_somebody_may_be_under_18(cast, code, minor):
    add(cast, "a piece of a file")
    plant("DELETE FROM vault_chunk WHERE index = 9")
    plant("UPDATE cases_case SET minor = %s", minor)
    with pytest.raises(DatabaseError, match="row-level security"):
        add(cast, "a piece of a file")
    with switched_off(open_table("vault_chunk")):
        add(cast, "a piece of a file")
