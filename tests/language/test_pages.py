"""Pages in each language: what they say they are, and that no English is left on the translated ones."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from accounts import quorum
from config import translations
from tests.cases.helpers import WORDS, log, open_case
from tests.cast import ROLES
from tests.language.helpers import read

LANGUAGES = {"sr": "sr", "sr-latn": "sr-Latn", "sq": "sq"}  # and how HTML names them
SAME = {"sr": {"Sidro"}, "sr-latn": {"Sidro"}, "sq": {"Sidro", "Standard"}}  # written as in English
NAMES = r"Sidro|MB|QR|CET|CEST|UTC|Aegis|FreeOTP|Google|Authenticator|Take It Down|NCMEC|K7MX-42QB"
ENGLISH = {
    text for _context, text in translations.extracted() if re.search("[A-Za-z]{3}", re.sub(r"%\(\w+\)\w", "", text))
}
ERROR_PAGES = ["400", "403", "403_form", "404", "405", "413", "429", "500", "503"]


def assert_translated(html: str, language: str, *, typed: tuple[str, ...] = ()) -> None:
    """No text of the page is one of our English texts; a Cyrillic page has no Latin word but names and typed text."""
    page = read(html)
    assert page.language == LANGUAGES[language]
    assert not ENGLISH & (set(page.texts) - SAME[language])
    assert all(word not in html for word in ("Sign in", "New requests", "Sign out", "Log a request"))
    if language == "sr":
        for text in page.texts:
            rest = text
            for part in sorted(typed, key=len, reverse=True):
                rest = rest.replace(part, "")
            assert not re.search("[A-Za-z]{2,}", re.sub(rf"\b(?:{NAMES})\b", "", rest)), text
    else:
        assert not re.search("[\u0400-\u04ff]", " ".join(page.texts))


@pytest.mark.parametrize(
    ("code", "tag", "heading"),
    [
        ("en", "en", "Sign in"),
        ("sr", "sr", "Пријавите се"),
        ("sr-latn", "sr-Latn", "Prijavite se"),
        ("sq", "sq", "Hyni"),
    ],
)
def test_the_sign_in_page_in_each_language(transactional_db, code, tag, heading):
    client = Client()
    client.cookies["language"] = code
    response = client.get("/sign-in")
    html = response.content.decode()
    assert read(html).language == response.headers["Content-Language"].replace("latn", "Latn") == tag
    assert heading in read(html).texts
    if code != "en":
        assert_translated(html, code, typed=("Demo helpline", "Sidro"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ERROR_PAGES)
def test_error_pages(language, code, settings):
    with translation.override(language):
        html = render_to_string(f"{code}.html", {"reference": "AB12"})
    assert_translated(html, language, typed=(settings.HELPLINE_NAME, "AB12"))


PAGES = {
    "ana": [
        "/",
        "/requests/",
        "/requests/new",
        "/requests/{request}",
        "/requests/{request}/accept",
        "/cases/",
        "/cases/{case}",
        "/cases/{case}/people",
        "/cases/{case}/people/ask",
        "/account",
        "/account/password",
        "/vouch",
        "/two-people",
        "/teams",
        "/teams/add",
        "/cases/SD-0000-0000",
    ],
    "vera": ["/", "/people", "/people/invite", "/account", "/board"],
    "koka": ["/", "/board", "/cases/"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_english_is_left_on_the_pages(cast, language, settings):
    cast.intake()
    places = {"case": open_case(cast, in_danger_now=True), "request": log(cast, minor="now")}
    people = [word for name in ROLES for word in (name, name.title())]
    typed = (WORDS, "Pictures traded again.", "Group", settings.HELPLINE_NAME, *places.values(), *people)
    for name, addresses in PAGES.items():
        client = cast.client(name)
        client.post("/account/language", {"language": language})
        for address in addresses:
            html = client.get(address.format(**places)).content.decode()
            assert_translated(html, language, typed=typed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_of_two_people_is_told_in_her_language(language):
    """Also what stands in the place of a fallback: texts that code holds until a page shows them."""
    for rule in quorum.RULES:
        for text in filter(None, (rule.what, rule.normal, rule.instead)):
            with translation.override("en"):
                english = str(text)
            with translation.override(language):
                assert str(text) != english


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_english_is_left_beside_wrong_fields(cast, language, settings):
    cast.intake()
    client = cast.client("ana")
    client.post("/account/language", {"language": language})
    response = client.post("/requests/new", {"received_at": "x", "offence_learned_on": "2999-01-01", "minor": "?"})
    assert response.status_code == 422
    assert_translated(response.content.decode(), language, typed=(settings.HELPLINE_NAME, "Ana", "Boba"))
