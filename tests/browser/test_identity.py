"""The identity card in the browser: locked, opened with a reason and the second factor, written, closed by itself."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from accounts import totp
from cases.access import get_case
from cases.compartments import OpeningReason
from cases.models import IdentityEntry
from cases.services import identity
from tests.browsers import assert_sound, photograph
from tests.cases.helpers import assign, open_case
from tests.cast import Cast, _fresh_code
from tests.security.attack import plant

pytestmark = pytest.mark.browser
NAME = {"kind": "name", "value": "Milica Petrović", "certainty": "said", "note": ""}


def card_of(cast: Cast, code: str) -> dict[str, object]:
    """An entry on the card, and the card open to Ana; returns what addresses name."""
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        identity.add_entry(case=case, nonce=uuid4(), values=NAME, by=ana)
        identity.open_card(case=case, reason=OpeningReason.CONTACT, text="", by=ana)
        return {"entry": IdentityEntry.objects.get(case=case).pk}


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_card_is_opened_read_changed_and_closed(cast, signed_in, scripts):
    cast.intake()
    code = open_case(cast)
    ana = signed_in("ana", java_script_enabled=scripts)
    ana.goto(f"/cases/{code}")
    ana.get_by_role("link", name="Identity", exact=True).click()
    ana.get_by_role("link", name="Add to the card").click()
    ana.get_by_role("button", name="Save").click()
    expect(ana.get_by_role("alert")).to_be_visible()
    ana.get_by_label("What it says").fill("Milica Petrović")
    ana.get_by_role("button", name="Save").click()
    main = ana.get_by_role("main")
    expect(main).not_to_contain_text("Milica")
    ana.get_by_role("button", name="Open the identity card").click()
    expect(ana.get_by_role("alert")).to_be_visible()
    ana.get_by_label("Another reason").check()
    ana.get_by_role("button", name="Open the identity card").click()
    expect(ana.get_by_role("alert")).to_contain_text("in a few words")
    ana.get_by_label("In your words").fill("Her bank asks.")
    plant("UPDATE accounts_session SET stepped_up_at = NULL")
    ana.get_by_role("button", name="Open the identity card").click()
    _fresh_code(cast.ana.pk)
    expect(main).to_contain_text(f"It is about {code}.")
    ana.get_by_label("Code", exact=True).fill(totp.current_code(cast.person("ana").totp_secret))
    ana.get_by_role("button", name="Confirm").click()
    ana.get_by_role("main").get_by_role("button").click()  # send what was typed
    expect(main).to_contain_text("Milica Petrović")
    expect(main).to_contain_text("Her bank asks.")
    if scripts:
        for _page in range(2):  # where she confirmed: Back shows no error page of the browser
            ana.go_back()
            expect(ana).to_have_url(re.compile(f"/cases/{code}$"))
        ana.goto(f"/cases/{code}/identity")
        photograph(ana, "identity-open")
        assert_sound(ana, but="Failed to load resource")
    ana.get_by_role("link", name="Change Name").click()
    ana.get_by_label("What it says").fill("Milica Jovanović")
    ana.get_by_role("button", name="Save").click()
    expect(main).to_contain_text("Milica Jovanović")
    ana.get_by_role("button", name="Close it now").click()
    expect(main).not_to_contain_text("Milica Jovanović")
    expect(main).to_contain_text("Her bank asks.")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_an_exact_search_asks_who_she_is_and_answers_codes(cast, signed_in, scripts):
    cast.intake()
    code = open_case(cast)
    card_of(cast, code)
    ana = signed_in("ana", java_script_enabled=scripts)
    plant("UPDATE accounts_session SET stepped_up_at = NULL")
    ana.goto("/search")
    ana.get_by_label("Whose is this?").fill("petrovic milica")
    ana.get_by_role("button", name="Search identities").click()
    _fresh_code(cast.ana.pk)
    ana.get_by_label("Code", exact=True).fill(totp.current_code(cast.person("ana").totp_secret))
    ana.get_by_role("button", name="Confirm").click()
    ana.get_by_role("main").get_by_role("button").click()  # send what was typed
    main = ana.get_by_role("main")
    expect(main.get_by_role("link", name=code)).to_be_visible()
    expect(main).to_contain_text("19 more times")
    expect(main).not_to_contain_text("Milica Petrović")
    assert "petrovic" not in ana.url
    if scripts:
        photograph(ana, "search-identities")
        assert_sound(ana, but="Failed to load resource")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_note_that_names_her_is_asked_about_before_it_is_stored(cast, signed_in, scripts):
    cast.intake()
    code = open_case(cast)
    card_of(cast, code)
    ana = signed_in("ana", java_script_enabled=scripts)
    ana.goto(f"/cases/{code}")
    ana.locator("#note_text").fill("Milica called twice.")
    ana.get_by_role("button", name="Save the note").click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("This may name her")
    expect(ana.get_by_role("main")).to_contain_text("Name")
    if scripts:
        photograph(ana, "names-her")
        assert_sound(ana, but="Failed to load resource")
    box = ana.get_by_label("Note", exact=True)
    expect(box).to_have_accessible_description("Found: Milica")
    box.fill("Milica called thrice.")
    with ana.expect_navigation():  # the next page looks the same
        ana.get_by_role("button", name="Save it like this").click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("This may name her")
    box.fill("She called thrice.")
    ana.get_by_role("button", name="Save it like this").click()
    expect(ana.get_by_role("main")).to_contain_text("She called thrice.")
    ana.locator("#note_text").fill("Her passport says Milica.")
    ana.get_by_role("button", name="Save the note").click()
    ana.get_by_role("button", name="Save it as it is").click()
    expect(ana.get_by_role("main")).to_contain_text("Her passport says Milica.")


def closes(cast: Cast, code: str) -> None:
    """It is closed to her elsewhere."""
    with cast.acting("ana") as person:
        identity.close_card(case=get_case(person, code).case, by=person)


def opens(page, code: str) -> None:
    """She opens the card in this browser."""
    page.goto(f"/cases/{code}/identity")
    page.get_by_label("To reach her or meet her").check()
    page.get_by_role("button", name="Open the identity card").click()
    expect(page.get_by_role("button", name="Close it now")).to_be_visible()


def test_the_page_closes_itself_and_the_lawyer_sees_who_looked(cast, signed_in):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    entry = f"/cases/{code}/identity/{card_of(cast, code)['entry']}"
    ana = signed_in("ana")
    opens(ana, code)
    ana.clock.install()
    ana.goto(entry)
    main, box = ana.get_by_role("main"), ana.get_by_label("What it says")
    versions = main.get_by_role("listitem").filter(has_text="Milica Petrović")
    box.fill("Milica Jovanović")
    expect(versions).to_be_visible()
    ana.clock.fast_forward(301_000)  # the time alone takes what is read, not what is typed
    expect(versions).to_have_count(0)
    expect(box).to_have_value("Milica Jovanović")
    ana.goto(entry)
    ana.get_by_label("To know with it").fill("Since May")
    closes(cast, code)
    expect(versions).to_be_visible()
    ana.clock.fast_forward(11_000)  # it asks: the server says that it is closed
    expect(main).to_contain_text("The identity card was closed before you saved.")
    expect(ana.get_by_label("What you typed")).to_have_value("Since May")  # and nothing of what stood there
    expect(box).to_have_count(0)
    assert "Milica" not in ana.content()
    assert_sound(ana)
    opens(ana, code)
    ana.goto(entry)
    closes(cast, code)
    ana.clock.fast_forward(11_000)
    expect(main).to_contain_text("The identity card is closed. Open it first.")
    opens(ana, code)
    ana.goto(entry)
    plant("UPDATE cases_identityopening SET closes_at = clock_timestamp() + interval '1 second'")
    ana.clock.fast_forward(301_000)  # she has typed nothing
    expect(main).to_contain_text("The identity card is closed. Open it first.")
    opens(ana, code)
    plant("UPDATE cases_identityopening SET closes_at = clock_timestamp() + interval '4 seconds'")
    ana.goto(f"/cases/{code}/identity")
    expect(main).to_contain_text("Milica")
    expect(main).not_to_contain_text("Milica", timeout=9000)
    lana = signed_in("lana", viewport={"width": 320, "height": 800}, color_scheme="dark")
    lana.goto(f"/cases/{code}/identity")
    expect(lana.get_by_role("main")).to_contain_text("To reach her or meet her")
    expect(lana.get_by_role("button", name="Open the identity card")).to_have_count(0)
    photograph(lana, "identity-locked")
    assert_sound(lana)
