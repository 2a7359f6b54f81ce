"""The budgets of the working day that are counted: call her, log a call by keyboard, accept, hand over a shift.

The year report has a budget too (20 minutes); it is counted once statistics exist.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.access import get_case
from cases.services.tasks import NewTask, set_task
from tests.cases.helpers import log, on_call, open_case
from tests.effort.counter import Effort

pytestmark = pytest.mark.browser
WORDS = "My pictures are traded in a large group since Monday. I do not know who did it. My sister does not know."


@pytest.fixture
def case(cast) -> str:
    """A case that Ana leads, with a call that she has promised."""
    cast.intake()
    code = open_case(cast)
    with cast.acting("ana") as ana:
        due = timezone.now() + timedelta(minutes=50)
        set_task(case=get_case(ana, code).case, new=NewTask(uuid4(), "call", due, True, ana, "Call at ten"), by=ana)
    return code


def test_call_her(case, signed_in, budget):
    """From the desk until number, hours and neutral word are on the screen."""
    effort = Effort(signed_in("ana"))
    effort.click(effort.page.get_by_role("button", name=f"Call {case}"))
    expect(effort.page.get_by_role("main")).to_contain_text("+381601234567")
    expect(effort.page.get_by_role("main")).to_contain_text("library")
    budget("call_her", effort.actions, "actions", 2)


def test_call_her_from_the_list(case, signed_in, budget):
    """The same where no call was promised: from the list of cases."""
    ana = signed_in("ana")
    ana.goto("/cases/")
    effort = Effort(ana)
    effort.click(ana.get_by_role("link", name=case))
    effort.click(ana.get_by_role("button", name="Call her"))
    expect(ana.get_by_role("main")).to_contain_text("+381601234567")
    budget("call_her_from_the_list", effort.actions, "actions", 2)


def test_log_a_call_by_keyboard(cast, signed_in, budget):
    """Number, hours, neutral word, one tick, a hundred characters of her words; from the open form until it is logged."""
    cast.intake()
    ana = signed_in("ana")
    ana.goto("/requests/new")
    ana.wait_for_function("document.activeElement !== document.body")  # the page puts her into its first field
    effort = Effort(ana)
    effort.press("Tab", "Tab")
    effort.type("060 111 222 33")
    effort.press("Tab", "Tab")
    effort.type("after nine")
    effort.press("Tab")
    effort.type("library")
    effort.press("Tab", "Tab", "Tab")
    effort.press("Space")
    effort.press("Tab", "Tab", "Tab")
    effort.type(WORDS)
    effort.press("Control+Enter")
    expect(ana.locator("#messages")).to_contain_text("was logged")
    budget("log_a_call_by_keyboard", effort.seconds, "s", 60)


def test_accept(cast, signed_in, budget):
    """From the queue until the case is open."""
    cast.intake()
    code = log(cast)
    ana = signed_in("ana")
    ana.goto("/requests/")
    effort = Effort(ana)
    effort.click(ana.get_by_role("link", name=code))
    effort.click(ana.get_by_role("button", name="Accept as a case"))
    effort.write(ana.get_by_label("Working title"), "Pictures in a group")
    effort.click(ana.get_by_label("there is nothing in it to take out"))
    effort.click(ana.get_by_role("button", name="Open the case"))
    expect(ana.get_by_role("heading", level=1)).to_contain_text("Pictures in a group")
    budget("accept_a_request", effort.actions, "actions", 5)


def test_hand_over_a_shift(case, cast, signed_in, budget):
    """Both sides: what is open is there by itself, a sentence is added, both sign."""
    on_call(cast, "ana")
    log(cast, in_danger_now=True)
    giver, taker = Effort(signed_in("ana")), Effort(signed_in("boba"))
    giver.page.goto("/duty")
    giver.click(giver.page.get_by_role("link", name="Hand over the shift"))
    giver.choose(giver.page.get_by_label("To whom"), "Boba")
    giver.write(giver.page.get_by_label("What else she should know"), "She sleeps until ten; call her sister first.")
    giver.click(giver.page.get_by_role("button", name="I hand over"))
    expect(giver.page.locator("#messages")).to_contain_text("Handed over")
    taker.page.goto("/")
    taker.click(taker.page.get_by_role("link", name="Read and take over from Ana"))
    taker.click(taker.page.get_by_role("button", name="I have taken over"))
    expect(taker.page.locator("#messages")).to_contain_text("You have taken over")
    budget("hand_over_a_shift", giver.seconds + taker.seconds, "s", 120)
