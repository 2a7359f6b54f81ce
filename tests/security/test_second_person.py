"""Acts that need a second person: nobody does them alone, nobody agrees with herself, each control is what stops her."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import database
from accounts.crypto import new_readable_code
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case, get_request
from cases.access.second import list_asked_of
from cases.choices import CaseRole, CaseState
from cases.codes import ApprovalKind, ApprovalState, ClosureReason, LegalOutcome
from cases.knowledge import risk
from cases.knowledge import risk_screen as screen
from cases.models import Approval, Case
from cases.services.accept import accept_request
from cases.services.approvals import answer_approval, ask_approval, withdraw_approval
from cases.services.closing import close_case, reopen_case
from tests.cases.helpers import assign, log, open_case, rate
from tests.conftest import as_definer
from tests.security.attack import open_table, run, switched_off

CLOSING = {"state": CaseState.CLOSED, "reason": ClosureReason.NEEDS_MET, "outcome": LegalOutcome.NONE}
ANYBODY = (
    "CREATE OR REPLACE FUNCTION app.may_second(wanted uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER"
    " AS 'SELECT true'"
)
AS_DEFINER = "SET ROLE sidro_definer"


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup, Lana the lawyer."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "lana")
    return code


def ask_lower(cast, code, by="ana"):
    """A case of high risk that somebody wants to lower; returns the question."""
    rate(cast, code, "high")
    lower = rate(cast, code, "standard", by)
    with cast.acting(by) as person:
        return ask_approval(
            case=get_case(person, code).case,
            kind=ApprovalKind.LOWER_RISK,
            record_id=lower,
            reason="He has left the country.",
            by=person,
        )


def facts(definer, code):
    return definer.execute("SELECT risk, state, minor FROM cases_case WHERE code = %s", [code]).fetchone()


def attempt(statement, *arguments):
    with pytest.raises(DatabaseError), transaction.atomic():
        run(statement, *arguments)


@pytest.mark.django_db(transaction=True)
def test_postgresql_and_the_knowledge_agree_on_what_a_lowering_is():
    levels = [level.id for level in screen().levels]
    with as_definer() as definer:
        for old in levels:
            for new in levels:
                (answer,) = definer.execute("SELECT app.risk_is_lower(%s, %s)", [old, new]).fetchone()
                assert answer == risk.is_lower(old, new), (old, new)


def test_a_lowering_counts_when_another_person_agrees(cast, code, definer):
    approval = ask_lower(cast, code)
    assert facts(definer, code)[0] == "high"
    with cast.acting("boba") as boba:
        assert [row.pk for row in list_asked_of(boba)] == [approval.pk]
        answer_approval(approval=approval, approves=True, by=boba)
        answer_approval(approval=approval, approves=True, by=boba)  # a second click
        assert list(list_asked_of(boba)) == []
    assert facts(definer, code)[0] == "standard"
    assert definer.execute("SELECT count(*) FROM cases_riskassessment WHERE counts").fetchone() == (2,)


def test_whoever_may_answer_is_told_and_nobody_else(cast, code, definer):
    ask_lower(cast, code)
    told = "SELECT user_id FROM cases_notice WHERE kind = 'second' AND acknowledged_at IS NULL"
    assert definer.execute(told).fetchall() == [(cast.boba.pk,)]
    mails = definer.execute("SELECT kind FROM cases_mailout WHERE recipient_id = %s", [cast.boba.pk]).fetchall()
    assert mails == [("next",)]
    with cast.acting("boba") as boba:
        answer_approval(approval=Approval.objects.get(), approves=False, by=boba)
    assert definer.execute(told).fetchall() == []
    assert facts(definer, code)[0] == "high"


def test_a_rating_that_came_later_is_not_undone_by_an_older_lowering(cast, code, definer):
    approval = ask_lower(cast, code)
    rate(cast, code, "immediate", "boba")
    with cast.acting("boba") as boba, pytest.raises(WrongState):
        answer_approval(approval=approval, approves=True, by=boba)
    assert facts(definer, code)[0] == "immediate"


@pytest.mark.parametrize("name", ["ana", "lana", "ceca"])
def test_the_asker_a_lawyer_and_a_caseworker_cannot_answer(cast, code, definer, name):
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    approval = ask_lower(cast, code)
    with cast.acting(name) as person, pytest.raises(NotAllowed):
        answer_approval(approval=approval, approves=True, by=person)
    assert facts(definer, code)[0] == "high"
    with switched_off(AS_DEFINER, ANYBODY), cast.acting(name) as person:
        answer_approval(approval=approval, approves=True, by=person)
    assert facts(definer, code)[0] == "standard"


def test_a_backup_who_must_not_see_the_case_cannot_answer(cast, code, definer):
    approval = ask_lower(cast, code)
    definer.execute(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, %s, now(), %s FROM cases_case c",
        [cast.boba.pk, cast.ana.pk],
    )
    with cast.acting("boba") as boba:
        assert list(list_asked_of(boba)) == []
        with pytest.raises(NotAllowed):
            answer_approval(approval=approval, approves=True, by=boba)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_case SET risk = 'standard'",
        "UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = app.uid()",
        "UPDATE cases_case SET minor = 'no'",
        "UPDATE cases_riskassessment SET counts = true",
        "UPDATE cases_approval SET state = 'approved', answered_by_id = app.uid()",
    ],
)
def test_no_act_is_done_past_the_second_person_by_raw_sql(cast, code, definer, statement):
    ask_lower(cast, code)
    with cast.acting("ana"):
        attempt(statement)
    table = statement.split()[1]
    with (
        switched_off(open_table(table), f"GRANT UPDATE ON {table} TO sidro_web"),
        cast.acting("ana"),
    ):
        run(statement)


@pytest.mark.parametrize(
    ("kind", "state", "asked_by"),
    [("lower_risk", "approved", "ana"), ("lower_risk", "asked", "boba"), ("anything", "asked", "ana")],
)
def test_a_question_is_not_asked_for_another_nor_answered_by_planting_it(cast, code, kind, state, asked_by):
    lower = (rate(cast, code, "high"), rate(cast, code, "standard"))[1]
    planted = (
        "INSERT INTO cases_approval (id, case_id, kind, record_id, detail, state, asked_at, asked_by_id)"
        " SELECT gen_random_uuid(), id, %s, %s, '', %s, now(), %s FROM cases_case"
    )
    with cast.acting("ana"):
        attempt(planted, kind, lower, state, getattr(cast, asked_by).pk)
    off = "ALTER TABLE cases_approval DISABLE TRIGGER USER"
    with switched_off(open_table("cases_approval"), off), cast.acting("ana"):
        run(planted, kind, lower, state, getattr(cast, asked_by).pk)


def test_a_rating_of_another_case_is_not_lowered(cast, code, definer):
    other = open_case(cast)
    rate(cast, code, "high")
    lower = rate(cast, code, "standard")
    with cast.acting("ana") as ana, pytest.raises(DatabaseError), transaction.atomic():
        ask_approval(case=get_case(ana, other).case, kind=ApprovalKind.LOWER_RISK, record_id=lower, reason="x", by=ana)


def test_a_case_of_high_or_unrated_risk_is_closed_by_two(cast, code, definer):
    for level in (None, "high", "immediate"):
        if level:
            rate(cast, code, level)
        with cast.acting("ana") as ana:
            case = get_case(ana, code).case
            with pytest.raises(database.Refused, match="second_person"), transaction.atomic():
                database.value("case_close", case.pk, "closed", "needs_met", "none")
            approval = close_case(case=case, text="All is done.", by=ana, **CLOSING)
            assert approval.pk == close_case(case=case, text="All is done.", by=ana, **CLOSING).pk  # a second click
        with cast.acting("ana") as ana, pytest.raises(NotAllowed):
            answer_approval(approval=approval, approves=True, by=ana)
        with cast.acting("boba") as boba:
            answer_approval(approval=approval, approves=True, by=boba)
        assert facts(definer, code)[1] == "closed"
        with cast.acting("boba") as boba:
            reopen_case(case=get_case(boba, code).case, text="She called again.", by=boba)
        assert facts(definer, code)[1] == "open"


def test_closing_past_the_second_person_succeeds_with_the_control_off(cast, code, definer):
    rate(cast, code, "high")
    off = (
        "CREATE OR REPLACE FUNCTION app.case_close(wanted uuid, new_state text, reason text, outcome text) RETURNS void"
        " LANGUAGE sql SECURITY DEFINER AS 'SELECT app.case_shut(wanted, new_state, reason, outcome)'"
    )
    with switched_off(AS_DEFINER, off), cast.acting("ana"):
        database.value("case_close", Case.objects.get().pk, "closed", "needs_met", "none")
    assert facts(definer, code)[1] == "closed"


def test_a_lawyer_neither_closes_nor_asks_for_it(cast, code, definer):
    rate(cast, code, "standard")
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        with pytest.raises(NotAllowed):
            close_case(case=case, text="x", by=lana, **CLOSING)
        with pytest.raises(database.Refused), transaction.atomic():
            database.value("case_close", case.pk, "closed", "needs_met", "none")
        attempt(
            "INSERT INTO cases_approval (id, case_id, kind, detail, state, asked_at, asked_by_id) VALUES"
            " (gen_random_uuid(), %s, 'close_case', 'closed:needs_met:none', 'asked', now(), %s)",
            case.pk,
            lana.pk,
        )
    assert facts(definer, code)[1] == "open"


def test_a_case_does_not_close_while_something_is_open(cast, code, definer):
    rate(cast, code, "standard")
    open_things = {
        "cases_deadline": "INSERT INTO cases_deadline (id, case_id, nonce, due_on, severity, state, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), now()::date, 'critical', 'running', now(), opened_by_id FROM cases_case",
        "cases_task": "INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 'promise', now(), true, 'open', now(), opened_by_id FROM cases_case",
    }
    for table, statement in open_things.items():
        definer.execute(statement)
        with cast.acting("ana") as ana:
            case = get_case(ana, code).case
            with pytest.raises(WrongState):
                close_case(case=case, text="", by=ana, **CLOSING)
            with pytest.raises(database.Refused, match="blocked"), transaction.atomic():
                database.value("case_close", case.pk, "closed", "needs_met", "none")
        definer.execute(f"DELETE FROM {table}")
    with cast.acting("ana") as ana:
        assert close_case(case=get_case(ana, code).case, text="", by=ana, **CLOSING) is None
    assert facts(definer, code)[1] == "closed"


def test_what_opened_again_meanwhile_stops_the_second_person_too(cast, code, definer):
    with cast.acting("ana") as ana:
        approval = close_case(case=get_case(ana, code).case, text="Done.", by=ana, **CLOSING)
    definer.execute(
        "INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 'promise', now(), true, 'open', now(), opened_by_id FROM cases_case"
    )
    with cast.acting("boba") as boba, pytest.raises(WrongState):
        answer_approval(approval=approval, approves=True, by=boba)
    assert facts(definer, code)[1] == "open"


def test_only_the_asker_withdraws_and_then_nobody_answers(cast, code, definer):
    approval = ask_lower(cast, code)
    with cast.acting("boba") as boba:
        with pytest.raises(NotAllowed):
            withdraw_approval(approval=approval, by=boba)
        with pytest.raises(database.Refused), transaction.atomic():
            database.value("approval_withdraw", approval.pk)
    with cast.acting("ana") as ana:
        withdraw_approval(approval=approval, by=ana)
    with cast.acting("boba") as boba:
        with pytest.raises(WrongState):
            answer_approval(approval=approval, approves=True, by=boba)
        assert Approval.objects.get().state == ApprovalState.WITHDRAWN


def test_under_18_is_taken_back_by_two(cast, code, definer):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        database.value("case_minor_set", case.pk, "now")
        with pytest.raises(database.Refused, match="second_person"), transaction.atomic():
            database.value("case_minor_set", case.pk, "no")
        approval = ask_approval(case=case, kind=ApprovalKind.CLEAR_MINOR, detail="no", reason="Born 1999.", by=ana)
    with cast.acting("boba") as boba:
        answer_approval(approval=approval, approves=True, by=boba)
    assert facts(definer, code)[2] == "no"


def newborn(cast, code, by, **lower):
    """The row of a case as somebody could insert it who leaves out what the request says."""
    request = get_request(by, code)
    return Case(
        code=new_readable_code(),
        request=request,
        language="sr",
        opened_at=timezone.now(),
        opened_by=by,
        inbox_public_key=request.inbox_public_key,
        **{"minor": request.minor, **lower},
    )


@pytest.mark.parametrize("lower", [{"risk": "standard"}, {"minor": "no"}, {"minor": "unknown"}])
def test_a_case_is_not_born_lower_than_its_request(cast, lower):
    cast.intake()
    code = log(cast, minor="now", in_danger_now=True)
    with cast.acting("ana") as ana, pytest.raises(DatabaseError, match="not_allowed"), transaction.atomic():
        newborn(cast, code, ana, **lower).save(force_insert=True)
    with switched_off("ALTER TABLE cases_case DISABLE TRIGGER case_born"), cast.acting("ana") as ana:
        newborn(cast, code, ana, **lower).save(force_insert=True)


def test_a_request_at_risk_is_not_accepted_as_a_case_at_less(cast, monkeypatch):
    cast.intake()
    code = log(cast, in_danger_now=True)
    monkeypatch.setattr("cases.services.accept._carry_risk", lambda *_arguments: None)
    with cast.acting("ana") as ana, pytest.raises(NotAllowed):
        accept_request(request=get_request(ana, code), title="x", looked_through="x", by=ana)
    no_order = (
        "CREATE OR REPLACE FUNCTION app.risk_order(level text) RETURNS integer LANGUAGE sql IMMUTABLE SECURITY DEFINER"
        " AS 'SELECT 0'"
    )
    with switched_off(AS_DEFINER, no_order), cast.acting("ana") as ana:
        assert accept_request(request=get_request(ana, code), title="x", looked_through="x", by=ana).risk == "unknown"
