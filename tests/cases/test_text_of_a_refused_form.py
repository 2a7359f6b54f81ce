"""A form that meets 404 or 403, because her role ended while she was writing: the page gives her words back to copy."""

import re
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import carrying
from accounts.carrying import mark_of
from cases.access import get_case
from cases.models import Assignment
from cases.services.assignment import end_assignment
from tests.cases.helpers import assign, open_case
from tests.security.attack import plant

OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}
NOTE = 'She said: </textarea><b>"come at nine"</b>\n\n' + "A long text. " * 1500
SHOWN = re.compile(r'<textarea[^>]* id="to-copy"[^>]*>\n(.*?)</textarea>', re.DOTALL)


def copied(page) -> str:
    found = SHOWN.search(page.content.decode())
    return unescape(found[1]) if found else ""


@pytest.fixture
def left(cast):
    """Lana has a note on her screen, and her role on the case ends: her browser, the address, what it sends."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    client = cast.client("lana")
    with cast.acting("ana") as ana:
        get_case(ana, code)
        end_assignment(assignment=Assignment.objects.get(user=cast.lana), reason="finished", by=ana)
    typed = {"nonce": uuid4(), "type": "case_note", "text": NOTE, "typed_by": mark_of(cast.lana)}
    return client, reverse("cases:note_create", args=[code]), typed


def test_her_words_stand_on_the_page_and_nothing_can_be_sent_again(left):
    client, address, typed = left
    page = client.post(address, typed, **OURS)
    assert page.status_code == 404
    assert copied(page) == NOTE.strip()
    assert "What you typed, to copy" in page.content.decode()
    assert "It was not saved." in page.content.decode()
    for told in ("<form", "<b>", str(typed["nonce"]), "case_note"):
        assert told not in page.content.decode()


def test_a_case_that_is_not_there_looks_the_same(left):
    client, address, typed = left
    other = re.sub(r"/cases/[^/]+/", "/cases/2222-2222/", address)
    there, nowhere = (client.post(path, typed, **OURS) for path in (address, other))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content
    assert copied(there)


@pytest.mark.parametrize(
    "headers", [{}, {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "https://elsewhere.example"}]
)
def test_another_site_puts_no_words_into_the_page(left, headers):
    client, address, typed = left
    page = client.post(address, typed, **headers)
    assert page.status_code == 404
    assert "to-copy" not in page.content.decode()


@pytest.mark.parametrize("control", [True, False])
def test_what_somebody_else_typed_is_not_shown(cast, left, control, monkeypatch):
    """Lana's page is still open; Boba has signed in at the same browser in another tab."""
    _client, address, typed = left
    if not control:
        monkeypatch.setattr(carrying, "mark_of", lambda user: typed["typed_by"])
    page = cast.client("boba").post(address.replace("/cases/", "/cases/x"), typed, **OURS)
    assert page.status_code == 404
    assert bool(copied(page)) is not control


def test_secrets_and_codes_are_never_shown_and_numbers_and_names_are(left):
    client, address, typed = left
    secrets = {
        name: f"Secret of {name}"
        for name in (
            "password", "password_again", "present", "code", "recovery_code", "sealed", "passkey", "challenge", "offered",
            "last_group", "next", "before", "carried", "csrfmiddlewaretoken",
        )
    }  # fmt: skip
    words = {
        "text": "Milica",
        "phone": "0601234567",
        "due_on": "2031-03-14",
        "handle": "marko_88",
        "town": "hotel",
        "kind": "case_note",
        "level": "immediate",
        "seen_text": "3",
        "sure": "on",
    }
    page = client.post(address, {**typed, **words, **secrets}, **OURS)
    assert copied(page) == "Milica\n\n0601234567\n\n2031-03-14\n\nmarko_88\n\nhotel"
    assert "Secret of" not in page.content.decode()


def test_what_a_button_says_was_not_typed(left):
    """Also of a closed list that only a form has; every button of the pages is known by its name."""
    client, address, typed = left
    pressed = {
        "answer": "decline",
        "to": "paper",
        "how": "kept",
        "outcome": "not_needed",
        "level": "high",
        "view": "Decline",
    }
    assert copied(client.post(address, {**typed, **pressed, "text": "Typed."}, **OURS)) == "Typed.\n\nDecline"
    names = re.compile(r"<button[^>]* name=\"(\w+)\" value=|components/button.html\" with [^%]*\bname=\"(\w+)\"")
    pages = [path.read_text() for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")]
    found = {name for page in pages for pair in names.findall(page) for name in pair if name}
    assert {"answer", "to", "proposed"} <= found
    assert [name for name in sorted(found) if not carrying.NOT_TYPED.fullmatch(name)] == []


def test_a_step_that_is_not_open_to_her_gives_her_words_back_too(cast):
    cast.person("koka")
    client = cast.client("lana")
    typed = {"on_call": str(cast.koka.pk), "starts_at": "Monday at nine", "typed_by": mark_of(cast.lana)}
    page = client.post(reverse("cases:shift_create"), typed, **OURS)
    assert page.status_code == 403
    assert copied(page) == "Monday at nine"


def test_where_a_case_was_closed_meanwhile_her_words_can_be_copied(cast):
    """To send them again is refused for ever: they stand there to copy, with the way back to the case."""
    cast.intake()
    code, client = open_case(cast), cast.client("ana")
    plant("UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = opened_by_id")
    typed = {"nonce": uuid4(), "type": "case_note", "text": NOTE, "typed_by": mark_of(cast.ana)}
    page = client.post(f"/cases/{code}/notes", typed, **OURS)
    assert page.status_code == 409
    assert copied(page) == NOTE.strip()
    assert f'<a class="govuk-link" href="/cases/{code}">' in page.content.decode()
    assert "Send what you typed again" in page.content.decode()


def test_nothing_is_shown_where_nobody_is_signed_in(db):
    page = Client().post("/nowhere", {"text": "Some words"}, **OURS)
    assert page.status_code == 404
    assert "Some words" not in page.content.decode()
