"""People who work through the real services from a command: enrolled, signed in, acting in transactions of their own.

Used by the demo and by the measurements, in a process of the staff site under role web. No rule is left out for them.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django_otp.oath import TOTP

from accounts import actor, audit, totp
from accounts.backend import SignedInBackend
from accounts.choices import TeamKind
from accounts.demo import demo_totp_secret
from accounts.keyring import Keyring
from accounts.models import PublicKey, Team, User
from accounts.services import people, sign_in, teams
from accounts.sessions import SessionStore
from config.demo.people import PASSWORD, Account

TRIES = 3


@dataclass(frozen=True)
class Player:
    """Somebody with a live session and her key open."""

    user: User
    session: SessionStore
    keyring: Keyring


class Players:
    """Everybody who has enrolled so far, by sign-in name."""

    def __init__(self) -> None:
        self._players: dict[str, Player] = {}

    def enrol(self, account: Account, *, user_id: UUID, token: str) -> None:
        """Use an invitation, with the demo password and a second factor that `demo_code` can show; then sign in."""
        secret = demo_totp_secret(account.login_name)
        people.enrol(token=token, user_id=user_id, password=PASSWORD, totp_secret=secret, totp_step=-1)
        session = SessionStore()
        session[SESSION_KEY] = str(user_id)
        session.create()
        proven = _prove(account.login_name, secret)
        user = SignedInBackend().get_user(user_id)
        if user is None:
            raise RuntimeError(f"{account.login_name} did not enrol")
        self._players[account.login_name] = Player(user, session, Keyring(user_id, proven.private_key))

    def invite(self, account: Account, *, by: str) -> tuple[UUID, str]:
        """An invitation by an administrator: id and token."""
        with self.acting(by) as administrator:
            return people.invite(
                login_name=account.login_name,
                display_name=account.display_name,
                roles=list(account.roles),
                language=account.language,
                address=account.address,
                by=administrator,
            )

    @contextmanager
    def acting(self, login_name: str) -> Iterator[User]:
        """A transaction in which she acts, with her keyring open."""
        player = self._players[login_name]
        with audit.outer_transaction():
            actor.act_as(user_id=player.user.pk, session_hash=player.session.session_hash)
            player.user.keyring = player.keyring
            yield player.user

    def has(self, login_name: str) -> bool:
        return login_name in self._players

    def names(self) -> list[str]:
        return list(self._players)

    def user(self, login_name: str) -> User:
        return self._players[login_name].user

    def vouch(self, login_name: str, *, by: str) -> None:
        """She has read the words of her key to `by`."""
        with self.acting(by) as voucher:
            key = PublicKey.objects.get(user=self.user(login_name), retired_at__isnull=True)
            people.vouch(key=key, fingerprint=bytes(key.fingerprint), by=voucher)

    def set_up_intake(self, first: str, second: str, more: Iterable[str] = ()) -> None:
        """Both intake teams with two members who vouched for each other: from now on requests become cases.

        `more` are members of the ordinary team only.
        """
        with self.acting(first) as founder:
            teams.set_up(by=founder)
        self.vouch(second, by=first)
        with self.acting(first) as founder:
            for team in Team.objects.filter(retired_at__isnull=True):
                teams.add_member(team=team, person=self.user(second), by=founder)
        self.vouch(first, by=second)
        for name in more:
            self.vouch(name, by=first)
            with self.acting(first) as founder:
                team = Team.objects.get(retired_at__isnull=True, kind=TeamKind.INTAKE)
                teams.add_member(team=team, person=self.user(name), by=founder)

    def leave(self) -> None:
        """End all sessions."""
        for player in self._players.values():
            player.session.delete()


def _prove(login_name: str, secret: bytes) -> sign_in.Proven:
    """Sign in with the code of the step before, so that whoever comes first can use the present one."""
    for _try in range(TRIES):
        code = TOTP(secret, totp.STEP)
        code.time = time.time() - totp.STEP
        found = sign_in.prove(login_name=login_name, password=PASSWORD, code=f"{code.token():06d}", address="console")
        if isinstance(found, sign_in.Proven):
            return found
    raise RuntimeError(f"{login_name} could not sign in")
