"""What several tests of this folder do."""

import re

import psycopg
from django.test import Client

from accounts import totp
from tests.cast import PASSWORD, Cast

FORM = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"')


def sign_in(client: Client, person: object, *, password: str = PASSWORD, code: str | None = None, **extra: str):
    """Post the sign-in form as somebody of the cast."""
    name = getattr(person, "login_name", None) or person.user.login_name
    secret = getattr(person, "totp_secret", b"x" * 20)
    typed = {"login_name": name, "password": password, "code": code or totp.current_code(secret)}
    headers = {key: extra.pop(key) for key in ("REMOTE_ADDR",) if key in extra}
    return client.post("/sign-in", {**typed, **extra}, **headers)


def fresh_codes(definer: psycopg.Connection) -> None:
    """As if half a minute had passed for everybody's phone: the code of this moment counts once more."""
    definer.execute("UPDATE accounts_totpdevice SET last_step = -1")


def kept_in(response: object) -> str:
    """What a page carries of what was typed: sealed to whoever typed it."""
    found = re.search(rb'name="carried" value="([^"]+)"', response.content)
    return found[1].decode() if found else ""


def wrong(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def without_tokens(body: bytes) -> bytes:
    return FORM.sub(b"", body)


def audit_actions(definer: psycopg.Connection) -> list[tuple]:
    return definer.execute("SELECT action, outcome FROM accounts_auditevent ORDER BY sequence").fetchall()


def set_session(client: Client, **values: object) -> None:
    """Change what is stored in a client's session, keeping its key."""
    store = client.session
    for name, value in values.items():
        store[name] = value
    store.save()


def stale(client: Client, seconds: int) -> None:
    """As if the second factor had been shown so many seconds earlier."""
    set_session(client, stepped_up_at=client.session["stepped_up_at"] - seconds)


def client_of(cast: Cast, definer: psycopg.Connection, name: str) -> Client:
    """Another browser of the same person."""
    cast.person(name)
    fresh_codes(definer)
    return cast.client(name)
