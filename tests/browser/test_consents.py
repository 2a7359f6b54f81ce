"""Consents and the identity card for somebody else, in the browser: asked, noted, printed, withdrawn; asked, agreed, ended."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from cases.access import get_case
from cases.services import grants, identity
from tests.browser.test_identity import NAME
from tests.browsers import assert_sound, photograph
from tests.cases.helpers import agree, assign, open_case
from tests.cast import Cast

pytestmark = pytest.mark.browser


def consent_of(cast: Cast, code: str) -> dict[str, object]:
    """A consent, and a question of the lawyer's that it covers; returns what addresses name."""
    with cast.acting("ana") as ana:
        consent = agree(get_case(ana, code).case, "contact", by=ana)
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        grant = grants.ask_grant(case=case, kind="grant", reason="contact", text="A court date.", by=lana)
    return {"consent": consent, "grant": grant}


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_from_the_consent_to_its_withdrawal(cast, signed_in, scripts):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    with cast.acting("ana") as ana:
        identity.add_entry(case=get_case(ana, code).case, nonce=uuid4(), values=NAME, by=ana)
    ana = signed_in("ana", java_script_enabled=scripts)
    main = ana.get_by_role("main")
    ana.goto(f"/cases/{code}")
    ana.get_by_role("link", name="Consents").click()
    if scripts:
        photograph(ana, "consents")
        assert_sound(ana, but="status of 422")
    ana.get_by_role("link", name="Ask and note Legal representation").click()
    expect(main).to_contain_text("power of attorney")
    ana.get_by_role("button", name="Note it").click()
    expect(ana.get_by_role("alert")).to_be_visible()
    ana.get_by_label("Yes, she agrees").check()
    ana.get_by_label("To whom").fill("Lana")
    ana.get_by_label("In writing").check()
    ana.get_by_role("button", name="Note it").click()
    expect(ana.locator("#representation")).to_contain_text("Given")

    lana = signed_in("lana", java_script_enabled=scripts)
    hers = lana.get_by_role("main")
    lana.goto(f"/cases/{code}/identity")
    lana.get_by_role("button", name="Ask lead and backup").click()
    expect(lana.get_by_role("alert")).to_be_visible()
    lana.get_by_label("For up to seven days").check()
    lana.get_by_label("To write a letter or report in her name").check()
    lana.get_by_label("In your words").fill("The court wants her name.")
    lana.get_by_role("button", name="Ask lead and backup").click()
    expect(hers).to_contain_text("waits for lead or backup")

    ana.goto("/")
    ana.get_by_role("link", name=f"Lana – {code}").click()
    expect(main).to_contain_text("The court wants her name.")
    if scripts:
        photograph(ana, "grant")
        assert_sound(ana, but="status of 422")
    ana.get_by_label("3 days").check()
    ana.get_by_role("button", name="Agree: give her the key").dblclick()
    expect(main).to_contain_text("open until:")

    lana.goto(f"/cases/{code}/identity")
    lana.get_by_label("She asked for it").check()
    lana.get_by_role("button", name="Open the identity card").click()
    expect(hers).to_contain_text("Milica Petrović")

    ana.goto(f"/cases/{code}/consents")
    ana.get_by_role("link", name="She takes it back Legal representation").click()
    expect(main).to_contain_text("Lana can open the identity no more")
    if scripts:
        photograph(ana, "consent-withdraw")
    ana.get_by_role("button", name="Withdraw it").click()
    expect(ana.locator("#representation")).to_contain_text("Withdrawn")
    lana.goto(f"/cases/{code}/identity")
    expect(hers).not_to_contain_text("Milica Petrović")
    expect(hers).to_contain_text("Refused or ended")


def test_the_sheet_is_printed_in_her_language(cast, signed_in):
    cast.intake()
    code = open_case(cast)
    for look in ({"width": 1280, "height": 900}, {"width": 320, "height": 800}):
        ana = signed_in("ana", viewport=look, color_scheme="light" if look["width"] > 400 else "dark")
        ana.goto(f"/cases/{code}/consents")
        photograph(ana, f"consents-{look['width']}")
        assert_sound(ana, but="status of 422")
        ana.get_by_label("Language of the sheet").select_option("sq")
        ana.get_by_label("That we work with her", exact=True).check()
        ana.get_by_role("button", name="Show the sheet").click()
        expect(ana.get_by_role("main")).to_contain_text("Jam dakord")
        assert ana.locator("html").get_attribute("lang") == "en"  # of the page around it
        expect(ana.get_by_role("main").locator("[lang=sq]")).to_contain_text("Jam dakord")
        photograph(ana, f"consent-sheet-{look['width']}")
        assert_sound(ana, but="status of 422")


def test_what_was_asked_is_ended_by_hand(cast, signed_in):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    consent_of(cast, code)
    lana = signed_in("lana", viewport={"width": 320, "height": 800}, color_scheme="dark")
    lana.goto(f"/cases/{code}/identity")
    photograph(lana, "identity-asked")
    assert_sound(lana, but="status of 422")
    lana.get_by_role("link", name="Lana").click()
    lana.get_by_role("button", name="Take it back").click()
    expect(lana.get_by_role("main")).to_contain_text("Ended by hand")
    assert_sound(lana, but="status of 422")
