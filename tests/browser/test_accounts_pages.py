"""Every page of accounts in a real browser: blank, with errors, light, dark, narrow; and the ways through them."""

import base64

import pytest
from playwright.sync_api import Page, expect

from accounts import crypto, totp
from accounts.models import PublicKey
from tests import browsers
from tests.browser.conftest import leave, sign_in
from tests.browsers import watch
from tests.cast import PASSWORD, _fresh_code
from tests.keepers import add_keeper, confirm_keeper, make_copies, pass_delay

pytestmark = pytest.mark.browser


def look(page: Page, name: str) -> None:
    """Sound in every look. A status of 401, 410 or 422 is said aloud by the browser and is meant."""
    page.wait_for_load_state()
    meant = [f"status of {status}" for status in (401, 410, 422)]
    page.complaints[:] = [said for said in page.complaints if not any(status in said for status in meant)]
    browsers.look(page, f"accounts-{name}")


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def stranger(browser, site, transactional_db):
    context = browser.new_context(base_url=site, locale="en-GB")
    yield watch(context.new_page())
    leave(site, context)


def typed_secret(page: Page) -> bytes:
    page.get_by_text("I cannot scan").click()
    return base64.b32decode(page.locator("details strong").inner_text().replace(" ", ""))


def test_signing_in_and_coming_back(cast, stranger):
    person = cast.person("lana")
    stranger.goto("/sign-in")
    look(stranger, "sign_in")
    press(stranger, "Sign in")
    look(stranger, "sign_in-errors")
    stranger.get_by_label("Sign-in name").fill("lana")
    stranger.get_by_label("Password", exact=True).fill("not the right one")
    stranger.get_by_label("Code").fill("123456")
    press(stranger, "Sign in")
    look(stranger, "sign_in-refused")
    stranger.goto("/recover")
    look(stranger, "recover")
    press(stranger, "Continue")
    look(stranger, "recover-errors")
    stranger.get_by_label("Sign-in name").fill("lana")
    stranger.get_by_label("Recovery code").fill(person.recovery_code)
    press(stranger, "Continue")
    look(stranger, "recover_second")
    press(stranger, "Save")
    look(stranger, "recover_second-errors")


def test_inviting_and_enrolling(cast, signed_in, stranger):
    vera = signed_in("vera")
    vera.goto("/people")
    look(vera, "people")
    vera.goto("/people/invite")
    look(vera, "person_invite")
    press(vera, "Invite")
    look(vera, "person_invite-errors")
    vera.get_by_label("Name", exact=True).fill("Nada Nova")
    vera.get_by_label("Sign-in name").fill("nada")
    vera.get_by_label("E-mail address").fill("nada@example.org")
    vera.get_by_label("Caseworker").check()
    press(vera, "Invite")
    look(vera, "person_invited")
    token = vera.get_by_label("Link").input_value().rsplit("/", 1)[1]
    stranger.goto(f"/invitation/{token}")
    assert stranger.url.endswith("/invitation")
    look(stranger, "enrol")
    phrase = stranger.locator(".phrase").inner_text()
    press(stranger, "Enrol")
    look(stranger, "enrol-errors")
    assert stranger.locator(".phrase").inner_text() == phrase
    stranger.get_by_label("Password", exact=True).fill(phrase)
    stranger.get_by_label("The same password again").fill(phrase)
    stranger.get_by_role("textbox", name="Code").fill(totp.current_code(typed_secret(stranger)))
    press(stranger, "Enrol")
    look(stranger, "recovery_code")
    last = stranger.locator(".recovery-code code").last.inner_text()
    stranger.get_by_label("The last four signs").fill("????")
    press(stranger, "I have kept it")
    look(stranger, "recovery_code-errors")
    stranger.get_by_label("The last four signs").fill(last)
    press(stranger, "I have kept it")
    look(stranger, "sign_in-news")
    stranger.goto(f"/invitation/{token}")
    look(stranger, "invitation_ended")


def test_pages_about_a_person(cast, signed_in):
    ana, vera = cast.person("ana").user, signed_in("vera")
    for page in ("", "/deactivate"):
        vera.goto(f"/people/{ana.pk}{page}")
        look(vera, f"person_detail{page.replace('/', '-')}")
    vera.goto("/confirm")
    look(vera, "confirm")
    press(vera, "Confirm")
    look(vera, "confirm-errors")


def test_vouching_and_teams(cast, signed_in):
    cast.person("boba")
    ceca = cast.person("ceca")
    ana = signed_in("ana")
    ana.goto("/teams")
    look(ana, "teams-none")
    press(ana, "Set up both teams with me as first member")
    look(ana, "teams")
    with cast.acting("vera"):
        key = PublicKey.objects.get(user=ceca.user)
    for address, name in [
        ("/vouch", "vouch_list"),
        (f"/vouch/{key.pk}", "vouch_detail"),
        ("/teams/add", "team_add-none"),
    ]:
        ana.goto(address)
        look(ana, name)
    ana.goto(f"/vouch/{key.pk}")
    ana.get_by_label("The six words").fill("lusab babad")
    press(ana, "Compare and vouch")
    look(ana, "vouch_detail-errors")
    words = crypto.fingerprint_words(crypto.fingerprint(crypto.public_of(ceca.keyring.private_key)))
    ana.get_by_label("The six words").fill(" ".join(words))
    press(ana, "Compare and vouch")
    look(ana, "vouch_list-done")
    ana.goto("/teams/add")
    look(ana, "team_add")
    for address, name in [("/account", "account"), ("/account/password", "password_change")]:
        ana.goto(address)
        look(ana, name)
    offered = ana.locator(".phrase").inner_text()
    for name in ("present", "password", "password_again"):
        ana.locator(f"[name={name}]").fill("sasvim nova recenica ovde")
    with ana.expect_navigation():
        ana.locator("[name=password_again]").press("Enter")  # saves, and asks for no other phrase
    expect(ana.get_by_text("This is not your present password.").first).to_be_visible()
    assert ana.locator(".phrase").inner_text() == offered
    look(ana, "password_change-errors")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_what_was_typed_survives_the_end_of_a_session(cast, definer, signed_in, scripts):
    vera = signed_in("vera", java_script_enabled=scripts)
    vera.goto("/people/invite")
    vera.get_by_label("Name", exact=True).fill("She stays here")
    definer.execute("DELETE FROM accounts_session")
    vera.complaints.clear()
    press(vera, "Invite")
    if scripts:
        look(vera, "session_ended")
    _fresh_code(cast.vera.pk)
    vera.get_by_label("Sign-in name").fill("vera")
    vera.get_by_label("Password", exact=True).fill(PASSWORD)
    vera.get_by_label("Code").fill(totp.current_code(cast.person("vera").totp_secret))
    press(vera, "Sign in and go on")
    if scripts:
        look(vera, "send_again")
    press(vera, "Send what you typed again")
    expect(vera.get_by_label("Name", exact=True)).to_have_value("She stays here")
    vera.get_by_role("button", name="Sign out").click()
    expect(vera.locator("h1")).to_contain_text("signed out")
    if scripts:
        look(vera, "sign_out")
    vera.goto("/sign-in")
    sign_in(vera, cast, "vera")


def test_a_keeper_makes_her_code_and_somebody_comes_back_with_two(cast, definer, signed_in, stranger):
    """Nobody in this test is signed in but the administrator, for a moment."""
    cast.intake()
    vera = signed_in("vera")
    vera.goto("/key-keepers/add")
    press(vera, "Make the link")
    look(vera, "keeper_add-errors")
    vera.get_by_label("Name", exact=True).fill("Mira Savić")
    press(vera, "Make the link")
    look(vera, "keeper_added")
    stranger.goto(vera.get_by_label("Link").input_value())
    look(stranger, "keeper_begin")
    press(stranger, "Show me my code")
    look(stranger, "keeper_code")
    code = "-".join(stranger.locator(".recovery-code code").all_inner_texts())
    press(stranger, "I have kept it")
    look(stranger, "keeper_code-errors")
    stranger.get_by_label("The last four signs of the code").fill(code[-4:])
    press(stranger, "I have kept it")
    look(stranger, "keeper_kept")
    confirm_keeper(cast, "Mira Savić", code)
    other = add_keeper(cast, "Nada")
    make_copies(cast, "boba")
    stranger.goto("/recover/keepers")
    look(stranger, "keys_ask")
    press(stranger, "Continue")
    look(stranger, "keys_ask-errors")
    stranger.get_by_label("Sign-in name").fill("boba")
    for label in ("Password", "The same password again"):
        stranger.get_by_label(label, exact=True).fill("sasvim nova recenica ovde")
    press(stranger, "Continue")
    look(stranger, "keys_asked")
    words = " ".join(stranger.locator(".key-words strong").all_inner_texts())
    for given in (code, other):
        stranger.goto("/keeper")
        look(stranger, "keeper")
        press(stranger, "Continue")
        look(stranger, "keeper-errors")
        stranger.get_by_label("The code on your paper").fill(given)
        stranger.get_by_label("The six words that were read to you").fill(words)
        press(stranger, "Continue")
        look(stranger, "keeper_shown")
        press(stranger, "Give my code for this")
        look(stranger, "keeper_done")
        for _step in range(2):  # to the page with her request, to the first page: neither asks to send the code again
            stranger.go_back()
            expect(stranger.get_by_label("The code on your paper")).to_have_value("")
            assert given not in stranger.content()
        pass_delay(definer)
    stranger.goto("/recover/keepers/finish")
    look(stranger, "keys_finish")
    press(stranger, "Continue")
    look(stranger, "keys_finish-errors")
    stranger.get_by_label("Sign-in name").fill("boba")
    stranger.get_by_label("The password that you chose when you asked").fill("sasvim nova recenica ovde")
    press(stranger, "Continue")
    look(stranger, "keys_finish_second")
    secret = typed_secret(stranger)
    stranger.get_by_label("Code", exact=True).fill(totp.current_code(secret))
    press(stranger, "Save")
    stranger.get_by_role("heading", name="Your recovery code").wait_for()
    assert stranger.goto("/keeper/code").status == 410
    look(stranger, "keeper_gone")
