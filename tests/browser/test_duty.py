"""Duty in the browser: an urgent request, a survivor reached on duty, the shift handed over; with and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.cases.helpers import log, on_call, open_case

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_shift_from_the_alert_to_the_hand_over(cast, signed_in, scripts):
    cast.intake()
    cast.person("koka")
    case = open_case(cast)
    on_call(cast, "boba")
    request = log(cast, in_danger_now=True)

    ana = signed_in("ana", java_script_enabled=scripts)
    ana.goto(f"/cases/{case}")
    ana.get_by_role("link", name="Let whoever is on call reach her").click()
    ana.get_by_role("button", name="Let her be reached").click()
    expect(ana.get_by_role("main")).to_contain_text("She may be reached by whoever is on call")

    boba = signed_in("boba", java_script_enabled=scripts)
    main = boba.get_by_role("main")
    expect(main).to_contain_text("Urgent: answer now")
    boba.get_by_role("button", name=f"I take it {request}").click()
    expect(boba.locator("#messages")).not_to_be_empty()
    boba.goto("/duty")
    boba.get_by_role("button", name=f"Call {case}").click()
    expect(main).to_contain_text("+381601234567")
    assert boba.goto(f"/cases/{case}").status == 404
    boba.goto("/duty")
    boba.get_by_role("link", name="Go on with the call").click()
    boba.get_by_role("button", name="The call has ended").click()  # without saying how
    expect(boba.get_by_role("alert")).to_contain_text("How did it end?")
    boba.get_by_label("Reached her").check()
    boba.get_by_role("button", name="The call has ended").click()
    expect(main).not_to_contain_text("Whom you may reach")

    boba.get_by_role("link", name="Hand over the shift").click()
    expect(main).to_contain_text(request)
    boba.get_by_label("To whom").select_option(label="Ana")
    boba.get_by_label("What else she should know").fill("She sleeps until ten.")
    boba.get_by_role("button", name="I hand over").click()
    expect(boba.locator("#messages")).to_contain_text("Handed over")
    ana.goto("/")
    expect(ana.get_by_role("main")).to_contain_text("Boba was on call and opened how to reach her.")
    ana.get_by_role("link", name="Read and take over from Boba").click()
    expect(ana.get_by_role("main")).to_contain_text("She sleeps until ten.")
    ana.get_by_role("button", name="I have taken over").click()
    expect(ana.locator("#messages")).to_contain_text("You have taken over")
