"""Erasing: two people, everything, in every table; a legal hold stops it; each control is what stops whoever tries."""

from contextlib import nullcontext
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction

from accounts import database
from accounts.exceptions import NotAllowed, StepUpNeeded, WrongState
from cases.access import get_case, retention
from cases.choices import CaseState, Perm
from cases.compartments import HoldReason, WallReason
from cases.models import Approval, Erasure
from cases.policies import CASE_ACTIONS
from cases.services import erasing, protection, walls
from cases.services.approvals import answer_approval
from cases.services.closing import reopen_case
from config.database import erasure as generated
from config.database.table import TABLES
from tests.cases import erasing as acts
from tests.cases.helpers import open_case
from tests.conftest import as_role
from tests.security.attack import open_table, plant, rewritten, run, switched_off


@pytest.fixture
def code(cast):
    cast.intake()
    return acts.full_case(cast)


def test_an_erased_case_is_gone_from_every_table(cast, code, definer):
    other = open_case(cast)
    case, request = acts.case_ids(definer, code)
    (subject,) = definer.execute("SELECT subject_id FROM cases_case WHERE id = %s", [case]).fetchone()
    definer.execute(  # the code stands in a hand-over by key keepers, and an announcement names an approval
        "INSERT INTO accounts_ceremony (id, kind, state, user_id, public_key_id, begun_at, expires_at)"
        " SELECT gen_random_uuid(), 'handover', 'ended', k.user_id, k.id, now(), now() FROM accounts_publickey k LIMIT 1"
    )
    definer.execute(
        "INSERT INTO accounts_ceremonycase (id, ceremony_id, code) SELECT gen_random_uuid(), c.id, %s FROM accounts_ceremony c",
        [code],
    )
    definer.execute(
        "INSERT INTO cases_putoff (id, user_id, rule, record_id, until_on) SELECT gen_random_uuid(), u.id, 'quiet', x, current_date"
        " FROM (SELECT id FROM accounts_user LIMIT 1) u, unnest(ARRAY[%s, %s]::uuid[]) x",
        [case, request],
    )
    before = acts.rows_naming(definer, case, request)
    assert len(before) > 15
    acts.erase(cast, code)
    left = acts.rows_naming(definer, case, request, subject, code)
    assert {(table, column) for table, column in left} == set(acts.NAMES_IT.items())
    assert acts.orphans(definer) == {}
    assert acts.logged(definer, "case_erased") == [(str(case), "case:her_wish")]
    assert out_of_order(definer) == []
    assert definer.execute("SELECT code FROM cases_case").fetchall() == [(other,)]
    for table in ("vault_chunk", "vault_letter", "cases_casefile", "cases_note", "cases_reminder"):
        assert definer.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_what_belongs_to_a_case_is_found_by_its_foreign_keys():
    """Every declared table with a case_id is among them, so that a new one cannot be forgotten."""
    found = generated.belongings(generated.CASE)
    assert set(found) <= set(TABLES)
    assert list(found).index("cases_reminder") < list(found).index("cases_deadline")
    assert list(found).index("cases_identitygrant") < list(found).index("cases_consent")
    assert list(found).index("vault_letter") < list(found).index("cases_assignment")


def test_a_table_that_names_a_record_without_a_foreign_key_is_known():
    """PostgreSQL cannot refuse these: whoever adds one says here, or in UNTIED, what becomes of it."""
    elsewhere = {
        "accounts_auditevent": "the log keeps opaque ids",
        "cases_erasure": "the receipt itself",
        "accounts_keykeeper": "the id of a mail",
        "accounts_user": "an id of her own",
    }
    own = {"nonce", "subject_id"}
    naming = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.UUIDField) and not field.primary_key and field.name not in own
    }
    known = {*generated.belongings(generated.CASE), *generated.belongings(generated.REQUEST), *elsewhere}
    assert naming - known == set()


def test_a_table_that_was_forgotten_stops_the_erasure(cast, code, definer):
    """Without its deletion the reference is left behind, and PostgreSQL refuses the whole."""
    approval = acts.ask(cast, code)
    body = "RETURNS void LANGUAGE sql AS 'DELETE FROM cases_note WHERE case_id = wanted'"
    forgot = f"CREATE OR REPLACE FUNCTION app.erase_rows(wanted uuid, kept uuid) {body}"
    with switched_off("SET ROLE sidro_definer", forgot), pytest.raises(DatabaseError):
        acts.agree(cast, approval)
    assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (1,)
    acts.agree(cast, approval)
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)


def test_one_date_stays_with_whom_it_reminds_and_nothing_it_said(cast, code, definer):
    case, request = acts.case_ids(definer, code)
    date = acts.critical_date(code, cast)
    (subject,) = definer.execute("SELECT subject_id FROM cases_case WHERE id = %s", [case]).fetchone()
    acts.erase(cast, code, kept=date)
    left = {table for table, _column in acts.rows_naming(definer, case)}
    kept = {"cases_case", "cases_deadline", "cases_assignment", "cases_caseuserpermission"}
    assert left == {*kept, *acts.NAMES_IT}
    assert set(acts.rows_naming(definer, request, subject)) == {("accounts_auditevent", "object_id")}
    assert definer.execute("SELECT code, state, age_band, language FROM cases_case").fetchone() == (
        code,
        "erased",
        "unknown",
        "other",
    )
    assert definer.execute("SELECT id FROM cases_deadline").fetchall() == [(date,)]
    people = definer.execute(
        "SELECT u.login_name FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id"
    ).fetchall()
    assert sorted(people) == [("ana",), ("boba",)]
    assert acts.orphans(definer) == {}
    with as_role("worker") as worker:
        plant("UPDATE cases_deadline SET due_on = current_date - 1")
        worker.execute("SELECT app.reminders_fire('Europe/Belgrade')")
    assert definer.execute("SELECT count(*) FROM cases_notice WHERE deadline_id = %s", [date]).fetchone()[0] >= 1
    assert out_of_order(definer) == []  # else the nightly alarm would ring until the date is over
    with rewritten("wraps_out_of_order", "c.state <> 'erased' AND", ""):
        assert len(out_of_order(definer)) == 2


def out_of_order(definer):
    return definer.execute("SELECT rule FROM app.wraps_out_of_order()").fetchall()


def test_whom_she_named_when_it_was_logged_does_not_see_what_stays(cast, code, definer):
    """The wall was on the request, which goes: it moves to the shell."""
    named = (
        "INSERT INTO cases_wall (id, request_id, user_id, reason, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.request_id, %s, 'named', now(), c.opened_by_id FROM cases_case c"
    )
    plant(named, cast.koka.pk)
    acts.erase(cast, code, kept=acts.critical_date(code, cast))
    plant("UPDATE cases_case SET retention_due_on = current_date - 1")
    with cast.acting("koka"):
        assert list(retention.list_due_for_house(page=1)) == []
    plant("DELETE FROM cases_wall")  # without the control
    with cast.acting("koka"):
        assert [row.code for row in retention.list_due_for_house(page=1)] == [code]


def test_of_an_erased_case_nothing_can_be_done_but_erase_the_rest(cast, code, definer):
    acts.erase(cast, code, kept=acts.critical_date(code, cast))
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        assert opened.actions == {"end_assignment", "erase_rest", "give_date"}
        with pytest.raises((NotAllowed, WrongState)):
            reopen_case(case=opened.case, text="She is back.", by=ana)
    with cast.acting("ana") as ana, pytest.raises(NotAllowed):  # the date is not over
        erasing.erase_rest(case=get_case(ana, code).case, by=ana)
    plant("UPDATE cases_case SET retention_due_on = current_date - 2")
    with cast.acting("ana") as ana:
        erasing.erase_rest(case=get_case(ana, code).case, by=ana)
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM cases_erasure").fetchone() == (2,)


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("compartment", ["standard", "protected"])
def test_of_what_is_left_nobody_is_kept_out_and_nothing_is_unprotected(
    cast, code, definer, monkeypatch, compartment, control
):
    """Pages and PostgreSQL ask the same list of what may be done in which state; without it the lead goes on as before."""
    cast.person("ceca")
    acts.erase(cast, code, kept=acts.critical_date(code, cast))
    plant("UPDATE cases_case SET compartment = %s", compartment)
    anywhere = (Perm.SHARE, frozenset(CaseState.values))
    blind = rewritten("wall_case_set", "OR NOT app.case_allows(wanted, 'set_wall')", "")
    # The list is as it was before the functions are made anew from it.
    with nullcontext() if control else blind, monkeypatch.context() as off, cast.acting("ana") as ana:
        if not control:
            off.setitem(CASE_ACTIONS, "set_wall", anywhere)
        case = get_case(ana, code).case
        attempt = {"case": case, "person": cast.ceca, "reason": WallReason.OTHER, "text": "", "second": False}
        with pytest.raises((NotAllowed, WrongState)) if control else nullcontext():
            walls.keep_out(**attempt, by=ana)
        if control:
            with pytest.raises(database.Refused), transaction.atomic():
                database.value("wall_case_set", uuid4(), case.pk, cast.ceca.pk, "other")
            with pytest.raises((NotAllowed, WrongState)):
                protection.protect_case(case=case, by=ana)
    assert definer.execute("SELECT count(*) FROM cases_wall").fetchone() == (0 if control else 1,)


@pytest.mark.parametrize("control", [True, False])
def test_of_what_is_left_nobody_asks_to_take_the_protection_off(cast, code, definer, monkeypatch, control):
    acts.erase(cast, code, kept=acts.critical_date(code, cast))
    plant("UPDATE cases_case SET compartment = 'protected'")
    question = (
        "INSERT INTO cases_approval (id, case_id, kind, detail, state, asked_at, asked_by_id)"
        " SELECT gen_random_uuid(), c.id, 'unprotect', '', 'asked', now(), %s FROM cases_case c"
    )
    blind = switched_off(open_table("cases_approval"))
    with nullcontext() if control else blind, monkeypatch.context() as off, cast.acting("ana") as ana:
        off.setattr("cases.services.approvals.content.write", lambda **_text: None)  # there is no key to seal it with
        if not control:
            off.setitem(CASE_ACTIONS, "protect_case", (Perm.SHARE, frozenset(CaseState.values)))
            off.setitem(CASE_ACTIONS, "ask_second_person", (Perm.CHANGE, frozenset(CaseState.values)))
        case = get_case(ana, code).case
        with pytest.raises((NotAllowed, WrongState)) if control else nullcontext():
            protection.ask_to_unprotect(case=case, text="She is safe.", by=ana)
        if control:
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                run(question, ana.pk)
    asked = definer.execute("SELECT count(*) FROM cases_approval WHERE kind = 'unprotect'").fetchone()
    assert asked == (0 if control else 1,)


def test_nobody_erases_alone(cast, code, definer):
    approval = acts.ask(cast, code)
    with pytest.raises(NotAllowed):
        acts.agree(cast, approval, by="ana")
    anybody = (
        "CREATE OR REPLACE FUNCTION app.may_second(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'"
    )
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (1,)
    with switched_off("SET ROLE sidro_definer", anybody):
        acts.agree(cast, approval, by="ana")  # without the control she is enough
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)


@pytest.mark.parametrize("who", ["lana", "ceca"])
def test_neither_lawyer_nor_whoever_is_not_on_the_case_asks_or_agrees(cast, code, who):
    approval = acts.ask(cast, code)
    with cast.acting(who) as person:
        with pytest.raises(NotAllowed):
            answer_approval(approval=approval, approves=True, by=person)
        with pytest.raises(database.Refused):
            database.value("ending_ask", approval.case_id, uuid4(), "keep_case", None, "2999-01-01")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT app.erase_case(id, NULL, 'her_wish', gen_random_uuid(), NULL) FROM cases_case",
        "SELECT app.erase_rows(id, NULL) FROM cases_case",
        "SELECT app.erase_request_rows(request_id) FROM cases_case",
        "SELECT app.ending_do(id) FROM cases_approval",
        "SELECT app.erasure_replay('{}')",
        "DELETE FROM cases_case",
        "DELETE FROM cases_note",
        "DELETE FROM vault_sealed",
        "DELETE FROM vault_wrap",
        "DELETE FROM cases_erasure",
        "UPDATE cases_case SET hold_reason = ''",
        "UPDATE cases_case SET retention_due_on = current_date",
        "UPDATE cases_approval SET state = 'approved'",
        "INSERT INTO cases_erasure (id, number, what, reason, erased_id, at) VALUES (gen_random_uuid(), 'AAAA-AAAA', 'case', 'her_wish', gen_random_uuid(), now())",
    ],
)
def test_role_web_cannot_erase_by_sql(cast, code, statement):
    acts.ask(cast, code)
    with pytest.raises(DatabaseError), cast.acting("ana"):
        run(statement)


def test_without_the_rights_of_the_table_it_could(cast, code, definer):
    opened = ("GRANT DELETE ON vault_sealed TO sidro_web", "ALTER TABLE vault_sealed DISABLE ROW LEVEL SECURITY")
    with switched_off(*opened), cast.acting("ana"):
        run("DELETE FROM vault_sealed")
    assert definer.execute("SELECT count(*) FROM vault_sealed").fetchone() == (0,)


def test_both_show_their_second_factor(cast, code):
    plant("UPDATE accounts_session SET stepped_up_at = clock_timestamp() - interval '301 seconds'")
    with pytest.raises(StepUpNeeded):
        acts.ask(cast, code)
    plant("UPDATE accounts_session SET stepped_up_at = clock_timestamp()")
    approval = acts.ask(cast, code)
    plant("UPDATE accounts_session SET stepped_up_at = NULL")
    with pytest.raises(StepUpNeeded):
        acts.agree(cast, approval)


def test_a_question_written_by_sql_is_judged_like_one_of_the_page(cast, code):
    plant("UPDATE accounts_session SET stepped_up_at = NULL")
    statement = (
        "INSERT INTO cases_approval (id, case_id, kind, detail, state, asked_at, asked_by_id)"
        " SELECT gen_random_uuid(), c.id, 'erase_case', 'case:her_wish', 'asked', now(), app.uid() FROM cases_case c"
    )
    with pytest.raises(DatabaseError), cast.acting("ana"):
        run(statement)


def hold(cast, code, by="lana"):
    with cast.acting(by) as person:
        erasing.state_hold(case=get_case(person, code).case, reason=HoldReason.PROCEEDINGS, by=person)


def test_a_legal_hold_stops_it_also_when_it_was_agreed_to(cast, code, definer):
    approval = acts.ask(cast, code)
    hold(cast, code)
    with pytest.raises(WrongState, match="legal hold"):
        acts.agree(cast, approval)
    plant("UPDATE cases_approval SET state = 'withdrawn'")
    with pytest.raises(WrongState, match="legal hold"):
        acts.ask(cast, code)
    assert acts.logged(definer, "hold_set")[0][1] == "proceedings"
    plant("UPDATE cases_case SET hold_reason = ''")
    acts.erase(cast, code)  # without the control
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)


def test_only_a_lawyer_of_the_case_holds_and_two_lift(cast, code, definer):
    with pytest.raises(NotAllowed):
        hold(cast, code, by="ana")
    hold(cast, code)
    with cast.acting("lana") as lana:
        asked = erasing.ask_to_lift(case=get_case(lana, code).case, by=lana)
        approval = Approval.objects.get(pk=asked)
    with cast.acting("lana") as lana, pytest.raises(NotAllowed):
        answer_approval(approval=approval, approves=True, by=lana)
    assert definer.execute("SELECT hold_reason FROM cases_case").fetchone() == ("proceedings",)
    acts.agree(cast, approval)
    assert definer.execute("SELECT hold_reason FROM cases_case").fetchone() == ("",)


def test_receipts_are_for_the_two_and_for_whoever_runs_the_house(cast, code):
    acts.erase(cast, code)
    for name, number in (("ana", 1), ("boba", 1), ("koka", 1), ("vera", 1), ("lana", 0), ("ceca", 0)):
        with cast.acting(name):
            assert Erasure.objects.count() == number, name


def test_a_paused_case_calls_nobody(cast, code, definer):
    with cast.acting("ana") as ana:
        erasing.pause_case(case=get_case(ana, code).case, pauses=True, by=ana)
    assert definer.execute("SELECT paused_at IS NOT NULL, on_duty_may_call FROM cases_case").fetchone() == (True, False)
    call = "INSERT INTO cases_contactattempt (id, case_id, on_duty, begun_at, begun_by_id, result) SELECT gen_random_uuid(), c.id, false, now(), app.uid(), '' FROM cases_case c"
    with pytest.raises(DatabaseError), cast.acting("ana"):
        run(call)
    with cast.acting("ana") as ana:
        erasing.pause_case(case=get_case(ana, code).case, pauses=False, by=ana)
        run(call)
