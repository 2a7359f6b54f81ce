"""The plan of a case in the browser: a promise kept by one click from the desk, questions about risk one at a time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.access import get_case
from cases.choices import CaseRole, Severity
from cases.models import Deadline, Task
from cases.services.calls import begin_call
from cases.services.deadlines import set_deadline
from cases.services.ratings import rate
from cases.services.safety import write_plan
from cases.services.service_units import log_service
from cases.services.tasks import NewTask, set_task
from tests.browsers import assert_sound, look
from tests.cases.helpers import assign, open_case

pytestmark = pytest.mark.browser


def promise(cast, code: str) -> None:
    with cast.acting("ana") as ana:
        due = timezone.now() + timedelta(minutes=50)
        set_task(case=get_case(ana, code).case, new=NewTask(uuid4(), "call", due, True, ana, "Call at ten"), by=ana)


def plan_for(cast, code: str) -> dict[str, object]:
    """One of each thing on the plan of a case; returns what addresses name."""
    promise(cast, code)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        write_plan(case=case, items={"crisis_number": "112", "free": "A bag by the door."}, seen=0, by=ana)
        rate(case=case, nonce=uuid4(), answers={"sc1": "yes", "ph2": "yes"}, raised="", reason="", by=ana)
        log_service(case=case, nonce=uuid4(), kind="advice", minutes=30, project=None, by=ana)
        begin_call(case=case, by=ana)
        due_on = timezone.localdate() + timedelta(days=40)
        common = {"nonce": uuid4(), "assignee": None, "by": ana}
        set_deadline(case=case, due_on=due_on, severity=Severity.CRITICAL, text="Private action", **common)
        return {"task": Task.objects.latest("set_at").pk, "date": Deadline.objects.latest("set_at").pk}


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_from_the_desk_she_is_called_by_one_click_and_the_promise_is_kept(cast, signed_in, scripts):
    cast.intake()
    code = open_case(cast)
    promise(cast, code)
    ana = signed_in("ana", java_script_enabled=scripts)
    ana.get_by_role("button", name=f"Call {code}").click()
    expect(ana.get_by_role("main")).to_contain_text("+381601234567")
    ana.reload()
    expect(ana.get_by_role("main")).to_contain_text("+381601234567")
    ana.get_by_role("button", name="End the call").click()
    expect(ana.get_by_role("alert")).to_contain_text("How did it end?")
    ana.get_by_label("Reached her", exact=True).check()
    ana.get_by_label("Call at ten").check()
    if not ana.get_by_label("What you promised her").is_visible():
        ana.get_by_text("You promised her something").click()
    ana.get_by_label("What you promised her").fill("I call again")
    ana.get_by_label("Promised for the day").fill(str(timezone.localdate() + timedelta(days=1)))
    ana.get_by_label("Promised for the minute").fill("10:00")
    ana.get_by_role("button", name="End the call").click()
    expect(ana.locator("#messages")).to_contain_text("The call has ended")
    expect(ana.get_by_role("main")).not_to_contain_text("+381601234567")
    ana.get_by_role("link", name="Plan").click()
    expect(ana.get_by_role("main")).to_contain_text("I call again")
    expect(ana.get_by_role("main")).not_to_contain_text("Call at ten")


def test_questions_come_one_at_a_time_and_say_the_level_and_why(cast, signed_in):
    cast.intake()
    code = open_case(cast)
    ana = signed_in("ana")
    ana.goto(f"/cases/{code}/risk/questions")
    so_far = ana.locator("#so-far")
    expect(so_far).to_contain_text("Not rated yet")
    assert ana.locator("[data-one-at-a-time] .question:visible").count() == 1
    for answer in ("Yes", "No", "No", "Yes"):
        shown = ana.locator("[data-one-at-a-time] .question:visible")
        shown.get_by_label(answer, exact=True).check()
        ana.get_by_role("button", name="Next question").click()
    expect(so_far).to_contain_text("High")
    expect(so_far).to_contain_text("Why:")
    look(ana, "risk-questions")
    ana.locator("[data-one-at-a-time] .question:visible").get_by_label("Yes", exact=True).check()
    expect(so_far).to_contain_text("Immediate")
    ana.get_by_role("button", name="Save the rating").click()
    expect(ana.locator("#messages")).to_contain_text("Saved.")
    ana.get_by_role("button", name="Make it my task Stay in contact").click()
    expect(ana.locator("#messages")).not_to_be_empty()
    ana.goto("/")
    expect(ana.get_by_role("main")).to_contain_text("Stay in contact")


def test_without_scripts_all_questions_stand_there_and_the_level_is_asked_for(cast, signed_in):
    cast.intake()
    code = open_case(cast)
    ana = signed_in("ana", java_script_enabled=False)
    ana.goto(f"/cases/{code}/risk/questions")
    for question in ("thought about ending", "threatened to kill"):
        ana.get_by_role("group", name=question).get_by_label("Yes", exact=True).check()
    ana.get_by_role("button", name="Show the level so far").click()
    expect(ana.locator("#so-far")).to_contain_text("High")
    assert ana.get_by_role("group", name="threatened to kill").get_by_label("Yes", exact=True).is_checked()


def test_a_service_is_one_tap(cast, signed_in):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    boba = signed_in("boba")
    boba.goto(f"/cases/{code}")
    boba.get_by_role("button", name="Advice").dblclick()
    expect(boba.get_by_role("button", name="Undo Advice")).to_have_count(1)
    assert_sound(boba)
