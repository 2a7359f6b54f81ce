"""Signing in: one form, one answer for every reason, a code that counts once, a fresh session."""

import re
import threading

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts import database, totp
from accounts.carrying import mark_of
from accounts.services import sign_in as service
from tests.accounts.helpers import audit_actions, fresh_codes, kept_in, sign_in, without_tokens, wrong
from tests.cast import PASSWORD


def test_name_password_and_code_open_the_desk(cast, definer):
    client = Client()
    response = sign_in(client, cast.person("ana"))
    assert response.status_code == 302
    assert client.get("/account").status_code == 200
    assert ("signed_in", "done") in audit_actions(definer)
    cookies = response.cookies
    for name in (settings.SESSION_COOKIE_NAME, settings.UNLOCK_COOKIE_NAME, settings.KNOWN_DEVICE_COOKIE_NAME):
        assert cookies[name]["httponly"], name
        assert cookies[name]["samesite"] == "Strict", name
    assert cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""  # the limits are in the row, not in the browser
    assert cookies[settings.UNLOCK_COOKIE_NAME]["max-age"] == ""
    assert cookies["language"].value == "en"


def test_small_and_capital_letters_of_the_name_are_the_same(cast):
    ana = cast.person("ana")
    typed = {"login_name": " Ana ", "password": PASSWORD, "code": totp.current_code(ana.totp_secret)}
    assert Client().post("/sign-in", typed).status_code == 302


def refused(person, what: str):
    code = totp.current_code(person.totp_secret)
    typed = {
        "name": {"login_name": "nobody-here", "password": PASSWORD, "code": code},
        "password": {"login_name": "ana", "password": "something else entirely", "code": code},
        "code": {"login_name": "ana", "password": PASSWORD, "code": wrong(code)},
        "no digits": {"login_name": "ana", "password": PASSWORD, "code": "abcdef"},
        "all": {"login_name": "ana", "password": "wrong wrong wrong", "code": wrong(code)},
    }[what]
    return Client().post("/sign-in", typed)


def test_every_reason_has_the_same_answer(cast):
    ana = cast.person("ana")
    answers = {what: refused(ana, what) for what in ("name", "password", "code", "no digits", "all")}
    bodies = set()
    for what, answer in answers.items():
        assert answer.status_code == 200, what
        body = without_tokens(answer.content)
        bodies.add(body.replace(b'value="nobody-here"', b'value="ana"'))
        assert PASSWORD.encode() not in body
    assert len(bodies) == 1
    assert b"do not fit together" in bodies.pop()


def test_a_person_invited_only_and_one_deactivated_get_the_same_answer(cast, definer):
    ana = cast.person("ana")
    usual = without_tokens(refused(ana, "password").content)
    definer.execute(
        "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = id WHERE login_name = 'ana'"
    )
    fresh_codes(definer)
    assert without_tokens(sign_in(Client(), ana).content) == usual
    assert sign_in(Client(), ana).status_code == 200


@pytest.mark.parametrize("field", ["login_name", "password", "code"])
@pytest.mark.parametrize("typed", ["a\0b", "x" * 5000])
def test_odd_input_is_a_clear_error_and_nothing_is_stored(cast, definer, field, typed):
    person = cast.person("ana")
    before = definer.execute("SELECT count(*) FROM accounts_throttle").fetchone()
    response = Client().post(
        "/sign-in",
        {"login_name": "ana", "password": PASSWORD, "code": totp.current_code(person.totp_secret), field: typed},
    )
    assert response.status_code == 200
    assert b"govuk-error-message" in response.content
    assert definer.execute("SELECT count(*) FROM accounts_throttle").fetchone() == before


@pytest.mark.parametrize("control", ["on", "off"])
def test_a_code_opens_once_in_twenty_requests_at_once(cast, monkeypatch, control):
    """With the database's "once only" switched off, all twenty get in."""
    person = cast.person("ana")
    if control == "off":
        real = database.value
        monkeypatch.setattr(database, "value", lambda name, *rest: name == "code_accept" or real(name, *rest))
        monkeypatch.setattr(service.database, "value", database.value)
    code = totp.current_code(person.totp_secret)
    gate, results = threading.Barrier(20), []

    def attempt(number: int) -> None:
        client = Client()
        gate.wait()
        try:  # each from an address of its own: no throttling in the way
            results.append(sign_in(client, person, code=code, REMOTE_ADDR=f"192.0.2.{number + 1}").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 20
    assert results.count(302) == (1 if control == "on" else 20)


def test_no_session_key_from_before_survives(cast, definer):
    """Fixation: a key that was planted in her browser opens nothing afterwards, nor does one of somebody else."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "planted0planted0planted0planted0"
    sign_in(client, cast.person("ana"))
    first = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert first != "planted0planted0planted0planted0"
    fresh_codes(definer)
    sign_in(client, cast.person("boba"))
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != first
    old = Client()
    old.cookies[settings.SESSION_COOKIE_NAME] = first
    assert old.get("/account").status_code == 302


def test_a_known_anonymous_session_gets_a_new_key(cast):
    client = Client()
    session = client.session  # stores an empty session and gives the browser its key
    session["kept"] = "no"
    session.save()
    before = session.session_key
    sign_in(client, cast.person("ana"))
    assert client.session.session_key != before
    assert "kept" not in client.session


def test_the_way_back_is_kept_and_leads_nowhere_else(cast, definer):
    assert Client().get("/people?page=2").headers["Location"] == "/sign-in?next=%2Fpeople%3Fpage%3D2"
    page = Client().get("/sign-in?next=%2Fpeople%3Fpage%3D2")
    assert b'value="/people?page=2"' in page.content
    person = cast.person("vera")
    assert sign_in(Client(), person, next="/people?page=2").headers["Location"] == "/people?page=2"
    for evil in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\nb"):
        fresh_codes(definer)
        assert "evil" not in sign_in(Client(), person, next=evil).headers["Location"]


def test_signed_in_already_leads_to_the_desk(cast):
    client = cast.client("ana")
    assert client.get("/sign-in").status_code == 302


def test_signing_out_ends_row_key_and_cookies(cast, definer):
    client = cast.client("ana")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert definer.execute("SELECT count(*) FROM accounts_unlockedkey").fetchone() == (1,)
    response = client.post("/sign-out")
    assert b"signed out" in response.content
    assert definer.execute("SELECT count(*) FROM accounts_unlockedkey").fetchone() == (0,)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value == ""
    assert client.cookies[settings.UNLOCK_COOKIE_NAME].value == ""
    old = Client()
    old.cookies[settings.SESSION_COOKIE_NAME] = key
    assert old.get("/account").status_code == 302
    actor, _action = definer.execute("SELECT actor, action FROM accounts_auditevent ORDER BY sequence DESC").fetchone()
    assert actor == str(cast.ana.pk)
    assert client.get("/sign-out").status_code == 405


def test_what_was_typed_when_the_session_had_ended_is_sent_after_signing_in(cast, definer):
    person = cast.person("vera")
    client = cast.client("vera")
    typed = {"display_name": "Nova\nkoleginica", "roles": ["caseworker", "coordinator"], "password": "never repeated"}
    typed["typed_by"] = mark_of(cast.vera)
    definer.execute("DELETE FROM accounts_session")
    ended = client.post("/people/invite", typed)
    assert ended.status_code == 401
    assert b"Nothing is lost" in ended.content
    assert b"never repeated" not in ended.content
    assert b"koleginica" not in ended.content  # sealed: only she gets it back
    carried = {"carried": kept_in(ended)}
    mistyped = sign_in(client, person, password="not it at all", **carried)
    assert kept_in(mistyped) == carried["carried"]
    fresh_codes(definer)
    again = sign_in(client, person, **carried)
    assert again.status_code == 200
    assert b'action="/people/invite"' in again.content
    assert b"Welcome back" in again.content
    assert b"Send what you typed again" in again.content
    assert b"Confirmed" not in again.content
    assert b'name="display_name" value="Nova\nkoleginica"' in again.content
    assert again.content.count(b'name="roles"') == 2
    assert client.get("/account").status_code == 200


def test_the_form_that_sends_it_again_has_a_token_that_works(cast, definer):
    """Signing in renews the form token; the page that comes right after has the new one."""
    person = cast.person("ana")
    client = Client(enforce_csrf_checks=True)
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/sign-in").content.decode())[1]
    ended = Client().post("/account/work", {"theme": "dark", "typed_by": mark_of(person.user)})
    carried = {"carried": kept_in(ended), "csrfmiddlewaretoken": token}
    page = sign_in(client, person, **carried).content.decode()
    form = page[page.index('class="resubmit"') :]
    new = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    assert client.post("/account/theme", {"theme": "dark"}).status_code == 403  # the check is on
    assert client.post("/account/theme", {"theme": "dark", "csrfmiddlewaretoken": new}).status_code == 302
