"""Pages around their content: languages, roles, practice band, error pages without a database, no inline code."""

import re
from pathlib import Path

import pytest
from django.db import OperationalError
from django.shortcuts import render
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from frontend_gallery import EveryField, make_request, render_gallery

from accounts import rendering
from accounts.paging import Page

ROOT = Path(__file__).resolve().parents[2]
OWN = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")])
# Reviewed: what is not escaped, and why it cannot hold anything a person typed.
UNESCAPED = {"templates/accounts/_second_factor.html"}  # the QR picture, drawn on the server from the new secret
ERROR_PAGES = ["400", "403", "404", "405", "413", "429", "500", "503"]


def rendered(text: str, request=None, **context) -> str:
    return engines["django"].from_string(text).render(context, request)


@pytest.mark.parametrize(("code", "tag"), [("en", "en"), ("sr", "sr"), ("sr-latn", "sr-Latn"), ("sq", "sq")])
def test_page_says_its_language(gallery_urls, code, tag):
    with translation.override(code):
        html = render_gallery(EveryField())
    assert f'<html lang="{tag}"' in html
    assert re.search(rf'value="{code}" class="link-button" lang="{tag}" aria-current="true"', html)


def test_title_tells_of_errors_first(gallery_urls):
    assert "<title>Error: Gallery" in render_gallery(EveryField({}))
    assert "<title>Gallery" in render_gallery(EveryField())
    assert "<title>Gallery" in render_gallery(None)


@pytest.mark.parametrize(
    ("roles", "labels"),
    [
        (["caseworker"], ["Desk", "New requests", "Log a request", "My cases", "Account"]),
        (["lawyer"], ["Desk", "My cases", "Account"]),
        (["coordinator"], ["Desk", "Work board", "Account"]),
        (["administrator"], ["Desk", "People", "Account"]),
    ],
)
def test_navigation_follows_the_roles(gallery_urls, roles, labels):
    assert [str(item.label) for item in rendering.page(make_request(roles=roles))["navigation"]] == labels


def test_navigation_marks_where_one_is(gallery_urls):
    def marked(address):
        page = rendering.page(make_request(address, roles=["caseworker"]))
        return {item.url: item.current for item in page["navigation"] if item.current}

    assert marked("/") == {"/": "page"}
    assert marked("/case_list/") == {"/case_list/": "page"}
    assert marked("/case_list/K7QF/") == {"/case_list/": "true"}
    assert marked("/case_listing/") == {}


def test_pages_that_do_not_exist_are_left_out(settings):
    settings.ROOT_URLCONF = type("Nothing", (), {"urlpatterns": []})
    assert rendering.page(make_request())["navigation"] == []


def test_nobody_signed_in_sees_neither_navigation_nor_roles(gallery_urls):
    page = rendering.page(RequestFactory().get("/"))
    assert page["navigation"] == page["roles"] == []


@pytest.mark.parametrize(
    ("own", "cookie", "shown"),
    [("dark", "light", "dark"), ("auto", "dark", ""), ("", "dark", "dark"), ("", '"><script>', ""), ("", "", "")],
)
def test_theme_is_one_of_two_or_nothing(own, cookie, shown):
    request = make_request(theme=own)
    request.COOKIES["theme"] = cookie
    assert rendering.page(request)["theme"] == shown


def test_practice_band_is_on_every_kind_of_page(gallery_urls, settings):
    pages = ["base.html", "base_public.html", *(f"{code}.html" for code in ERROR_PAGES)]
    assert all("Practice only." in get_template(name).render({}) for name in pages)
    settings.DEMO = False
    assert not any("Practice only." in get_template(name).render({}) for name in pages)


def test_error_page_with_a_request_survives_the_database_being_away(gallery_urls):
    def away():
        raise OperationalError

    request = RequestFactory().get("/")
    request.user = SimpleLazyObject(away)
    html = render(request, "503.html", status=503).content.decode()
    assert "Nothing was saved" in html
    assert rendering.page(request)["navigation"] == []


@pytest.mark.parametrize("code", ERROR_PAGES)
def test_error_page_needs_nothing(code):
    """No request, no context, no database (this test has no access to one)."""
    html = get_template(f"{code}.html").render({})
    assert html.count("<h1") == 1
    assert "csrfmiddlewaretoken" not in html
    assert "Send what you typed again" not in html


def test_database_away_gives_the_typed_text_back():
    context = {"resubmit_fields": [("note", 'a "quote"\nline'), ("csrfmiddlewaretoken", "old")], "resubmit_url": "/x"}
    html = get_template("503.html").render(context, RequestFactory().post("/x"))
    assert "Nothing was saved" in html
    assert '<form method="post" action="/x"' in html
    assert '<input type="hidden" name="note" value="a &quot;quote&quot;\nline">' in html
    assert 'value="old"' not in html
    assert html.count("csrfmiddlewaretoken") == 1


def test_token_of_forms_also_inside_isolated_includes():
    request = RequestFactory().get("/")
    html = rendered("{% include 'components/confirm.html' with what='w' url='/u' label='Do it' only %}", request)
    assert re.search(r'name="csrfmiddlewaretoken" value="\w{64}"', html)


def test_paging_keeps_the_rest_of_the_address():
    request = RequestFactory().get("/?stage=a&page=2&risk=high")
    page = Page(range(11), 2, 10)
    html = rendered("{% include 'components/paging.html' with page=page only %}", request, page=page)
    assert 'href="?stage=a&amp;page=1&amp;risk=high"' in html
    assert 'href="?stage=a&amp;page=3&amp;risk=high"' in html
    assert rendered("{% include 'components/paging.html' with page=page only %}", page=Page([], 1)).strip() == ""


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_template_has_no_inline_code_and_no_blaming_word(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|hx-vals=.js|hx-vars", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "|safe" not in text or path.relative_to(ROOT).as_posix() in UNESCAPED
    assert not re.search("revenge", text, re.IGNORECASE)
    assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", text)


def test_htmx_keeps_nothing_and_evaluates_nothing():
    text = (ROOT / "templates/base.html").read_text(encoding="utf-8")
    for part in (
        '"includeIndicatorStyles":false',
        '"allowEval":false',
        '"historyCacheSize":0',
        '"selfRequestsOnly":true',
    ):
        assert part in text


def test_both_dark_blocks_are_the_same():
    """The device's wish and the person's own choice give the same colours."""
    text = (ROOT / "static/css/theme.css").read_text(encoding="utf-8")
    blocks = re.findall(r"/\* dark \*/(.*?)/\* end of dark \*/", text, re.DOTALL)
    assert len(blocks) == 2
    assert blocks[0] == blocks[1]


def test_scripts_keep_nothing_on_the_device():
    for path in (ROOT / "static/js").glob("*.js"):
        assert not re.search(
            r"localStorage|sessionStorage|indexedDB|document\.cookie|innerHTML|eval\(", path.read_text(encoding="utf-8")
        )


def test_version_is_the_one_of_the_project():
    assert (
        rendering.version() == re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    )
