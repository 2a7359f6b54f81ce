"""Signing in: one form with name, password and second factor, one answer, one time.

Read shortly, calculate with no transaction open, write shortly. A name nobody has takes the same steps as one that
exists. Throttling is by account together with address, so that nobody who knows names can lock people out.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID, uuid4

from django.conf import settings

from accounts import actor, audit, crypto, database
from accounts.choices import Action
from accounts.models import User
from accounts.passkeys import Shown
from accounts.services import factors, proofs


@dataclass(frozen=True)
class Proven:
    """A person who proved all three, with her private key opened; `device_id` is what she showed."""

    user_id: UUID
    device_id: UUID
    private_key: bytes


@dataclass(frozen=True)
class Refusal:
    """One answer for every reason; `wait` are seconds until the next try counts, 0 if at once."""

    wait: int = 0


def bucket(login_name: str, place: str) -> bytes:
    """The counter of one account from one place (an address or a known device): a keyed hash that names nobody."""
    text = crypto.binding("throttle", login_name.casefold(), place)
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()


def prove(
    *, login_name: str, password: str, code: str, address: str, known_device: str = "", shown: Shown | None = None
) -> Proven | Refusal:
    """Check password and second factor together. The factor is looked at only when the password was right.

    `shown`: a passkey in place of the code; the password opens the key all the same.
    `known_device`: the id of a browser that has signed this person in before. It has a counter of its own, so that
    wrong answers from elsewhere never make her wait.
    """
    counter = bucket(login_name, f"device {known_device}" if known_device else address)
    if wait := database.value("throttle_take", counter):
        return Refusal(wait=wait)
    if len(password) > crypto.MAX_SECRET_LENGTH or len(login_name) > 60 or "\0" in login_name:
        return _refuse(None)
    found = database.row("signin_read", login_name)
    fits = proofs.password_fits(
        password, found.password_hash if found else _dummy_hash(), version=found.pepper_version if found else _version()
    )
    private_key = _unlock(found, password)
    if found is None or not fits or private_key is None:
        return _refuse(found.user_id if found else None)
    device_id = factors.spend(found=found, code=code, shown=shown)
    if device_id is None:
        return _refuse(found.user_id)
    with audit.unit() as entries:
        database.value("throttle_clear", counter)
        entries.record(Action.SIGNED_IN, found.user_id)
    return Proven(user_id=found.user_id, device_id=device_id, private_key=private_key)


def confirm(*, user: User, session_hash: str, code: str, address: str, shown: Shown | None = None) -> Refusal | None:
    """Confirm it is she: the second factor again, a code or a passkey. Wrong ones are counted and stay counted.

    Call it with no transaction open; None means yes. Counting by account and address, apart from the sign-in page.
    """
    counter = bucket(f"confirm {user.login_name}", address)
    if wait := database.value("throttle_take", counter):
        return Refusal(wait=wait)
    found = database.row("signin_read", user.login_name)
    right = bool(found) and factors.spend(found=found, code=code, shown=shown) is not None
    with audit.outer_transaction():
        actor.act_as(user_id=user.pk, session_hash=session_hash)
        with audit.unit() as entries:
            if right:
                database.value("throttle_clear", counter)
                database.value("session_stepped_up")
            entries.record(Action.STEPPED_UP if right else Action.SIGN_IN_REFUSED, user.pk)
    return None if right else Refusal()


def knows_password(*, user: User, password: str, address: str) -> Refusal | None:
    """Whether she knows her present password; None means yes. Counted like signing in. With no transaction open."""
    counter = bucket(f"password {user.login_name}", address)
    if wait := database.value("throttle_take", counter):
        return Refusal(wait=wait)
    found = database.row("signin_read", user.login_name)
    if found is None or not proofs.password_fits(password, found.password_hash, version=found.pepper_version):
        return Refusal()
    database.value("throttle_clear", counter)
    return None


def _unlock(found: object, password: str) -> bytes | None:
    """Open the private key; for an unknown name the same work on a key of nobody."""
    sealed, how, bound_to = _keybox(found) if found else _dummy_keybox()
    try:
        return crypto.open_with_key(crypto.password_key(password, how), sealed, bound_to=bound_to)[0]
    except crypto.CannotOpen:
        return None


def _keybox(found) -> tuple[bytes, crypto.Derivation, bytes]:
    how = crypto.Derivation(bytes(found.salt), found.passes, found.memory_kib, found.lanes, found.key_pepper_version)
    return bytes(found.sealed_by_password), how, proofs.key_binding(found.user_id, "password")


@lru_cache(maxsize=1)
def _dummy_keybox() -> tuple[bytes, crypto.Derivation, bytes]:
    return bytes([crypto.ALGORITHM_KEY, 1]) + bytes(60), crypto.Derivation.fresh(), crypto.binding("nobody", uuid4())


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return proofs.hash_password(str(uuid4()), version=_version())


def _version() -> int:
    return max(map(int, settings.PASSWORD_PEPPERS))


def _refuse(user_id: UUID | None) -> Refusal:
    with audit.unit() as entries:
        entries.record(Action.SIGN_IN_REFUSED, user_id or "")
    return Refusal()
