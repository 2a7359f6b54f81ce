"""The main job: a call becomes a case, a lawyer is assigned, works, and is out again at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import fill_sign_in
from tests.browsers import assert_sound, photograph
from tests.cases.helpers import assign, log, open_case

pytestmark = pytest.mark.browser


def log_a_call(page: Page) -> str:
    """Log a request; returns its code."""
    page.get_by_role("link", name="Log a request").first.click()
    page.get_by_label("Safe number or address to reach her").fill("+381 60 111 222")
    page.get_by_label("Neutral word").fill("library")
    page.get_by_label("What happened, in her words").fill("My pictures are in a group. I am Milica.")
    page.get_by_role("button", name="Log the request").click()
    expect(page.locator("#messages")).to_contain_text("was logged under the code")
    return page.locator("#messages").inner_text().split("code ")[1].strip(" .")


def accept(page: Page, code: str) -> str:
    """Acknowledge and accept a request; returns the code of the case."""
    page.get_by_role("link", name=code).click()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("button", name="Accept as a case").click()
    page.get_by_label("Working title").fill("Pictures in a group")
    page.get_by_label("Her words, looked through").fill("Pictures of her are in a group.")
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Pictures in a group")
    return page.url.rsplit("/", 1)[1]


def ask(page: Page, role: str, person: str) -> None:
    page.get_by_role("link", name="Ask somebody onto the case").click()
    page.get_by_label(role, exact=True).check()
    page.get_by_role("button", name="Next: choose the person").click()
    page.get_by_label("Who").select_option(label=person)
    page.get_by_role("button", name="Ask her").click()
    expect(page.locator("#messages")).to_contain_text("She was asked")


@pytest.fixture
def ready(cast):
    cast.intake()
    cast.vouch("boba", "lana")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_from_the_call_to_the_end_of_the_assignment(cast, ready, signed_in, scripts):
    ana = signed_in("ana", java_script_enabled=scripts)
    request = log_a_call(ana)
    case = accept(ana, request)
    ana.get_by_role("button", name="Show how to reach her").click()
    expect(ana.get_by_role("main")).to_contain_text("+381 60 111 222")
    ana.goto(f"/cases/{case}")
    ana.get_by_label("Note", exact=True).fill("She wants to be called after nine.")
    ana.get_by_role("button", name="Save the note").click()
    ana.get_by_text("Set a date").first.click()
    ana.get_by_label("Due on").fill("2030-01-15")
    ana.get_by_label("What is due").fill("Private action")
    ana.get_by_role("button", name="Set the date").click()
    expect(ana.get_by_role("main")).to_contain_text("15 Jan 2030")
    ask(ana, "Backup", "Boba")
    ana.goto(f"/cases/{case}")
    ask(ana, "Lawyer", "Lana")

    lana = signed_in("lana", java_script_enabled=scripts)
    expect(lana.get_by_role("main")).to_contain_text(case)
    assert lana.goto(f"/cases/{case}").status == 404
    lana.goto("/")
    lana.get_by_role("button", name=f"Accept {case}").click()
    lana.get_by_role("link", name="My cases").click()
    lana.get_by_role("link", name=case).click()
    main = lana.get_by_role("main")
    expect(main).to_contain_text("She wants to be called after nine.")
    expect(main).to_contain_text("Pictures of her are in a group.")
    for hidden in ("+381", "Milica", "Reach her"):
        expect(main).not_to_contain_text(hidden)
    lana.get_by_label("Kind of note").select_option(label="Legal note")
    lana.get_by_label("Note", exact=True).fill("Three months from the day she learned who did it.")
    lana.get_by_role("button", name="Save the note").click()
    expect(main).to_contain_text("Legal note")

    ana.goto(f"/cases/{case}/people")
    ana.get_by_role("link", name="End Lana").click()
    ana.get_by_label("Work done").check()
    ana.get_by_role("button", name="End her access").click()
    expect(ana.locator("#messages")).to_contain_text("Her access has ended")
    assert lana.reload().status == 404
    lana.goto("/cases/")
    expect(lana.get_by_role("main")).to_contain_text("No cases here.")


def test_nothing_typed_is_lost_when_the_form_is_refused(cast, ready, signed_in):
    ana = signed_in("ana")
    ana.goto("/requests/new")
    ana.get_by_label("What happened, in her words").fill("A long story.")
    ana.get_by_label("Day she found out").fill("2999-01-01")
    ana.get_by_role("button", name="Log the request").click()
    expect(ana.get_by_role("alert")).to_contain_text("This lies in the future.")
    assert ana.get_by_label("What happened, in her words").input_value() == "A long story."
    expect(ana.get_by_label("Day she found out")).to_have_value("2999-01-01")


def test_a_double_click_logs_one_request(cast, ready, signed_in, definer):
    for scripts in (True, False):
        ana = signed_in("ana", java_script_enabled=scripts)
        ana.goto("/requests/new")
        ana.get_by_label("What happened, in her words").fill("Once.")
        ana.get_by_role("button", name="Log the request").dblclick()
        expect(ana.locator("#messages")).to_contain_text("was logged")
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (2,)


def test_an_ended_session_gives_back_what_was_typed(cast, ready, signed_in, definer):
    ana = signed_in("ana")
    ana.goto("/requests/new")
    ana.get_by_label("What happened, in her words").fill("Typed before the session ended.")
    definer.execute("DELETE FROM accounts_session")
    ana.get_by_role("button", name="Log the request").click()
    expect(ana.get_by_role("heading", level=1)).to_contain_text("session")
    fill_sign_in(ana, cast, "ana")
    ana.get_by_role("button", name="Send what you typed again").click()
    expect(ana.locator("#messages")).to_contain_text("was logged")
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (1,)


PAGES = {
    "ana": ["/", "/requests/", "/requests/new", "/requests/{request}", "/requests/{request}/accept", "/cases/",
            "/cases/{case}", "/cases/{case}/people", "/cases/{case}/people/ask", "/cases/{case}/people/ask?role=lawyer",
            "/account", "/vouch", "/teams", "/confirm", "/nowhere"],
    "lana": ["/", "/cases/", "/cases/{case}"],
    "koka": ["/", "/board"],
    "vera": ["/", "/people", "/people/invite"],
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "sr", "sq"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_every_page_is_sound(cast, ready, signed_in, language, scheme, width):
    case = open_case(cast)
    assign(cast, case, "lana", voucher="")
    request = log(cast, in_danger_now=True, minor="material")
    for name, addresses in PAGES.items():
        page = signed_in(name, color_scheme=scheme, viewport={"width": width, "height": 800})
        page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
        for address in addresses:
            page.goto(address.format(case=case, request=request))
            assert page.locator("html").get_attribute("lang").lower() == language
            photograph(
                page, f"{name}-{address.strip('/').replace('/', '-')[:30] or 'desk'}-{language}-{scheme}-{width}"
            )
            assert_sound(page, but="status of 404")
