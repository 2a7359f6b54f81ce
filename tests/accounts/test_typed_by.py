"""What somebody typed before her session ended is offered to her alone, whoever signs in next at the same browser."""

import re

import pytest
from django.test import Client

from accounts import carrying
from accounts.carrying import mark_of
from tests.accounts.helpers import fresh_codes, kept_in, sign_in

SECRET = "what Vera typed"
OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def ended(cast, definer):
    """Vera has typed something, her session is over, and she sent it: the page that asks to sign in."""
    client = cast.client("vera")
    form = client.get("/people/invite").content.decode()
    mark = re.search(r'name="typed_by" value="([^"]+)"', form)[1]
    assert mark == mark_of(cast.vera)
    cast.person("ana")
    definer.execute("DELETE FROM accounts_session")
    page = client.post("/people/invite", {"display_name": SECRET, "typed_by": mark})
    assert page.status_code == 401
    fresh_codes(definer)
    return client, page


def test_nothing_in_the_page_says_what_was_typed_or_by_whom(cast, ended):
    _client, page = ended
    assert kept_in(page)
    for told in (SECRET, "/people/invite", mark_of(cast.vera), str(cast.vera.pk)):
        assert told not in page.content.decode()


def test_another_person_who_signs_in_there_gets_nothing_of_it(cast, ended):
    client, page = ended
    there = sign_in(client, cast.person("ana"), carried=kept_in(page))
    assert (there.status_code, there.headers["Location"]) == (302, "/")
    assert SECRET not in client.get("/").content.decode()


def test_the_same_person_gets_it_back(cast, ended):
    client, page = ended
    again = sign_in(client, cast.person("vera"), carried=kept_in(page))
    assert SECRET in again.content.decode()
    assert 'action="/people/invite"' in again.content.decode()


def test_with_the_control_off_the_other_person_would_be_offered_it(cast, definer, monkeypatch):
    monkeypatch.setattr(carrying, "mark_of", lambda user: "everybody")
    client = cast.client("vera")
    cast.person("ana")
    definer.execute("DELETE FROM accounts_session")
    page = client.post("/people/invite", {"display_name": SECRET})
    fresh_codes(definer)
    assert SECRET in sign_in(client, cast.person("ana"), carried=kept_in(page)).content.decode()


def test_a_mark_that_was_tried_out_does_not_open_it(cast, ended):
    client, page = ended
    typed = {"carried": kept_in(page), "typed_by": mark_of(cast.vera)}
    assert sign_in(client, cast.person("ana"), **typed).status_code == 302


@pytest.mark.parametrize(("writer", "offered"), [("vera", False), ("ana", True)])
def test_a_stale_page_of_somebody_else_is_not_sent_again_in_her_name(cast, writer, offered):
    """Vera's page is still open; Ana has signed in in another tab. The form's token is not hers."""
    client = cast.client("ana")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    typed = {"theme": SECRET, "typed_by": mark_of(getattr(cast, writer))}
    page = strict.post("/account/theme", typed, **OURS)
    assert page.status_code == 403
    assert (SECRET in page.content.decode()) is offered
