"""A passkey from its first day to its last, with Chromium's own virtual authenticator."""

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts import totp
from tests import browsers
from tests.browser.conftest import leave, sign_in
from tests.browsers import watch
from tests.cast import PASSWORD, _fresh_code

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser, site, transactional_db) -> Iterator[Page]:
    """A browser at the address by name, without any authenticator yet."""
    context = browser.new_context(base_url=site.replace("127.0.0.1", "localhost"), locale="en-GB")
    yield watch(context.new_page())
    leave(site, context)


def plug_in(page: Page):
    """A phone or computer that keeps passkeys and asks its owner's finger; returns how to unplug it."""
    control = page.context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    made = control.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, **able}})
    return lambda: control.send("WebAuthn.removeVirtualAuthenticator", made)


def look(page: Page, name: str) -> None:
    page.wait_for_load_state()
    page.complaints[:] = [said for said in page.complaints if "status of 422" not in said]  # said aloud, and meant
    browsers.look(page, f"passkeys-{name}")


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in")


def type_password(page: Page) -> None:
    page.get_by_label("Sign-in name").fill("ana")
    page.get_by_label("Password", exact=True).fill(PASSWORD)


def test_from_the_first_day_to_the_last(cast, definer, page):
    unplug = plug_in(page)
    page.goto("/sign-in")
    look(page, "sign_in")
    sign_in(page, cast, "ana")
    page.goto("/account/devices")
    look(page, "one")
    page.get_by_role("button", name="Add a passkey").click()
    press(page, "Make a passkey")
    expect(page.get_by_role("alert")).to_contain_text("First give the device a name")
    look(page, "add-first")
    page.get_by_label("Name of the device").fill("My computer")
    press(page, "Make a passkey")
    expect(page.locator("#messages")).to_contain_text("The passkey is added")
    look(page, "two")
    page.goto("/account/devices/passkey")
    page.get_by_label("Name of the device").fill("The same once more")
    press(page, "Make a passkey")
    expect(page.get_by_role("alert")).to_contain_text("holds a passkey of yours already")

    sign_out(page)
    press(page, "Use a passkey instead of the code")
    expect(page.get_by_role("alert")).to_contain_text("First type your sign-in name")
    type_password(page)
    press(page, "Use a passkey instead of the code")
    page.wait_for_url("**/")
    page.goto("/confirm?next=/account")
    look(page, "confirm")
    press(page, "Confirm with a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana")
    assert definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'passkey_used'").fetchone() == (2,)

    page.goto("/account/devices")
    page.get_by_role("link", name="Remove App for codes").click()
    press(page, "Remove")
    expect(page.locator("#messages")).to_contain_text("signed out everywhere else")
    page.goto("/confirm?next=/account")  # no field for a code: she has none
    expect(page.get_by_label("Code", exact=True)).to_have_count(0)
    look(page, "confirm-without-app")
    page.goto("/account/devices/app")
    look(page, "app")
    press(page, "Save")
    look(page, "app-errors")
    page.get_by_text("I cannot scan").click()
    secret = base64.b32decode(page.locator("details strong").inner_text().replace(" ", ""))
    page.get_by_role("textbox", name="Code", exact=True).fill(totp.current_code(secret))
    press(page, "Save")
    expect(page.locator("#messages")).to_contain_text("The app is set up")
    cast.person("ana").totp_secret = secret

    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name of the device").fill("Old computer")
    press(page, "Save")
    page.get_by_role("link", name="Remove Old computer").click()
    look(page, "remove")
    press(page, "Remove")
    expect(page.get_by_text("Old computer")).to_have_count(0)
    unplug()
    sign_out(page)
    _fresh_code(cast.ana.pk)
    sign_in(page, cast, "ana")


def test_a_passkey_that_does_not_fit_and_a_device_that_has_none(cast, page):
    unplug = plug_in(page)
    page.goto("/sign-in")
    sign_in(page, cast, "ana")
    page.goto("/account/devices/passkey")
    page.get_by_label("Name of the device").fill("My computer")
    press(page, "Make a passkey")
    expect(page.locator("#messages")).to_contain_text("The passkey is added")
    sign_out(page)
    page.get_by_label("Sign-in name").fill("lana")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Use a passkey instead of the code")
    expect(page.locator(".govuk-error-summary")).to_contain_text("do not fit together")
    look(page, "refused")
    unplug()
    plug_in(page)
    type_password(page)
    press(page, "Use a passkey instead of the code")
    expect(page.get_by_role("alert").last).to_contain_text("No passkey came")


def test_without_scripts_the_code_works_and_nothing_is_offered(cast, signed_in):
    page = signed_in("ana", java_script_enabled=False)
    page.goto(page.url.replace("127.0.0.1", "localhost") + "sign-in")
    expect(page.get_by_role("button", name="Use a passkey instead of the code")).to_be_hidden()
    _fresh_code(cast.ana.pk)
    sign_in(page, cast, "ana")
    page.goto(page.url + "account/devices/passkey")
    expect(page.get_by_role("button", name="Make a passkey")).to_be_hidden()
    expect(page.get_by_text("its scripts are switched off")).to_be_visible()
