"""New requests in the browser: logging by keyboard alone, the steps for somebody under 18, answering, the budgets."""

import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browsers import faults, photograph
from tests.cases.helpers import log

pytestmark = pytest.mark.browser


@pytest.fixture
def ready(cast):
    cast.intake()


def test_a_call_is_logged_by_keyboard_alone_in_under_a_minute(cast, ready, signed_in, definer):
    ana = signed_in("ana")
    ana.goto("/requests/new")
    ana.wait_for_function("document.activeElement !== document.body")  # the page puts her into its first field
    began = time.monotonic()
    keys = ana.keyboard
    for _field in range(2):
        keys.press("Tab")  # from "who may read it", where one stands already, past whom she names
    keys.type("060 111 222 33")
    for _field in range(2):
        keys.press("Tab")
    keys.type("after nine")
    for _field in range(4):
        keys.press("Tab")
    keys.press("Space")  # she thinks of ending her life
    for _field in range(3):
        keys.press("Tab")
    keys.type("My pictures are in a group.")
    keys.press("Control+Enter")
    expect(ana.locator("#messages")).to_contain_text("was logged")
    assert time.monotonic() - began < 60
    row = definer.execute("SELECT thinks_of_ending_life, in_danger_now, risk, minor FROM cases_helprequest").fetchone()
    assert row == (True, False, "immediate", "unknown")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_under_18_stops_everybody_first(cast, ready, signed_in, scripts):
    ana = signed_in("ana", java_script_enabled=scripts)
    ana.goto("/requests/new")
    steps = ana.get_by_text("Somebody under 18: do this first")
    expect(steps).to_be_hidden()
    ana.get_by_label("Somebody in the material was under 18").check()
    expect(steps).to_be_visible()
    ana.get_by_label("What happened, in her words").fill("A link only.")
    ana.get_by_role("button", name="Log the request").click()
    expect(ana.get_by_role("alert")).to_contain_text("read the steps first")
    if scripts:
        photograph(ana, "minor-steps")
        assert faults(ana, but="422") == []
    ana.get_by_label("I have read the steps").check()
    ana.get_by_role("button", name="Log the request").click()
    expect(ana.locator("#messages")).to_contain_text("was logged")


def test_accepting_takes_at_most_five_actions_and_calling_two(cast, ready, signed_in):
    code = log(cast)
    ana = signed_in("ana")
    ana.goto("/requests/")
    ana.get_by_role("link", name=code).click()  # calling: 1
    ana.get_by_role("button", name="Call her").click()  # 2
    expect(ana.get_by_role("main")).to_contain_text("+381601234567")
    photograph(ana, "request-call")
    assert faults(ana) == []
    ana.get_by_label("Nobody answered").check()
    ana.get_by_role("button", name="Call ended").click()
    expect(ana.get_by_role("main")).to_contain_text("Ana: Nobody answered")
    ana.goto("/requests/")
    ana.get_by_role("link", name=code).click()  # accepting: 1
    ana.get_by_role("button", name="Accept as a case").click()  # 2
    ana.get_by_label("Working title").fill("Group")  # 3
    ana.get_by_label("there is nothing in it to take out").check()  # 4
    ana.get_by_role("button", name="Open the case").click()  # 5
    expect(ana.get_by_role("heading", level=1)).to_contain_text("Group")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_request_is_answered_step_by_step(cast, ready, signed_in, scripts):
    code = log(cast, offence_learned_on="2026-09-01")
    ana = signed_in("ana", java_script_enabled=scripts)
    main, said = ana.get_by_role("main"), ana.locator("#messages")
    ana.goto(f"/requests/{code}")
    ana.get_by_role("button", name="I take it").click()
    expect(said).to_contain_text("It is yours now.")
    ana.get_by_label("Day and hour promised to her").fill(f"{timezone.localdate() + timedelta(days=3)}T10:00")
    ana.get_by_role("button", name="Note the promise").click()
    expect(main).to_contain_text("Promised:")
    ana.get_by_role("button", name="The promise was kept").click()
    expect(said).to_contain_text("the promise was kept")
    ana.get_by_role("link", name="Ask the five core questions").click()
    for group in main.locator("fieldset").all():
        group.get_by_label("No", exact=True).check()
    if scripts:
        photograph(ana, "request-risk")
    ana.get_by_role("button", name="Keep the answers").click()
    expect(said).to_contain_text("The answers are kept.")
    ana.get_by_role("button", name="Compare with what I can open").click()
    expect(main).to_contain_text("ask who is on call")
    ana.get_by_role("link", name="It does not become a case").click()
    ana.get_by_label("Referred to another service").check()
    ana.get_by_role("button", name="Next").click()
    ana.get_by_label("Another service can do more").check()
    ana.get_by_label("To whom?").fill("The women's centre")
    ana.get_by_label("Until when do they answer?").fill(f"{timezone.localdate() + timedelta(days=9)}")
    ana.get_by_role("button", name="End the request").click()
    expect(ana.get_by_role("alert")).to_contain_text("in writing first")
    if scripts:
        photograph(ana, "request-refer")
        assert faults(ana, but="422") == []
    ana.get_by_label("She has this in writing").check()
    ana.get_by_role("button", name="End the request").click()
    expect(main).to_contain_text("The women's centre")
    if scripts:
        photograph(ana, "request-ended")
    ana.get_by_role("button", name="Open it again").click()
    expect(main).to_contain_text("Accept as a case")


def test_paste_bulk_and_counted_calls_look_as_they_should(cast, ready, signed_in):
    for _index in range(3):
        log(cast)
    urgent = log(cast, in_danger_now=True)
    wrong = []
    for scheme, width in (("light", 1280), ("dark", 320)):
        ana = signed_in("ana", color_scheme=scheme, viewport={"width": width, "height": 800})
        ana.goto("/requests/")
        for box in ana.get_by_role("checkbox", name=re.compile("^Choose ")).all():
            box.check()
        photograph(ana, f"queue-{scheme}-{width}")
        ana.get_by_role("button", name="Give those chosen to somebody").click()
        expect(ana.get_by_role("main")).to_contain_text(f"{urgent}: Urgent: look at it by itself.")
        photograph(ana, f"bulk-{scheme}-{width}")
        wrong += faults(ana)
        ana.goto("/contacts/")
        ana.get_by_label("Silent call").check()
        ana.get_by_role("button", name="Under 5 minutes").click()
        expect(ana.locator("#messages")).to_contain_text("Counted.")
        photograph(ana, f"contacts-{scheme}-{width}")
        wrong += faults(ana)
        ana.goto("/requests/paste")
        ana.get_by_label("Paste a conversation").fill("21.11.26, 20:55 - Jovana: zovi 060 123 4567")
        ana.get_by_role("button", name="Next").click()
        expect(ana.get_by_label("Safe number or address")).to_have_value("060 123 4567")
        photograph(ana, f"pasted-{scheme}-{width}")
        wrong += faults(ana)
    assert wrong == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_back_from_the_check_of_a_paste_keeps_the_text(cast, ready, signed_in, scripts):
    ana = signed_in("ana", java_script_enabled=scripts, color_scheme="dark", viewport={"width": 320, "height": 800})
    ana.goto("/requests/paste")
    pasted = ana.get_by_label("Paste a conversation")
    pasted.fill("Jovana: zovi 060 123 4567")
    ana.get_by_role("button", name="Next").click()
    expect(ana.get_by_label("Safe number or address")).to_have_value("060 123 4567")
    photograph(ana, f"paste-check-{scripts}")
    if scripts:
        assert faults(ana) == []
        ana.go_back()
        expect(pasted).to_have_value("Jovana: zovi 060 123 4567")
        ana.get_by_role("button", name="Next").click()
        expect(ana.get_by_label("Safe number or address")).to_have_value("060 123 4567")
    ana.get_by_role("button", name="Change the pasted text").click()
    expect(pasted).to_have_value("Jovana: zovi 060 123 4567")
    ana.get_by_role("button", name="Next").click()
    ana.get_by_role("button", name="Log the request").click()
    expect(ana.locator("#messages")).to_contain_text("was logged")
