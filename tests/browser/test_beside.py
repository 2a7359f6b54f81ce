"""A request opens beside the list: by keyboard, with its own address, closed by Escape and by going back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browsers import faults, photograph
from tests.cases.helpers import log

pytestmark = pytest.mark.browser

KEPT = "localStorage.length + sessionStorage.length"


@pytest.fixture
def codes(cast) -> list[str]:
    cast.intake()
    return [log(cast), log(cast, words="Another one asked.")]


def test_it_opens_closes_and_leaves_nothing_behind(cast, codes, signed_in):
    ana = signed_in("ana", viewport={"width": 1280, "height": 900})
    ana.goto("/requests/")
    panel, heading = ana.locator("#opened"), ana.locator("#opened [data-heading]")
    ana.get_by_role("link", name=codes[0]).focus()
    ana.keyboard.press("Enter")
    expect(heading).to_be_focused()
    expect(heading).to_contain_text(codes[0])
    expect(ana).to_have_url(re.compile(f"/requests/{codes[0]}$"))
    expect(panel).to_contain_text("put my pictures")
    photograph(ana, "request-beside")
    assert faults(ana) == []
    ana.complaints.clear()  # the checker's own
    ana.get_by_role("link", name=codes[1]).click()
    expect(heading).to_contain_text(codes[1])
    ana.keyboard.press("Escape")
    expect(panel).to_be_empty()
    expect(ana).to_have_url(re.compile("/requests/$"))
    expect(ana.get_by_role("link", name=codes[1])).to_be_focused()
    ana.go_forward()
    expect(heading).to_contain_text(codes[1])
    ana.go_back()
    expect(panel).to_be_empty()
    assert ana.evaluate(KEPT) == 0
    assert "pictures" not in ana.evaluate("JSON.stringify(history.state) || ''")
    assert ana.complaints == []


def test_acts_and_reloading_are_those_of_its_own_page(cast, codes, signed_in):
    ana = signed_in("ana", viewport={"width": 1280, "height": 900})
    ana.goto("/requests/")
    ana.get_by_role("link", name=codes[0]).click()
    ana.locator("#opened").get_by_role("button", name="I take it").click()
    expect(ana.locator("#messages")).to_contain_text("It is yours now")
    expect(ana.get_by_role("heading", level=1)).to_contain_text(codes[0])
    ana.goto("/requests/")
    ana.get_by_role("link", name=codes[1]).click()
    expect(ana.locator("#opened [data-heading]")).to_be_focused()
    ana.reload()
    expect(ana.get_by_role("heading", level=1)).to_contain_text(codes[1])


def test_narrow_or_without_scripts_it_is_a_link(cast, codes, signed_in):
    for options in ({"viewport": {"width": 320, "height": 700}}, {"java_script_enabled": False}):
        ana = signed_in("ana", **options)
        ana.goto("/requests/")
        ana.get_by_role("link", name=codes[0]).click()
        expect(ana.get_by_role("heading", level=1)).to_contain_text(codes[0])


def test_an_ended_session_leads_to_the_whole_sign_in_page(cast, codes, signed_in):
    ana = signed_in("ana", viewport={"width": 1280, "height": 900})
    ana.goto("/requests/")
    ana.context.clear_cookies()
    ana.get_by_role("link", name=codes[0]).click()
    expect(ana).to_have_url(re.compile(r"/sign-in\?next=%2Frequests%2F$"))
    expect(ana.get_by_role("heading", level=1)).to_be_visible()


def test_what_is_not_hers_any_more_says_so_on_its_page(cast, codes, signed_in, definer):
    ana = signed_in("ana", viewport={"width": 1280, "height": 900})
    ana.goto("/requests/")
    ana.evaluate("document.querySelector('a[data-opens]').href = '/requests/ZZZZ-ZZZZ'")
    ana.locator("a[data-opens]").first.click()
    expect(ana).to_have_url(re.compile("/requests/ZZZZ-ZZZZ$"))
    expect(ana.get_by_role("heading", level=1)).to_be_visible()
