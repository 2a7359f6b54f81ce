"""The people that every test knows. They are invited, enrolled and vouched for by the real services.

Where a test begins as another did within the last minute, their rows are put back: see tests/remembered.py.

Vera administers. Ana and Boba are the intake team. Ceca is a caseworker outside intake. Lana and Ljilja are lawyers.
Koka coordinates.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from uuid import UUID, uuid4

import psycopg
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone

from accounts import actor, audit, crypto, database, totp
from accounts.backend import SignedInBackend
from accounts.keyring import Keyring
from accounts.models import PublicKey, Team, User
from accounts.services import people, sign_in, teams
from accounts.sessions import SessionStore
from tests import remembered

PASSWORD = "vrbak malina sedam kolo"
ROLES = {
    "vera": ["administrator"],
    "ana": ["caseworker"],
    "boba": ["caseworker"],
    "ceca": ["caseworker"],
    "lana": ["lawyer"],
    "ljilja": ["lawyer"],
    "koka": ["coordinator"],
}


@dataclass
class Person:
    """Somebody of the cast, with what only she knows."""

    user: User
    totp_secret: bytes
    recovery_code: str
    session_hash: str

    @cached_property
    def keyring(self) -> Keyring:
        found = database.row("signin_read", self.user.login_name)
        sealed, how, bound_to = sign_in._keybox(found)
        private, _schema = crypto.open_with_key(crypto.password_key(PASSWORD, how), sealed, bound_to=bound_to)
        return Keyring(user_id=self.user.pk, private_key=private)


def _session(user_id: UUID) -> str:
    """A session as signing in leaves it; returns its hash."""
    store = SessionStore()
    store[SESSION_KEY] = str(user_id)
    store.create()
    with audit.outer_transaction():
        actor.act_as(user_id=user_id, session_hash=store.session_hash)
        database.value("session_stepped_up")  # signing in counts
    return store.session_hash


class Cast:
    """Enrolled lazily: a test pays for the people it uses."""

    def __init__(self, tables: list[str]) -> None:
        self._people: dict[str, Person] = {}
        self._tables = tables

    def __getattr__(self, name: str) -> User:
        if name.startswith("_") or name not in ROLES:
            raise AttributeError(name)
        return self.person(name).user

    def person(self, name: str) -> Person:
        if name not in self._people:
            self._step(name, self._first if name == "vera" else lambda: self._enrolled(name))
        return self._people[name]

    def _step(self, name: str, make: Callable[[], None]) -> None:
        remembered.step(f"{name} {PASSWORD}", self._people, make, self._tables)

    def _first(self) -> None:
        self._enrol("vera", *_invite_first())

    def _enrolled(self, name: str) -> None:
        with self.acting("vera") as vera:
            user_id, token = people.invite(
                login_name=name,
                display_name=name.title(),
                roles=ROLES[name],
                language="en",
                address=f"{name}@example.org",
                by=vera,
            )
        self._enrol(name, user_id, token)

    def _enrol(self, name: str, user_id: UUID, token: str) -> None:
        secret = totp.new_secret()
        code = people.enrol(token=token, user_id=user_id, password=PASSWORD, totp_secret=secret, totp_step=-1)
        user = SignedInBackend().get_user(user_id)
        self._people[name] = Person(user=user, totp_secret=secret, recovery_code=code, session_hash=_session(user_id))

    def again(self, name: str) -> None:
        """Her sessions were ended, as by a wall: she signs in anew."""
        person = self.person(name)
        person.session_hash = _session(person.user.pk)

    @contextmanager
    def acting(self, name: str) -> Iterator[User]:
        """A transaction in which she acts, with her keyring open."""
        person = self.person(name)
        with audit.outer_transaction():
            actor.act_as(user_id=person.user.pk, session_hash=person.session_hash)
            person.user.keyring = person.keyring
            yield person.user

    def vouch(self, voucher: str, vouched: str) -> None:
        self.person(vouched)
        with self.acting(voucher) as by:
            key = PublicKey.objects.get(user=self._people[vouched].user)
            people.vouch(key=key, fingerprint=bytes(key.fingerprint), by=by)

    def intake(self) -> None:
        """Ana makes both teams; she vouches for Boba, Boba for her; Boba joins both."""
        self._step("intake", self._intake)

    def _intake(self) -> None:
        self.person("boba")
        with self.acting("ana") as ana:
            teams.create_team(kind="intake", by=ana)
            teams.create_team(kind="restricted", by=ana)
        self.vouch("ana", "boba")
        for kind in ("intake", "restricted"):
            with self.acting("ana") as ana:
                teams.add_member(team=Team.objects.get(kind=kind), person=self.boba, by=ana)
        self.vouch("boba", "ana")

    def client(self, name: str) -> Client:
        """A browser signed in through the real form; the code of this half-minute counts once more."""
        person = self.person(name)
        _fresh_code(person.user.pk)
        client = Client()
        response = client.post(
            "/sign-in", {"login_name": name, "password": PASSWORD, "code": totp.current_code(person.totp_secret)}
        )
        assert response.status_code == 302, response.content[:500]
        return client


def _fresh_code(user_id: UUID) -> None:
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f'SET ROLE "{os.environ["DATABASE_ROLE_PREFIX"]}_definer"')
        owner.execute("UPDATE accounts_totpdevice SET last_step = -1 WHERE user_id = %s", [user_id])


def _invite_first() -> tuple[UUID, str]:
    """The first administrator, as manage.py bootstrap invites her: on the owner's connection."""
    person, token = uuid4(), secrets.token_urlsafe(32)
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
        owner.execute(
            "SELECT app.person_invite(%s, 'vera', 'Vera', '{administrator}', 'en', 'vera@example.org', %s, %s)",
            [person, people.token_hash(token), timezone.now() + timedelta(days=1)],
        )
    return person, token
