"""The desk: each date once with its reminder, lists that can wait folded, a conflict slip before everything else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cases.access import get_case
from cases.choices import Severity
from cases.services import tasks
from cases.services.assignment import offer_assignment
from cases.services.deadlines import set_deadline
from tests.cases.helpers import SLIP, armed_for, open_case
from tests.cases.test_pages import queries
from tests.security.attack import plant


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def due_in(cast, code: str, days: int, severity: Severity = Severity.ROUTINE, remind: bool = False) -> str:
    """A date of Ana's whose text names its day; with a reminder of it on her desk."""
    text = f"In {days} days"
    with cast.acting("ana") as ana:
        set_deadline(
            case=get_case(ana, code).case, nonce=uuid4(), due_on=timezone.localdate() + timedelta(days=days),
            severity=severity, text=text, assignee=ana, by=ana,
        )  # fmt: skip
    if remind:
        plant(
            "INSERT INTO cases_notice (id, user_id, kind, case_id, deadline_id, created_at)"
            " SELECT gen_random_uuid(), %s, 'date', case_id, id, now() FROM cases_deadline ORDER BY set_at DESC LIMIT 1",
            cast.ana.pk,
        )
    return text


def test_a_date_stands_once_by_its_day_with_its_reminder_on_its_line(cast, code):
    for days in (9, 3, 6):
        due_in(cast, code, days, remind=days == 6)
    page = cast.client("ana").get("/")
    work = next(panel for panel in page.context["panels"] if panel.template == "cases/desk/due.html").context
    assert [(date.text, date.notice is not None) for date in work["first"]] == [
        ("In 3 days", False), ("In 6 days", True), ("In 9 days", False)
    ]  # fmt: skip
    text = page.content.decode()
    assert text.count("Reminder: I have seen it") == 1
    assert ">Reminders" not in text, "it has a line of its own"
    assert "Look at the dates you are reminded of" in text


def test_a_promise_of_today_comes_before_the_dates_she_is_reminded_of(cast, code):
    due_in(cast, code, 3, remind=True)
    with cast.acting("ana") as ana:
        due = tasks.end_of(timezone.localdate())
        new = tasks.NewTask(uuid4(), "promise", due, False, ana, "Call her")
        tasks.set_task(case=get_case(ana, code).case, new=new, by=ana)
    client = cast.client("ana")
    assert client.get("/").context["next_step"].text == "Keep the promise that is due today"
    plant("UPDATE cases_task SET kind = 'task'")
    assert client.get("/").context["next_step"].text == "Look at the dates you are reminded of"


def test_what_presses_is_never_among_the_dates_that_are_folded(cast, code):
    for days in range(2, 12):
        due_in(cast, code, days)
    due_in(cast, code, 30, Severity.CRITICAL)
    due_in(cast, code, 31, remind=True)
    due_in(cast, code, 32)
    panels = cast.client("ana").get("/").context["panels"]
    work = next(panel for panel in panels if panel.template == "cases/desk/due.html").context
    assert [date.text for date in work["first"][6:]] == ["In 30 days", "In 31 days"]
    assert len(work["later"]) == 5
    assert [panel.template for panel in panels if panel.folded] == ["cases/desk/without_backup.html"]
    assert panels.index(next(panel for panel in panels if panel.folded)) > 0


def test_the_desk_asks_as_often_for_many_reminders_as_for_one(cast, code):
    due_in(cast, code, 2, remind=True)
    client = cast.client("ana")
    queries(client, "/")
    one = queries(client, "/")
    for days in range(3, 9):
        due_in(cast, code, days, remind=True)
    assert queries(client, "/") == one


def test_whoever_was_on_call_is_named_to_the_lead(cast, code):
    cast.person("koka")
    armed_for(cast, code, "boba")
    client = cast.client("ana")
    assert "Boba was on call and opened how to reach her." in client.get("/").content.decode()
    assert "Boba, who is on call, is reaching her since" in client.get(f"/cases/{code}").content.decode()


def test_a_conflict_slip_that_waits_is_a_lawyers_next_step(cast, code):
    cast.vouch("boba", "lana")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        asked = offer_assignment(case=case, person=cast.lana, role="lawyer", slip=SLIP, by=ana)
    step = cast.client("lana").get("/").context["next_step"]
    assert (step.text, step.url) == ("Answer the conflict slip", f"/offers/{asked.pk}/slip")
