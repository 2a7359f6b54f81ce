"""The plan of a case by its pages: tasks, calls, safety plan, services; wrong input, twice, by two people."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.exceptions import WrongState
from accounts.templatetags.sidro import full_time
from cases.access import get_case
from cases.choices import CaseRole
from cases.models import ServiceUnit
from cases.services import safety
from cases.services.safety import read_plan, write_plan
from cases.services.service_units import log_service, undo_service
from tests.cases.helpers import assign, open_case
from tests.security.attack import plant

TOMORROW = str(timezone.localdate() + timedelta(days=1))


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup, Lana the lawyer."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "lana")
    return code


# --- Tasks ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("text", "x" * 301),
        ("kind", "wish"),
        ("due_on", "2020-01-01"),
        ("due_on", "20260-01-01"),
        ("minute", "25:00"),
        ("assignee", "0b1f6c1e-6a53-4f0e-9d3c-5f6f2f0c9a11"),
        ("nonce", ""),
    ],
)
def test_a_wrong_task_says_so_by_the_field_and_stores_nothing(cast, code, definer, field, value):
    typed = {"nonce": uuid4(), "kind": "task", "text": "kept words", "due_on": TOMORROW, "assignee": cast.ana.pk}
    answer = cast.client("ana").post(f"/cases/{code}/tasks", {**typed, field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    if field != "text":
        assert b"kept words" in answer.content
    assert definer.execute("SELECT count(*) FROM cases_task").fetchone() == (0,)


def test_a_minute_that_the_clocks_leave_out_is_refused(cast, code):
    year = timezone.localdate().year + 1
    last = next(day for day in range(31, 24, -1) if timezone.datetime(year, 3, day).weekday() == 6)
    typed = {"nonce": uuid4(), "kind": "call", "text": "x", "due_on": f"{year}-03-{last}", "minute": "02:30"}
    answer = cast.client("ana").post(f"/cases/{code}/tasks", {**typed, "assignee": cast.ana.pk})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"minute"}


def test_a_task_is_set_done_undone_moved_given_and_dropped(cast, code, definer):
    client = cast.client("ana")
    typed = {"nonce": uuid4(), "kind": "promise", "text": "Call her sister", "due_on": TOMORROW, "minute": "10:00"}
    for _click in range(2):
        assert client.post(f"/cases/{code}/tasks", {**typed, "assignee": cast.ana.pk}).status_code == 302
    ((task,),) = definer.execute("SELECT id FROM cases_task").fetchall()
    address = f"/cases/{code}/tasks/{task}"
    assert "Call her sister" in client.get(f"/cases/{code}/plan").content.decode()
    assert "Call her sister" in client.get("/").content.decode()
    steps = [
        ("done", {}, "done"),
        ("done", {}, "done"),
        ("reopen", {}, "open"),
        ("move", {"due_on": TOMORROW, "minute": "11:00"}, "open"),
        ("assign", {"assignee": cast.lana.pk}, "open"),
        ("drop", {"reason": "her_wish"}, "dropped"),
    ]
    for step, values, state in steps:
        assert client.post(f"{address}/{step}", values).status_code == 302, step
        assert definer.execute("SELECT state FROM cases_task").fetchone() == (state,)
    told = definer.execute("SELECT detail FROM cases_timelineentry WHERE kind = 'task' ORDER BY at").fetchall()
    assert [detail for (detail,) in told] == ["set", "done", "reopened", "moved", "reassigned", "dropped:her_wish"]
    assert "Dropped: She asked us not to" in client.get(f"/cases/{code}/timeline?kind=task").content.decode()
    assert "Call her sister" in client.get(f"/cases/{code}/plan?show=settled").content.decode()
    assert "Call her sister" not in client.get("/").content.decode()


# --- Calls ------------------------------------------------------------------------------------
def test_a_call_shows_reach_until_it_has_ended_and_keeps_and_makes_promises(cast, code, definer):
    client = cast.client("ana")
    typed = {"nonce": uuid4(), "kind": "call", "text": "Call at ten", "due_on": TOMORROW, "assignee": cast.ana.pk}
    client.post(f"/cases/{code}/tasks", typed)
    task = definer.execute("SELECT id FROM cases_task").fetchone()[0]
    assert f"/cases/{code}/call" in client.get("/").content.decode()  # from the desk by one click
    for _click in range(2):
        assert client.post(f"/cases/{code}/call").status_code == 302
    for _load in range(2):
        assert "+381601234567" in client.get(f"/cases/{code}/call").content.decode()
    assert "+381601234567" not in client.get(f"/cases/{code}").content.decode()
    assert client.post(f"/cases/{code}/call/end", {"nonce": uuid4(), "text": "kept words"}).status_code == 422
    half = {"nonce": uuid4(), "result": "reached", "promise": "I call again"}
    assert client.post(f"/cases/{code}/call/end", half).status_code == 422
    done = {**half, "text": "She is calmer.", "kept": [str(task)], "promise_on": TOMORROW, "promise_minute": "10:00"}
    for _click in range(2):
        assert client.post(f"/cases/{code}/call/end", done).status_code == 302
    assert client.get(f"/cases/{code}/call").status_code == 302
    assert definer.execute("SELECT kind, state, exact FROM cases_task ORDER BY set_at").fetchall() == [
        ("call", "done", False),
        ("promise", "open", True),
    ]
    lines = client.get(f"/cases/{code}/timeline?kind=call").content.decode()
    assert "Call: Reached her" in lines
    assert "She is calmer." in lines
    opened = "SELECT count(*) FROM accounts_auditevent WHERE action = 'reach_opened' AND detail = 'call'"
    assert definer.execute(opened).fetchone()[0] >= 2


def test_two_who_correct_how_she_is_reached_do_not_overwrite_each_other(cast, code):
    ana, boba = cast.client("ana"), cast.client("boba")
    assert ana.get(f"/cases/{code}/reach").context["form"]["seen"].value() == 1
    assert boba.post(f"/cases/{code}/reach", {"seen": 1, "phone": "new number"}).status_code == 302
    late = ana.post(f"/cases/{code}/reach", {"seen": 1, "phone": "other number"})
    assert late.status_code == 422
    assert late.context["now"] == [("Safe number or address to reach her", "new number")]
    for said in ("Somebody has changed this meanwhile", "Written by Boba", "new number", "other number"):
        assert said in late.content.decode()
    ana.post(f"/cases/{code}/call")
    page = ana.get(f"/cases/{code}/call").content.decode()
    assert "new number" in page
    again = {name: late.context["form"][name].value() or "" for name in late.context["form"].fields}
    for _click in range(2):
        assert ana.post(f"/cases/{code}/reach", again).status_code == 302
    assert "other number" in ana.get(f"/cases/{code}/call").content.decode()


def test_a_line_of_the_reach_card_that_she_left_alone_is_not_set_back(cast, code):
    ana, boba = cast.client("ana"), cast.client("boba")
    before = ana.get(f"/cases/{code}/reach").context["form"].initial
    boba.post(f"/cases/{code}/reach", {**before, "phone": "new number"})
    late = ana.post(f"/cases/{code}/reach", {**before, "safe_hours": "mornings"})
    assert late.status_code == 422
    form = late.context["form"]
    assert (form["phone"].value(), form["safe_hours"].value()) == ("new number", "mornings")
    assert [label for label, _now in late.context["now"]] == ["When is it safe to call?"]


# --- Safety plan ------------------------------------------------------------------------------
def test_the_safety_plan_keeps_its_versions_and_a_double_click_writes_once(cast, code, definer):
    client = cast.client("lana")
    for _click in range(2):
        answer = client.post(f"/cases/{code}/safety-plan", {"seen": 0, "crisis_number": "112", "free": "A bag"})
        assert answer.status_code == 302
    revisions = "SELECT count(*) FROM vault_sealed WHERE field = 'safety_plan.items'"
    assert definer.execute(revisions).fetchone() == (1,)
    late = client.post(f"/cases/{code}/safety-plan", {"seen": 0, "free": "Another text"})
    assert late.status_code == 422
    assert b"Another text" in late.content
    assert ("Anything else", "A bag") in late.context["now"]
    assert late.context["form"]["seen"].value() == "1"
    assert client.post(f"/cases/{code}/safety-plan", {"seen": 1, "free": "Two bags"}).status_code == 302
    assert definer.execute(revisions).fetchone() == (2,)
    cast.client("boba").post(f"/cases/{code}/safety-plan/reviewed")
    reviewed = definer.execute("SELECT reviewed_on, reviewed_by_id FROM cases_safetyplan").fetchone()
    assert reviewed == (timezone.localdate(), cast.boba.pk)
    paper = client.get(f"/cases/{code}/safety-plan/print").content.decode()
    assert "Two bags" in paper
    assert f"Looked through {full_time(timezone.localdate())}." in paper


def test_an_empty_safety_plan_is_none(cast, code, definer):
    client = cast.client("ana")
    page = client.post(f"/cases/{code}/safety-plan", {"seen": 0, "free": "  ", "next_review_on": TOMORROW})
    assert page.status_code == 422
    assert "Write at least one line" in page.content.decode()
    assert definer.execute("SELECT count(*) FROM cases_safetyplan").fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM cases_task").fetchone() == (0,)


def test_an_interpreter_of_the_plan_reads_it_and_does_not_write(cast, code):
    with cast.acting("ana") as ana:
        write_plan(case=get_case(ana, code).case, items={"free": "A bag"}, seen=0, by=ana)
    with cast.acting("boba") as boba:
        opened = get_case(boba, code)
        version = read_plan(case=opened.case, plan=opened.case.safety_plan, by=boba)
        assert version.value == {"free": "A bag"}
        assert safety.read_plan(case=opened.case, plan=None, by=boba) is None


def test_the_next_review_is_a_task_with_a_reminder(cast, code, definer):
    client, url = cast.client("ana"), f"/cases/{code}/safety-plan"
    days = [timezone.localdate() + timedelta(days=number) for number in (10, 20)]
    open_tasks = "SELECT count(*) FROM cases_task WHERE state = 'open'"
    typed = {"seen": "0", "free": "A bag", "next_review_on": days[0].isoformat()}
    for _twice in range(2):
        assert client.post(url, typed).status_code == 302
    assert definer.execute(open_tasks).fetchone() == (1,)
    assert "Next time:" in client.get(url).content.decode()
    assert "Next time:" in client.get(f"/cases/{code}/plan").content.decode()
    for _twice in range(2):
        assert client.post(f"{url}/reviewed", {"next_review_on": days[1].isoformat()}).status_code == 302
    assert definer.execute("SELECT state FROM cases_task ORDER BY due_at").fetchall() == [("done",), ("open",)]
    wrong = client.post(f"{url}/reviewed", {"next_review_on": "2020-01-01"}, follow=True).content.decode()
    assert "Nothing was noted" in wrong
    page = client.post(url, {"seen": "1", "free": "A bag", "next_review_on": "2020-01-01"})
    assert (page.status_code, "next_review_on" in page.context["form"].errors) == (422, True)
    assert client.post(f"{url}/reviewed", {}).status_code == 302
    assert definer.execute(open_tasks).fetchone() == (0,)


# --- Risk -------------------------------------------------------------------------------------
def test_a_service_is_one_tap_and_taken_back_for_ten_minutes(cast, code, definer):
    client = cast.client("lana")
    typed = {"nonce": uuid4(), "kind": "advice", "minutes": "30"}
    for _tap in range(2):
        assert client.post(f"/cases/{code}/services", typed).status_code == 302
    assert definer.execute("SELECT minutes FROM cases_serviceunit").fetchall() == [(30,)]
    assert (
        b'<td class="govuk-table__cell govuk-table__cell--numeric">30</td>' in client.get(f"/cases/{code}/plan").content
    )
    client.post(f"/cases/{code}/services", {"nonce": uuid4(), "kind": "advice", "minutes": "31"})
    assert definer.execute("SELECT count(*) FROM cases_serviceunit").fetchone() == (1,)
    with cast.acting("lana") as lana:
        case, unit = get_case(lana, code).case, ServiceUnit.objects.get()
        undo_service(case=case, unit=unit, by=lana)
        log_service(case=case, nonce=uuid4(), kind="advice", minutes=10, project=None, by=lana)
    plant("UPDATE cases_serviceunit SET given_at = now() - interval '11 minutes'")
    with cast.acting("lana") as lana, pytest.raises(WrongState):
        undo_service(case=case, unit=ServiceUnit.objects.filter(undone_at__isnull=True).get(), by=lana)


def test_projects_are_added_once_and_taken_off_the_list(cast, code, definer):
    koka, ana = cast.client("koka"), cast.client("ana")
    assert koka.post("/projects", {"name": "Year"}).status_code == 302
    assert koka.post("/projects", {"name": "Year"}).status_code == 422
    assert "Year" in ana.get(f"/cases/{code}").content.decode()
    project = definer.execute("SELECT id FROM cases_project").fetchone()[0]
    koka.post(f"/projects/{project}/retire")
    assert "Year" not in ana.get(f"/cases/{code}").content.decode()


def test_a_date_is_given_to_somebody_else_and_let_go_with_a_reason_and_undone(cast, code, definer):
    client = cast.client("ana")
    typed = {"nonce": uuid4(), "due_on": TOMORROW, "text": "Motion", "severity": "critical"}
    client.post(f"/cases/{code}/dates", typed)
    date = definer.execute("SELECT id FROM cases_deadline").fetchone()[0]
    assert client.post(f"/cases/{code}/dates/{date}/assign", {"assignee": cast.lana.pk}).status_code == 302
    assert client.post(f"/cases/{code}/dates/{date}/assign", {"assignee": cast.ceca.pk}).status_code == 422
    waive = {"nonce": uuid4(), "reason": "She decided against it."}
    assert client.post(f"/cases/{code}/dates/{date}/waive", {**waive, "reason": ""}).status_code == 422
    for _click in range(2):
        assert client.post(f"/cases/{code}/dates/{date}/waive", waive).status_code == 302
    row = "SELECT d.state, u.login_name FROM cases_deadline d JOIN accounts_user u ON u.id = d.assignee_id"
    assert definer.execute(row).fetchall() == [("waived", "lana")]
    page = client.get(f"/cases/{code}").content.decode()
    assert page.count("She decided against it.") == 1
    client.post(f"/cases/{code}/dates/{date}/reopen")
    assert definer.execute(row).fetchall() == [("running", "lana")]
