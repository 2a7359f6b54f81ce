"""The record of a case in the browser: facts, texts in two tabs, what happened, and closing by two people."""

import pytest
from playwright.sync_api import expect

from cases.choices import CaseRole
from tests.cases.helpers import assign, case_of, open_case

pytestmark = pytest.mark.browser


@pytest.fixture
def code(cast):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    return code


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_day_with_a_case_until_two_people_close_it(cast, code, signed_in, scripts):
    ana = signed_in("ana", java_script_enabled=scripts)
    main = ana.get_by_role("main")
    ana.goto(f"/cases/{code}")
    expect(main).to_contain_text("Still missing")
    ana.get_by_role("button", name="Assessment", exact=True).click()
    ana.get_by_role("button", name="Undo: back to Engagement").click()
    expect(ana.get_by_role("button", name="Undo: back to Assessment")).to_be_visible()
    ana.get_by_label("Add a line").fill("How she found the pictures")
    ana.get_by_role("button", name="Add to what she has told already").click()
    expect(main).to_contain_text("How she found the pictures")
    ana.get_by_role("button", name="Not needed Looked for the same matter").click()
    expect(ana.get_by_role("button", name="Undo Looked for the same matter")).to_be_visible()

    ana.get_by_role("link", name="What happened", exact=True).click()
    ana.get_by_role("button", name="Write down what happened").click()
    ana.get_by_label("Grooming of a child").check()
    ana.get_by_role("button", name="Next: the details").click()
    expect(main).to_contain_text("Never ask for, open, receive")
    ana.get_by_label("What happened, in words").fill("Written to by a stranger.")
    ana.get_by_role("button", name="Save", exact=True).click()
    expect(ana.get_by_role("alert")).to_contain_text("read the steps first")
    ana.get_by_label("I have read the steps for somebody under 18").check()
    ana.get_by_role("button", name="Save", exact=True).click()
    expect(main).to_contain_text("Written to by a stranger.")
    expect(main).to_contain_text("never ask for the material")

    ana.get_by_role("link", name="Facts and state").click()
    ana.get_by_label("Age", exact=True).select_option(label="14 to 17")
    ana.get_by_role("button", name="Save the facts").click()
    expect(main).to_contain_text("Not known yet → 14 to 17")
    ana.get_by_role("link", name="Close the case").click()
    ana.get_by_label("Closed", exact=True).check()
    ana.get_by_label("Reason").select_option(label="Another organisation goes on with it")
    ana.get_by_label("What came of legal steps").select_option(label="Not known")
    ana.get_by_label("Why it can be closed, for the second person").fill("The centre for children goes on.")
    ana.get_by_role("button", name="Ask a second person").click()
    expect(main).to_contain_text("A second person is asked for: Close a case of high risk")

    boba = signed_in("boba", java_script_enabled=scripts)
    boba.get_by_role("link", name="Close a case of high risk").click()
    expect(boba.get_by_role("main")).to_contain_text("The centre for children goes on.")
    boba.get_by_role("button", name="I agree: do it").click()
    expect(boba.get_by_role("main")).to_contain_text("This case can be read, not worked on.")
    with cast.acting("boba"):
        assert case_of(code).state == "closed"


def test_two_tabs_lose_nothing(cast, code, signed_in):
    ana = signed_in("ana")
    ana.goto(f"/cases/{code}/texts/summary")
    other = ana.context.new_page()
    other.goto(f"/cases/{code}/texts/summary")
    for page, text in ((ana, "From the first tab."), (other, "From the second tab.")):
        page.get_by_label("What happened, looked through").fill(text)
        page.get_by_role("button", name="Save as a new version").click()
    main = other.get_by_role("main")
    expect(main).to_contain_text("Somebody has changed this meanwhile")
    expect(main).to_contain_text("From the first tab.")
    expect(other.get_by_label("What happened, looked through")).to_have_value("From the second tab.")
    other.get_by_role("button", name="Save as a new version").click()
    expect(main).to_contain_text("From the second tab.")


def test_leaving_short_fields_that_were_not_sent_asks_first(cast, code, signed_in):
    """Also by the switch of the language; not where she signs in."""
    ana = signed_in("ana")
    asked, answers = [], ["dismiss", "accept"]
    ana.on("dialog", lambda dialog: (asked.append(dialog.type), getattr(dialog, answers[len(asked) - 1])()))
    ana.goto(f"/cases/{code}/reach")
    ana.get_by_label("Phone").first.fill("060 123 45 67")
    with ana.expect_event("dialog"):
        ana.get_by_role("button", name="Srpski", exact=True).click(no_wait_after=True)
    expect(ana.get_by_label("Phone").first).to_have_value("060 123 45 67")
    assert asked == ["beforeunload"]
    ana.get_by_role("button", name="Srpski", exact=True).click()
    expect(ana.locator("html")).to_have_attribute("lang", "sr-Latn")
    ana.context.clear_cookies()
    ana.goto("/sign-in")
    ana.get_by_label("Sign-in name").fill("ana")
    ana.get_by_role("button", name="Shqip", exact=True).click()
    expect(ana.locator("html")).to_have_attribute("lang", "sq")
    assert asked == ["beforeunload"] * 2
