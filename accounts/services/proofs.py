"""What proves who a person is, made in one piece: password hash, second factor, sealed private key, recovery code.

Everything here takes time and memory: call it with no transaction open.
"""

import hashlib
import uuid
from dataclasses import dataclass

from django.contrib.auth.hashers import get_hasher

from accounts import crypto, totp


def key_binding(user_id: uuid.UUID, kind: str) -> bytes:
    """Where a sealed private key belongs: to one person, opened by `password` or `recovery`."""
    return crypto.binding("private", user_id, kind)


def recovery_proof(code: str, *, user_id: uuid.UUID) -> bytes:
    """32 bytes that only the printed code can show; the database keeps their SHA-256. Raises ValueError."""
    return hashlib.sha256(crypto.binding("recovery proof") + crypto.recovery_key(code, user_id=user_id)).digest()


@dataclass(frozen=True)
class NewProof:
    """The columns to be stored, and the recovery code to be shown once."""

    columns: dict[str, object]
    recovery_code: str


def make_proof(
    *,
    user_id: uuid.UUID,
    password: str,
    private_key: bytes,
    totp_secret: bytes | None = None,
    totp_step: int = -1,
    device_id: uuid.UUID | None = None,
) -> NewProof:
    """Seal a private key under a new password and a new recovery code; with a secret also a second factor."""
    how, code = crypto.Derivation.fresh(), crypto.new_recovery_code()
    columns: dict[str, object] = {
        "password_hash": hash_password(password, version=how.pepper_version),
        "pepper_version": how.pepper_version,
        **_by_password(user_id, password, private_key, how),
        **_by_recovery(user_id, code, private_key),
    }
    if totp_secret is not None and device_id is not None:
        columns["device_id"] = str(device_id)
        columns["sealed_secret"] = totp.seal(totp_secret, device_id=device_id).hex()
        columns["last_step"] = totp_step
    return NewProof(columns, code)


def _by_password(user_id: uuid.UUID, password: str, private_key: bytes, how: crypto.Derivation) -> dict[str, object]:
    key = crypto.password_key(password, how)
    return {
        "sealed_by_password": crypto.seal_with_key(key, private_key, bound_to=key_binding(user_id, "password")).hex(),
        "salt": how.salt.hex(),
        "passes": how.passes,
        "memory_kib": how.memory_kib,
        "lanes": how.lanes,
        "key_pepper_version": how.pepper_version,
    }


def _by_recovery(user_id: uuid.UUID, code: str, private_key: bytes) -> dict[str, object]:
    key = crypto.recovery_key(code, user_id=user_id)
    return {
        "sealed_by_recovery": crypto.seal_with_key(key, private_key, bound_to=key_binding(user_id, "recovery")).hex(),
        "recovery_check": hashlib.sha256(recovery_proof(code, user_id=user_id)).hexdigest(),
    }


def hash_password(password: str, *, version: int) -> str:
    with crypto.behind_the_semaphore():
        hasher = get_hasher()
        return hasher.encode(crypto.peppered(password, version=version), hasher.salt())


def password_fits(password: str, encoded: str, *, version: int) -> bool:
    with crypto.behind_the_semaphore():
        return get_hasher().verify(crypto.peppered(password, version=version), encoded)
