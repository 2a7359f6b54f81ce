"""The house in which is measured: a fresh database, people who work through the real services, many cases."""

import os
import subprocess
import sys
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from accounts import actor, crypto, totp
from accounts.demo import demo_totp_secret
from accounts.sessions import hashed
from cases.services.requests import NewRequest, log_request
from config.bench.scale import fill
from config.database.definer import definer, owner
from config.demo.acting import Players
from config.demo.people import PASSWORD, Account

ADMINISTRATOR = Account("warden", "Warden", ("administrator",), "en", "")
STAFF = (
    Account("hundred", "Hundred", ("caseworker",), "en", ""),
    Account("half", "Half", ("caseworker",), "en", ""),
    Account("advocate", "Advocate", ("lawyer",), "en", ""),
    Account("board", "Board", ("coordinator",), "en", ""),
)
# Signs in with the derivations of production: passes, memory in KiB, lanes (config/settings.py, Django's hasher).
SIGNER = Account("signer", "Signer", ("caseworker",), "en", "")
PRODUCTION_DERIVATION = (4, 128 * 1024, 1)
PRODUCTION = {
    "KEY_DERIVATION": PRODUCTION_DERIVATION,
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
}
PARAMETERS = (
    f"Argon2id twice: key t={PRODUCTION_DERIVATION[0]} m={PRODUCTION_DERIVATION[1] // 1024} MiB p={PRODUCTION_DERIVATION[2]},"
    f" password t={Argon2PasswordHasher.time_cost} m={Argon2PasswordHasher.memory_cost // 1024} MiB"
    f" p={Argon2PasswordHasher.parallelism}"
)
REQUESTS = 500
HOST = "127.0.0.1"


class Unexpected(Exception):
    """A page did not answer as it should: nothing measured would mean anything."""


class House:
    """Built once for a run of measurements."""

    def __init__(self, *, cases: int, users: int) -> None:
        self.cases, self.users = cases, users
        _migrate()
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        self.players = Players()
        self._people()
        fill(cases=cases, users=users, hundred="hundred", half="half")
        for _request in range(REQUESTS):
            with self.players.acting("hundred") as by:
                self.request_code = log_request(new=new_request(), by=by)
        self._browsers: dict[str, Client] = {}

    def _people(self) -> None:
        person, token = uuid4(), uuid4().hex
        until = timezone.now() + timedelta(days=1)
        with owner() as connection:
            connection.execute(
                "SELECT app.person_invite(%s, %s, %s, %s, 'en', %s, %s, %s)",
                [
                    *(person, ADMINISTRATOR.login_name, ADMINISTRATOR.display_name, list(ADMINISTRATOR.roles)),
                    *(ADMINISTRATOR.address, crypto.token_hash(token), until),
                ],
            )
        self.players.enrol(ADMINISTRATOR, user_id=person, token=token)
        for account in STAFF:
            user_id, token = self.players.invite(account, by=ADMINISTRATOR.login_name)
            self.players.enrol(account, user_id=user_id, token=token)
        user_id, token = self.players.invite(SIGNER, by=ADMINISTRATOR.login_name)
        with override_settings(**PRODUCTION):
            self.players.enrol(SIGNER, user_id=user_id, token=token)
        self.players.set_up_intake("hundred", "half")
        self.players.vouch("advocate", by="half")

    def browser(self, name: str) -> Client:
        """A browser signed in through the form; without a name one in which nobody is."""
        if name not in self._browsers:
            self._browsers[name] = Client(SERVER_NAME=HOST)
            if name:
                self.sign_in(self._browsers[name], name)
        return self._browsers[name]

    def sign_in(self, browser: Client, name: str) -> None:
        code = totp.current_code(demo_totp_secret(name))
        typed = {"login_name": name, "password": PASSWORD, "code": code}
        expect(302, browser.post("/sign-in", typed))

    def forget_code(self, name: str) -> None:
        """Let a code count once more: the rule of one sign-in in thirty seconds is not what is measured."""
        with definer() as connection:
            query = "UPDATE accounts_totpdevice SET last_step = -1 WHERE user_id = %s"
            connection.execute(query, [self.players.user(name).pk])

    @cached_property
    def hundred_cases(self) -> list[str]:
        """Codes of the cases that `hundred` leads; the first has a thousand notes, the second a hundred."""
        with definer() as connection:
            found = connection.execute(
                "SELECT c.code FROM cases_case c JOIN cases_assignment a ON a.case_id = c.id AND a.role = 'lead'"
                " WHERE a.user_id = %s ORDER BY (SELECT count(*) FROM cases_note n WHERE n.case_id = c.id) DESC, c.id",
                [self.players.user("hundred").pk],
            ).fetchall()
        return [code for (code,) in found]

    def ask(self, query: str, *arguments: object) -> UUID:
        """One id, as the definer: for addresses of pages."""
        with definer() as connection:
            found = connection.execute(query, arguments).fetchone()
        if found is None:
            raise Unexpected(query)
        return found[0]

    def web(self, name: str) -> psycopg.Connection:
        """A connection as role web in which a signed-in person acts, in an open transaction."""
        connection = psycopg.connect(os.environ["DATABASE_URL"])
        key = self.browser(name).cookies[settings.SESSION_COOKIE_NAME].value
        context = actor.sign(
            user_id=self.players.user(name).pk,
            session_hash=hashed(key),
            backend=connection.info.backend_pid,
            expires=int(timezone.now().timestamp()) + 600,
        )
        connection.execute("SELECT set_config('app.ctx', %s, true)", [context])
        return connection


def expect(status: int, answer: Any) -> None:
    """Raises Unexpected unless a browser was answered so."""
    if answer.status_code != status:
        raise Unexpected(f"{answer.request['PATH_INFO']} answered {answer.status_code}, not {status}")


def new_request() -> NewRequest:
    """A request as it is typed on the phone."""
    return NewRequest(
        nonce=uuid4(),
        restricted=False,
        channel="phone",
        language="sr",
        about="self",
        minor="no",
        in_danger_now=False,
        thinks_of_ending_life=False,
        received_at=timezone.now(),
        words="She asks what she can do. " * 20,
        contacts={"phone": "+381 60 000 00 00"},
    )


def _migrate() -> None:
    environment = {**os.environ, "SIDRO_PROCESS": "owner"}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True, stdout=sys.stderr)  # noqa: S603 - this very program
