"""The gallery in a real browser: accessibility rules, strict CSP, narrow screens, and the two guards of forms."""

import re

import pytest
from django.template import engines
from django.template.loader import render_to_string
from frontend_gallery import EveryField, make_request, render_gallery

from tests.browsers import assert_sound, look, photograph

pytestmark = pytest.mark.browser


def bound_form() -> EveryField:
    return EveryField({"title": "much too long a title", "due_on": "not a date"})


def show(page, loopback, html: str, scheme: str = "light") -> None:
    loopback.pages["/"] = html
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{loopback.url}/")


@pytest.mark.parametrize("state", ["blank", "errors"])
def test_gallery_has_no_fault(watched, loopback, state):
    show(watched, loopback, render_gallery(EveryField() if state == "blank" else bound_form()))
    look(watched, f"gallery-{state}")


@pytest.mark.parametrize(("theme", "scheme"), [("dark", "light"), ("light", "dark")])
def test_the_persons_choice_beats_the_device(watched, loopback, theme, scheme):
    show(watched, loopback, render_gallery(EveryField(), theme=theme), scheme)
    ground = watched.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"dark": "rgb(27, 25, 22)", "light": "rgb(251, 248, 243)"}[theme]
    assert_sound(watched)


@pytest.mark.parametrize("code", ["400", "403", "404", "405", "413", "429", "500", "503"])
def test_error_pages_have_no_fault(watched, loopback, code):
    kept = "What she told me, without a blank for a long while: " + "x" * 90
    typed = {"resubmit_fields": [("note", kept)], "resubmit_url": "/echo"}
    html = render_to_string(f"{code}.html", {"to_copy": kept} if code in ("403", "404") else typed)
    show(watched, loopback, html)
    look(watched, code)


def test_components_are_started(watched, loopback):
    show(watched, loopback, render_gallery(EveryField()))
    assert "govuk-frontend-supported" in watched.locator("body").get_attribute("class")
    watched.fill("#id_password", "a phrase")
    watched.click("role=button[name='Show password']")
    assert watched.get_attribute("#id_password", "type") == "text"


def test_error_summary_takes_the_focus_and_leads_to_the_field(watched, loopback):
    show(watched, loopback, render_gallery(bound_form()))
    assert watched.evaluate("document.activeElement.className") == "govuk-error-summary"
    links = watched.locator(".govuk-error-summary__list a")
    targets = [links.nth(i).get_attribute("href") for i in range(links.count())]
    assert all(watched.locator(target).count() == 1 for target in targets)
    watched.click("a[href='#id_kinds_0']")
    assert watched.evaluate("document.activeElement.id") == "id_kinds_0"


def test_second_click_sends_nothing(watched, loopback):
    show(watched, loopback, render_gallery(EveryField()))
    watched.evaluate("""() => {
        const button = document.querySelector('#gallery-form button[type=submit]');
        button.click(); button.click(); setTimeout(() => button.click(), 50);
    }""")
    watched.wait_for_timeout(300)
    loopback.slow.set()
    watched.wait_for_url("**/echo")
    assert len(loopback.posted["/echo"]) == 1


def test_button_pressed_is_sent_with_the_form(watched, loopback):
    loopback.slow.set()
    show(watched, loopback, render_gallery(EveryField()))
    watched.fill("#id_story", "What she told me")
    watched.click("text=Save and close")
    watched.wait_for_url("**/echo")
    assert len(loopback.posted["/echo"]) == 1
    assert "close=1" in loopback.posted["/echo"][0]
    assert "What+she+told+me" in loopback.posted["/echo"][0]


def test_text_stays_when_the_server_is_away(watched, loopback):
    loopback.static_answers = False
    show(watched, loopback, render_gallery(EveryField()))
    watched.fill("#id_story", "What she told me")
    watched.click("#gallery-form >> text=/^Save$/")
    said = watched.locator("[data-said]")
    said.wait_for()
    assert re.search("what you typed is still here", said.inner_text())
    assert watched.input_value("#id_story") == "What she told me"
    assert loopback.posted["/echo"] == []
    loopback.static_answers = True
    loopback.slow.set()
    watched.click("#gallery-form >> text=/^Save$/")
    watched.wait_for_url("**/echo")
    assert len(loopback.posted["/echo"]) == 1


def test_leaving_with_unsent_text_asks_first(watched, loopback):
    asked = []
    watched.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    show(watched, loopback, render_gallery(EveryField()))
    watched.click("#id_story")
    watched.keyboard.type("half a sentence")
    watched.goto(f"{loopback.url}/")
    assert asked == ["beforeunload"]


def htmx_page() -> str:
    """A page whose form is sent by htmx, with a second form inside the part that is replaced."""
    text = """{% extends "base.html" %}{% block title %}T{% endblock %}{% block heading %}T{% endblock %}{% block content %}
    <form id="sent" method="post" action="/part" hx-post="/part" hx-target="#part"><label for="a">A</label>
    <textarea id="a" name="a"></textarea><button type="submit">Send</button></form>
    <div id="part"><form id="other" method="post" action="/other"><label for="b">B</label>
    <textarea id="b" name="b"></textarea></form></div>{% endblock %}"""
    return engines["django"].from_string(text).render({}, make_request())


def test_htmx_sends_once_with_the_token_and_without_a_complaint(watched, loopback):
    loopback.reply = '<p id="answer">Kept</p>'
    show(watched, loopback, htmx_page())
    watched.fill("#a", "note")
    watched.evaluate("() => { const button = document.querySelector('#sent button'); button.click(); button.click(); }")
    watched.wait_for_timeout(200)
    loopback.slow.set()
    watched.wait_for_selector("#answer")
    watched.wait_for_timeout(200)
    assert loopback.posted["/part"] == ["a=note"]
    assert watched.locator("[data-held]").count() == 0
    assert watched.complaints == []
    assert watched.evaluate("localStorage.length + sessionStorage.length") == 0


def test_htmx_failure_keeps_the_text_and_says_so(watched, loopback):
    loopback.status = 503
    loopback.slow.set()
    show(watched, loopback, htmx_page())
    watched.fill("#a", "note")
    watched.click("#sent button")
    watched.wait_for_selector("[data-said]")
    assert "What you typed is still here" in watched.inner_text("[data-said]")
    assert watched.input_value("#a") == "note"


def test_htmx_puts_unsent_text_of_another_form_back(watched, loopback):
    loopback.slow.set()
    loopback.reply = (
        '<form id="other" method="post" action="/other"><textarea id="b" name="b"></textarea><i id="new"></i></form>'
    )
    show(watched, loopback, htmx_page())
    watched.fill("#a", "note")
    watched.fill("#b", "half a sentence")
    watched.click("#sent button")
    watched.wait_for_selector("#new", state="attached")
    watched.wait_for_timeout(200)
    assert watched.input_value("#b") == "half a sentence"


def test_paper_shows_the_content_and_the_practice_band_only(watched, loopback):
    show(watched, loopback, render_gallery(None), "dark")
    watched.emulate_media(media="print")
    photograph(watched, "print")
    assert watched.locator(".demo-band").is_visible()
    assert watched.locator(".timeline").is_visible()
    link = "getComputedStyle(document.querySelector('.govuk-table a'), '::after').content"
    assert watched.evaluate(link) == "none", "the address of a case would be on paper"
    assert not watched.locator(".site-header").is_visible()
    assert not watched.locator(".site-footer").is_visible()
    assert watched.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_everything_can_be_reached_by_keyboard_and_the_first_stop_skips(watched, loopback):
    show(watched, loopback, render_gallery(None))
    watched.evaluate("document.activeElement.blur()")
    stops = []
    for _ in range(60):
        watched.keyboard.press("Tab")
        stops.append(watched.evaluate("(document.activeElement.textContent || '').trim().slice(0, 40)"))
    for wanted in ("Skip to the main content", "Sign out", "My cases", "Next page", "End the access", "Dark"):
        assert any(wanted in stop for stop in stops), wanted


def test_page_is_light(watched, loopback):
    """Well under 100 KB compressed for everything the first page of the day loads (no store, no cache here)."""
    import gzip

    bodies = []
    watched.on("response", lambda response: bodies.append(len(gzip.compress(response.body()))) if response.ok else None)
    show(watched, loopback, render_gallery(EveryField()))
    assert sum(bodies) < 70_000
