"""Pages that ask, say or leave out before something goes wrong: each is looked at on every screen, and works."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.choices import CaseRole
from cases.services import protection
from tests.browsers import look, photograph
from tests.cases.helpers import agree, assign, case_of, on_call, open_case

pytestmark = pytest.mark.browser


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def test_a_running_shift_is_cancelled_after_a_look(cast, code, signed_in):
    on_call(cast, "boba")
    ana = signed_in("ana")
    ana.goto("/duty")
    ana.get_by_role("button", name="Cancel").first.click()
    expect(ana.get_by_role("main")).to_contain_text("Nobody is on call from")
    look(ana, "shift-cancel")
    ana.get_by_role("link", name="No, go back").click()
    expect(ana.get_by_role("main")).to_contain_text("On call now")
    ana.get_by_role("button", name="Cancel").first.click()
    ana.get_by_role("button", name="Cancel the shift").click()
    expect(ana.get_by_role("main")).to_contain_text("Nobody is on call now")
    boba = signed_in("boba")
    expect(boba.get_by_role("main")).to_contain_text("Ana cancelled your shift")
    look(boba, "shift-cancelled")


def test_a_withdrawal_noted_in_error_is_put_right(cast, code, signed_in):
    with cast.acting("ana") as person:
        agree(case_of(code), "media", by=person)
    ana = signed_in("ana")
    ana.goto(f"/cases/{code}/consents")
    ana.get_by_role("link", name="She takes it back").click()
    ana.get_by_role("button", name="Withdraw it").click()
    ana.get_by_role("link", name="She did not: put it right").click()
    look(ana, "consent-error")
    ana.get_by_role("button", name="Put it right").click()
    expect(ana.get_by_role("alert")).to_be_visible()
    ana.complaints.clear()  # that the form was refused
    ana.get_by_label("How did it happen?").fill("The wrong line.")
    ana.get_by_role("button", name="Put it right").click()
    expect(ana.get_by_role("main")).to_contain_text("Counts again")
    look(ana, "consent-put-right")


def test_a_deputy_sees_what_is_due_and_nothing_else(cast, code, signed_in):
    with cast.acting("ana") as person:
        protection.protect_case(case=case_of(code), by=person)
    assign(cast, code, "ceca", CaseRole.DEPUTY)
    ceca = signed_in("ceca")
    ceca.goto(f"/cases/{code}")
    expect(ceca.get_by_role("main")).to_contain_text("You are the deputy of this protected case")
    expect(ceca.get_by_role("main")).not_to_contain_text("What happened")
    look(ceca, "deputy")


def test_days_away_name_what_nobody_else_looks_after(cast, code, signed_in):
    ana, today = signed_in("ana"), timezone.localdate()
    ana.goto("/duty/away")
    expect(ana.get_by_role("main")).to_contain_text(code)
    look(ana, "away-alone")
    ana.get_by_label("First day").fill(str(today + timedelta(days=1)))
    ana.get_by_label("Last day").fill(str(today + timedelta(days=3)))
    ana.get_by_role("button", name="Enter", exact=True).click()
    expect(ana.locator("#messages")).to_contain_text(code)


def test_a_letter_with_places_says_so_and_is_written_on(cast, code, signed_in):
    ana = signed_in("ana")
    ana.goto(f"/cases/{code}/letter?kind=letter&language=en&template=agreed")
    text = ana.get_by_label("Text")
    text.fill("We agreed on [what] until Monday.")
    ana.get_by_role("button", name="Save as a note").click()
    expect(ana.get_by_role("alert")).to_contain_text("[what]")
    ana.complaints.clear()  # that the form was refused
    look(ana, "letter-places")
    ana.get_by_role("button", name="Show for copying and printing").click()
    expect(ana.get_by_role("button", name="Go on writing")).to_be_visible()
    expect(ana.get_by_role("main")).to_contain_text("This still has to be filled in: [what]")
    look(ana, "letter-shown")
    ana.get_by_role("button", name="Go on writing").click()
    expect(text).to_have_value("We agreed on [what] until Monday.")
    photograph(ana, "letter-again")
