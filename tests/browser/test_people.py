"""Work moves: the coordinator asks, the lead does it, a backup leads; with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.cases.helpers import assign, open_case

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_case_moves_from_one_lead_to_another(cast, signed_in, scripts):
    cast.intake()
    case = open_case(cast)
    assign(cast, case, "boba", role="backup", voucher="")
    koka = signed_in("koka", java_script_enabled=scripts)
    koka.goto("/board")
    koka.get_by_role("link", name=f"Ask {case}").click()
    koka.get_by_role("button", name="Ask", exact=True).click()
    expect(koka.get_by_role("alert")).to_contain_text("Choose an answer for “To whom”.")
    koka.get_by_label("To whom").select_option(label="Boba")
    koka.get_by_role("button", name="Ask", exact=True).dblclick()
    expect(koka.locator("#messages")).to_contain_text("Asked.")
    expect(koka.get_by_role("main")).to_contain_text("asked to move")

    ana = signed_in("ana", java_script_enabled=scripts)
    second_tab = ana.context.new_page()
    second_tab.goto("/")
    ana.get_by_role("button", name=f"Do it {case}").click()
    ana.get_by_label("Boba").check()
    ana.get_by_role("button", name="Hand over").click()
    expect(ana.locator("#messages")).to_contain_text("She leads this case now")
    second_tab.get_by_role("button", name=f"Decline {case}").click()
    expect(second_tab.locator("#messages")).to_contain_text("Somebody has answered this already.")

    boba = signed_in("boba", java_script_enabled=scripts)
    expect(boba.get_by_role("main")).to_contain_text("You lead this case now")
    boba.get_by_role("button", name=f"I have seen it {case}").click()
    expect(boba.get_by_role("button", name=f"I have seen it {case}")).to_have_count(0)
    koka.goto("/board")
    expect(koka.get_by_role("main")).to_contain_text("Done")
    assert boba.goto(f"/board/{case}/move").status == 403
