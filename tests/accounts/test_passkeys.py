"""Signing in and confirming with a passkey: beside the password, for one browser, once, and without telling names."""

import contextlib
import json
import threading
import time
import tracemalloc
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts import database, passkeys, sealed_fields, totp
from accounts.passkeys import Shown
from accounts.services import factors
from tests.accounts.authenticator import Authenticator, add, asked, fields, sign_in
from tests.accounts.helpers import audit_actions, stale, without_tokens
from tests.cast import PASSWORD
from tests.conftest import as_role

pytestmark = pytest.mark.usefixtures("passkeys_here")


@pytest.fixture
def key(cast) -> Authenticator:
    """Ana's security key."""
    return add(cast.client("ana"))


def test_password_and_passkey_open_the_desk_and_the_key(cast, key, definer):
    client = Client()
    assert b"data-passkey" in client.get("/sign-in").content
    assert sign_in(client, key, "ana").status_code == 302
    assert b"Your key is closed" not in client.get("/account").content
    assert b"Last used" in client.get("/account/devices").content
    assert {("signed_in", "done"), ("passkey_used", "done")} <= set(audit_actions(definer))


def test_the_page_offers_it_only_where_it_can_work(cast, settings):
    settings.PASSKEY_ORIGINS = ["https://desk.example.org"]
    page = Client().get("/sign-in").content
    assert b"data-passkey" not in page
    assert b"passkey.js" not in page
    assert b"https://desk.example.org" in cast.client("ana").get("/account/devices/passkey").content


def test_the_question_is_the_same_for_everybody(cast, key):
    """No name is sent before the answer, so nothing can tell whether it exists or what devices it has."""
    options, _sealed = asked(Client())
    assert options["allowCredentials"] == []
    assert options["rpId"] == "testserver"
    others = [asked(Client())[0] for _number in range(3)]
    assert len({other.pop("challenge") for other in others}) == 3
    options.pop("challenge")
    assert others == [options] * 3


def test_every_reason_has_the_same_answer(cast, key):
    """Whatever was wrong: name, password, device, or the passkey of a colleague under this name."""
    boba = add(cast.client("boba"))
    answers = {
        "name": sign_in(Client(), key, "nobody-here"),
        "password": sign_in(Client(), key, "ana", password="something else entirely"),
        "a colleague's": sign_in(Client(), boba, "ana"),
        "unknown": sign_in(Client(), Authenticator(), "ana"),
        "somebody without passkeys": sign_in(Client(), key, "lana"),
        "rubbish": Client().post("/sign-in", {"login_name": "ana", "password": PASSWORD, "passkey": "rubbish"}),
        "too long": Client().post("/sign-in", {"login_name": "ana", "password": PASSWORD, "passkey": "x" * 9000}),
    }
    bodies = set()
    for what, answer in answers.items():
        assert answer.status_code == 200, what
        body = without_tokens(answer.content)
        for name in (b"nobody-here", b"lana"):
            body = body.replace(b'value="' + name, b'value="ana')
        bodies.add(body)
    assert len(bodies) == 1
    assert b"do not fit together" in bodies.pop()


def test_a_passkey_never_opens_without_the_password(cast, key):
    for password in ("", "wrong wrong wrong"):
        assert sign_in(Client(), key, "ana", password=password).status_code == 200


def test_a_wrong_passkey_beside_a_right_code_is_refused(cast, key, definer):
    """One try, one factor: a code is not a second chance."""
    definer.execute("UPDATE accounts_totpdevice SET last_step = -1")
    code = totp.current_code(cast.person("ana").totp_secret)
    assert sign_in(Client(), Authenticator(), "ana", code=code).status_code == 200


def test_tries_are_counted_before_they_are_looked_at(cast, key):
    for _number in range(5):
        sign_in(Client(), Authenticator(), "ana")
    assert b"Try again in" in sign_in(Client(), key, "ana").content


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("origin", {"origin": "http://evil.testserver"}),
        ("site", {"site": "evil.example"}),
        ("nobody touched it", {"flags": 0}),
        ("another key under the same id", {"key": Authenticator().key}),
        ("somebody else's handle", {"handle": b"x" * 16}),
    ],
)
def test_what_does_not_hold_is_refused(cast, key, what, wrong):
    right = {name: getattr(key, name) for name in wrong}
    for name, value in wrong.items():
        setattr(key, name, value)
    assert sign_in(Client(), key, "ana").status_code == 200, what
    for name, value in right.items():
        setattr(key, name, value)
    assert sign_in(Client(), key, "ana").status_code == 302


def test_a_page_of_another_origin_or_site_gets_in_where_it_is_trusted(cast, key, settings):
    """The control off: what refuses them is the setting, not something else."""
    settings.PASSKEY_ORIGINS = ["http://testserver", "http://evil.testserver"]
    key.origin = "http://evil.testserver"
    assert sign_in(Client(), key, "ana").status_code == 302
    key.site = "evil.example"
    assert sign_in(Client(), key, "ana").status_code == 200
    settings.PASSKEY_RP_ID = "evil.example"
    assert sign_in(Client(), key, "ana").status_code == 302


def typed(form: dict[str, str]) -> dict[str, str]:
    return {"login_name": "ana", "password": PASSWORD, **form}


@pytest.mark.parametrize("control", ["on", "off"])
def test_an_answer_counts_once_in_twenty_requests_at_once(cast, key, monkeypatch, control):
    """The same browser's answer, seen by somebody and sent twenty times. With "once only" switched off all get in."""
    key.step = 0  # no counter that would stop it as well
    if control == "off":
        real = database.value
        monkeypatch.setattr(database, "value", lambda name, *rest: name == "passkey_accept" or real(name, *rest))
    first = Client()
    form = fields(first, key)
    gate, results = threading.Barrier(20), []

    def attempt(number: int) -> None:
        client = Client(REMOTE_ADDR=f"192.0.2.{number + 1}")
        client.cookies[configured.CSRF_COOKIE_NAME] = first.cookies[configured.CSRF_COOKIE_NAME].value
        gate.wait()
        try:
            results.append(client.post("/sign-in", typed(form)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count(302) == (1 if control == "on" else 20)
    assert len(results) == 20


def test_an_answer_is_good_in_the_browser_that_asked_only(cast, key):
    asker, other = Client(), Client()
    form = fields(asker, key)
    other.get("/sign-in")
    assert other.post("/sign-in", typed(form)).status_code == 200
    assert Client().post("/sign-in", typed(form)).status_code == 200  # with no form token of its own
    assert asker.post("/sign-in", typed(form)).status_code == 302


def test_without_the_binding_another_browser_would_get_in(cast, key, monkeypatch):
    """Somebody on another line asks, has her sign, and sends the answer herself."""
    monkeypatch.setattr("accounts.challenges._place", lambda request: "anywhere")
    assert Client().post("/sign-in", typed(fields(Client(), key))).status_code == 302


@pytest.mark.parametrize(("age", "status"), [(299, 302), (301, 200)])
def test_five_minutes_to_the_second(cast, key, monkeypatch, age, status):
    client = Client()
    now = time.time()
    monkeypatch.setattr(sealed_fields, "time", SimpleNamespace(time=lambda: now))
    form = fields(client, key)
    monkeypatch.setattr(sealed_fields, "time", SimpleNamespace(time=lambda: int(now) + age))
    assert client.post("/sign-in", typed(form)).status_code == status


def test_a_challenge_for_one_thing_is_none_for_another(cast, key):
    """What was signed to confirm does not sign in; what was signed to sign in does not confirm."""
    client = cast.client("ana")
    to_confirm = fields(client, key, "confirm")
    to_sign_in = fields(Client(), key)
    assert client.post("/confirm", to_sign_in).status_code == 200
    assert client.post("/sign-in", typed(to_confirm)).status_code == 200
    assert client.post("/confirm", to_confirm).status_code == 302


def test_a_counter_that_goes_back_is_refused_logged_and_shown(cast, key, definer):
    assert sign_in(Client(), key, "ana").status_code == 302
    copy = Authenticator(key=key.key, id=key.id, handle=key.handle, counter=key.counter - 1)
    assert sign_in(Client(), copy, "ana").status_code == 200
    assert ("passkey_refused", "done") in audit_actions(definer)
    client = cast.client("ana")
    assert b"There may be a copy" in client.get("/account/devices").content
    definer.execute("UPDATE accounts_passkey SET sign_count = 0")  # without the stored counter the copy gets in
    assert sign_in(Client(), copy, "ana").status_code == 302


def test_a_passkey_that_never_counts_is_fine_and_one_that_stops_is_not(cast):
    cloud = add(cast.client("ana"), Authenticator(step=0))
    assert sign_in(Client(), cloud, "ana").status_code == 302
    assert sign_in(Client(), cloud, "ana").status_code == 302
    cloud.step = 5
    assert sign_in(Client(), cloud, "ana").status_code == 302
    cloud.step, cloud.counter = 0, 0
    assert sign_in(Client(), cloud, "ana").status_code == 200


def test_no_session_key_from_before_survives(cast, key):
    client = Client()
    client.cookies[configured.SESSION_COOKIE_NAME] = "planted0planted0planted0planted0"
    sign_in(client, key, "ana")
    assert client.cookies[configured.SESSION_COOKIE_NAME].value != "planted0planted0planted0planted0"


def test_a_passkey_confirms_that_it_is_she(cast, key, definer):
    client = cast.client("ana")
    stale(client, 301)
    assert b"Confirm with a passkey" in client.get("/confirm").content
    options, _sealed = asked(client, "confirm")
    assert len(options["allowCredentials"]) == 1
    refused = client.post("/confirm", fields(client, Authenticator(id=key.id), "confirm"))
    assert b"did not fit" in refused.content
    assert client.get("/account/password").status_code == 302
    form = {"next": "/account/password", **fields(client, key, "confirm")}
    assert client.post("/confirm", form).headers["Location"] == "/account/password"
    assert client.get("/account/password").status_code == 200
    stale(client, 301)
    assert client.post("/confirm", form).status_code == 200  # replayed
    assert client.get("/account/password").status_code == 302
    assert ("stepped_up", "done") in audit_actions(definer)


def test_a_colleague_s_passkey_confirms_nothing(cast, key):
    boba = cast.client("boba")
    stale(boba, 301)
    assert boba.post("/confirm", fields(boba, key, "confirm")).status_code == 200
    assert b"Confirm with a passkey" not in boba.get("/confirm").content  # she has none


def test_a_stolen_table_opens_nothing(cast, key, definer):
    """It holds ids and public halves: no byte of a private one, and the web role cannot even read it."""
    dump = str(definer.execute("SELECT * FROM accounts_passkey").fetchall())
    private = key.key.private_numbers().private_value.to_bytes(32, "big")
    assert str(private)[2:-1] not in dump
    with as_role("web") as web, pytest.raises(Exception, match="permission denied"):
        web.execute("SELECT * FROM accounts_passkey")
    stored = definer.execute("SELECT user_id, credential_id, public_key FROM accounts_passkey").fetchone()
    forged = Authenticator(id=bytes(stored[1]), handle=stored[0].bytes)
    assert sign_in(Client(), forged, "ana").status_code == 200


def test_a_public_half_put_into_the_table_still_needs_the_password(cast, key, definer):
    """Whoever writes the database directly can plant a device of her own; the password is asked all the same."""
    planted = Authenticator(handle=cast.ana.pk.bytes)
    public = cbor.encode(ES256.from_cryptography_key(planted.key.public_key()))
    definer.execute("UPDATE accounts_passkey SET credential_id = %s, public_key = %s", [planted.id, public])
    assert sign_in(Client(), planted, "ana", password="wrong wrong wrong").status_code == 200
    assert sign_in(Client(), planted, "ana").status_code == 302


_OPTIONS = {"challenge": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE", "user": {"id": "AAAA"}}
_KEY = Authenticator()
_PUBLIC = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x41\x01\x22\x41\x01"  # COSE, of a point that is none
_ANSWERS = [_KEY.create(_OPTIONS), _KEY.get(_OPTIONS)]


@pytest.mark.parametrize("part", ["rawId", "clientDataJSON", "attestationObject", "userHandle"])
def test_a_number_in_the_place_of_bytes_takes_no_memory(part):
    """Anybody may send an answer to the sign-in page; thirty billion would be thirty gigabytes."""
    for text in _ANSWERS:
        found = json.loads(text)
        (found if part == "rawId" else found["response"])[part] = 300_000_000
        shown = Shown(json.dumps(found), b"A" * 32)
        tracemalloc.start()
        try:
            assert passkeys.registered(shown) is None
            assert passkeys.credential_id(shown.answer) is None
            assert passkeys.proven_counter(shown, user_id=uuid4(), credential_id=_KEY.id, public_key=_PUBLIC) is None
            assert tracemalloc.get_traced_memory()[1] < 10_000_000
        finally:
            tracemalloc.stop()


def test_without_the_limit_it_takes_as_much_as_the_number_says(monkeypatch):
    monkeypatch.setattr(passkeys, "_small", int)
    found = json.loads(_ANSWERS[1])
    found["response"]["userHandle"] = 30_000_000
    tracemalloc.start()
    try:
        with contextlib.suppress(Exception):
            passkeys.proven_counter(
                Shown(json.dumps(found), b"A" * 32), user_id=uuid4(), credential_id=_KEY.id, public_key=_PUBLIC
            )
        assert tracemalloc.get_traced_memory()[1] > 20_000_000
    finally:
        tracemalloc.stop()


@given(st.data())
@examples(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_breaks_the_check(data):
    """Cut, flipped, nested, of another type: refused, never an exception."""
    text = data.draw(st.sampled_from(_ANSWERS))
    kind = data.draw(st.sampled_from(["cut", "flip", "json", "field", "text"]))
    if kind == "cut":
        text = text[: data.draw(st.integers(0, len(text)))]
    elif kind == "flip":
        at = data.draw(st.integers(0, len(text) - 1))
        text = text[:at] + data.draw(st.characters()) + text[at + 1 :]
    elif kind == "json":
        values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)
        text = json.dumps(data.draw(st.dictionaries(st.sampled_from(["id", "rawId", "type", "response"]), values)))
    elif kind == "field":
        found = json.loads(text)
        name = data.draw(st.sampled_from(sorted(found["response"])))
        found["response"][name] = data.draw(
            st.sampled_from(["", "gYGBgYGBgYGB", "ow", "_____w", "oWNmbXRkbm9uZQ", 7, None])
        )
        text = json.dumps(found)
    else:
        text = data.draw(st.text(max_size=200))
    shown = Shown(text, b"A" * 32)
    passkeys.registered(shown)
    passkeys.credential_id(text)
    assert factors.spent(shown)
    passkeys.proven_counter(shown, user_id=uuid4(), credential_id=_KEY.id, public_key=_PUBLIC)
