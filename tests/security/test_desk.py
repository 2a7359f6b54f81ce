"""What the desk is told by two functions of the definer: own rows only, and a card is never hidden wrongly."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import Error, transaction
from django.utils import timezone

from accounts import database
from cases import access
from cases.access import absence, armed, get_case, plan
from cases.access import second as access_second
from cases.access.housekeeping import get_line, list_housekeeping
from cases.codes import ApprovalKind
from cases.services.approvals import ask_approval
from cases.services.housekeeping import put_off
from cases.views.panels import PANELS
from config.database.apply import FUNCTIONS
from tests.cases.helpers import assign, log, open_case
from tests.conftest import as_definer
from tests.security.attack import open_table, plant, run, switched_off
from tests.security.test_conflict_slip import as_function

ZONE = "UTC"
HINTS = {name for card in PANELS for name in card.hints} | {"tasks", "notices"}
YES = SimpleNamespace(**dict.fromkeys(HINTS, True))
# Who may read what is one condition in each function, and these are what they would be without it.
ASKED = {
    "housekeeping(text, integer, uuid)": (
        "desk",
        "g.user_id = me AND g.permission_id = sees AND c.state",
        "g.permission_id = sees AND c.state",
    ),
    "case_facts(uuid[])": ("facts", "g.user_id = me AND g.permission_id = sees", "g.permission_id = sees"),
}


def hints(cast, name):
    with cast.acting(name):
        return {key for key, value in vars(database.row("desk_hints", ZONE)).items() if value}


def lines(cast, name):
    with cast.acting(name) as by:
        return {(line.rule, line.at_code) for line in list_housekeeping(by)[0]}


def everybody_is_on_it(signature):
    """Statements that take the condition out of a function."""
    file, condition, without = ASKED[signature]
    name = signature.partition("(")[0]
    text = (FUNCTIONS / f"{file}.sql").read_text().split(f"CREATE FUNCTION app.{name}")[1].split("END $$;")[0]
    assert condition in text
    open_to_all = f"app.{name}{text.replace(condition, without)}END $$"
    return *as_function(open_to_all), f"ALTER FUNCTION app.{signature} SECURITY DEFINER"


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def test_a_quiet_desk_has_no_hints_and_everybody_only_her_own(cast, code):
    assert hints(cast, "ana") == {"alone"}, "she leads a case that nobody else could open"
    for name in ("boba", "ceca", "lana", "koka", "vera"):
        assert hints(cast, name) == set()


def test_each_card_that_has_something_is_asked(cast, code):
    assign(cast, code, "boba", role="backup", voucher="")
    assert hints(cast, "ana") == set()
    plant("UPDATE cases_case SET minor = 'now', risk = 'immediate', reassess_at = now() - interval '1 minute'")
    plant(
        "INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, set_at, set_by_id, assignee_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 'call', now() + interval '1 hour', true, 'open', now(), opened_by_id,"
        " opened_by_id FROM cases_case"
    )
    plant(
        "INSERT INTO cases_contactattempt (id, case_id, on_duty, begun_at, begun_by_id, result)"
        " SELECT gen_random_uuid(), id, false, now(), opened_by_id, '' FROM cases_case"
    )
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        ask_approval(case=case, kind=ApprovalKind.CLEAR_MINOR, detail="no", reason="Born 1999.", by=ana)
    plant(
        "INSERT INTO cases_absence (id, user_id, from_on, until_on, entered_at, entered_by_id)"
        " VALUES (gen_random_uuid(), %s, current_date - 1, current_date + 1, now(), %s)",
        cast.ana.pk,
        cast.ana.pk,
    )
    assert hints(cast, "ana") == {"to_arm", "calls", "tasks", "ask_again"}
    assert hints(cast, "boba") == {"to_arm", "tasks", "second", "ask_again", "covers"}
    assert hints(cast, "ceca") == set()
    with cast.acting("ana") as ana:
        assert plan.list_my_tasks(ana)
        assert list(plan.list_my_calls(ana))
        assert list(plan.list_risks_to_ask_again(ana))
        assert armed.list_proposals(ana)
    with cast.acting("boba") as boba:
        assert list(access_second.list_asked_of(boba))
        assert absence.list_covers(boba)


def test_whatever_the_hints_leave_out_has_no_card(cast, code):
    """On a house with some of everything, a card that is not asked for is one that would be empty."""
    open_case(cast, lead="boba")
    assign(cast, code, "lana")
    log(cast)
    plant("UPDATE cases_case SET opened_at = now() - interval '40 days', reassess_at = now() WHERE code = %s", code)
    for name in ("ana", "boba", "ceca", "lana", "koka", "vera"):
        with cast.acting(name) as person:
            found = access.desk_hints()
            for card in PANELS:
                shown = [panel.template for panel in card.panels(person, found)]
                assert shown == [panel.template for panel in card.panels(person, YES)], card.make.__name__


def test_the_weekly_list_is_of_own_cases_only(cast, code):
    plant("UPDATE cases_case SET opened_at = now() - interval '40 days'")
    request = log(cast)
    plant(
        "UPDATE cases_helprequest SET state = 'waiting', waiting_until = now() - interval '1 day' WHERE code = %s",
        request,
    )
    assert ("no_backup", code) in lines(cast, "ana")
    assert lines(cast, "boba") == {("promise_passed", request)}, "a member of intake, not on the case"
    for name in ("ceca", "lana"):
        assert lines(cast, name) == set()
    for name in ("vera", "koka"):
        with cast.acting(name):
            assert database.rows("housekeeping", ZONE, 11, None) == []
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case WHERE code = %s",
        cast.ana.pk,
        cast.boba.pk,
        code,
    )
    assert lines(cast, "ana") == {("promise_passed", request)}


def test_without_the_permission_row_others_would_read_its_codes(cast, code):
    plant(
        "INSERT INTO cases_deadline (id, case_id, nonce, due_on, severity, state, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), %s, 'critical', 'running', now(), opened_by_id FROM cases_case",
        timezone.localdate() + timedelta(days=3),
    )
    assert ("date_nobody", code) not in lines(cast, "ceca")
    with switched_off(*everybody_is_on_it("housekeeping(text, integer, uuid)")):
        assert ("date_nobody", code) in lines(cast, "ceca")


def test_what_somebody_has_put_off_is_hers_alone(cast, code):
    """Whoever could write lines of others would hide from them what they have forgotten."""
    line_id = plant_ids(code)[0]
    with cast.acting("ana") as ana:
        put_off(line=get_line(ana, "no_review", line_id), by=ana)
    hidden = "INSERT INTO cases_putoff (id, user_id, rule, record_id, until_on) VALUES (gen_random_uuid(), %s, 'quiet', %s, 'tomorrow')"
    with cast.acting("boba"):
        assert run("SELECT 1 FROM cases_putoff") == []
        run("UPDATE cases_putoff SET until_on = 'tomorrow'::date + 900")
        with pytest.raises(Error, match="row-level security"), transaction.atomic():
            run(hidden, cast.ana.pk, line_id)
    with cast.acting("ana"):
        (kept,) = run("SELECT until_on FROM cases_putoff")
        assert kept[0] < timezone.localdate() + timedelta(days=8)
    with switched_off(open_table("cases_putoff")), cast.acting("boba"):
        run(hidden, cast.ana.pk, line_id)
        assert len(run("SELECT 1 FROM cases_putoff")) == 2


def facts(cast, name, code):
    (case,) = plant_ids(code)
    with cast.acting(name):
        return database.rows("case_facts", [case])


def plant_ids(code):
    with as_definer() as definer:
        return definer.execute("SELECT id FROM cases_case WHERE code = %s", [code]).fetchone()


def test_facts_of_a_case_are_for_whoever_may_see_it(cast, code):
    assign(cast, code, "lana")
    (row,) = facts(cast, "ana", code)
    assert (row.lawyers_unasked, row.has_backup, row.has_incident, row.checks_settled) == (False, False, False, 0)
    assert len(facts(cast, "lana", code)) == 1
    for name in ("boba", "ceca", "koka", "vera"):
        assert facts(cast, name, code) == []
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case",
        cast.lana.pk,
        cast.boba.pk,
    )
    assert facts(cast, "lana", code) == []
    with switched_off(*everybody_is_on_it("case_facts(uuid[])")):
        assert facts(cast, "ceca", code)
