"""Spending a second factor: a code of the app, or the answer of a passkey. Each counts once, whoever asks how often."""

import hashlib
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import audit, crypto, database, passkeys, totp
from accounts.passkeys import Shown


def spend(*, found: Any, code: str, shown: Shown | None) -> UUID | None:
    """The device of a person that was shown rightly, or None; `found` is her row of app.signin_read.

    Where a passkey is shown, the code is not looked at: one try, one factor.
    """
    if shown is not None:
        return spend_passkey(user_id=found.user_id, shown=shown)
    if found.device_id is None:
        return None
    right = spend_code(device_id=found.device_id, sealed_secret=found.sealed_secret, code=code)
    return found.device_id if right else None


def spend_code(*, device_id: UUID, sealed_secret: bytes, code: str) -> bool:
    """Whether the code is right and its step fresh. Of any number of requests with one code one gets True."""
    try:
        secret = totp.unseal(sealed_secret, device_id=device_id)
    except crypto.CannotOpen:
        return False
    step = totp.matching_step(secret, code)
    if step is None:
        return False
    with transaction.atomic():
        return bool(database.value("code_accept", device_id, step))


def spend_passkey(*, user_id: UUID, shown: Shown) -> UUID | None:
    """The passkey of this person whose answer holds, or None. Of any number of requests with one answer one gets it."""
    credential = passkeys.credential_id(shown.answer)
    known = database.row("passkey_find", user_id, credential) if credential else None
    if known is None or credential is None:
        return None
    public_key = bytes(known.public_key)
    counter = passkeys.proven_counter(shown, user_id=user_id, credential_id=credential, public_key=public_key)
    if counter is None:
        return None
    with audit.unit():
        return known.id if database.value("passkey_accept", known.id, spent(shown), counter) else None


def spent(shown: Shown) -> bytes:
    """What the database keeps of a challenge that was answered."""
    return hashlib.sha256(shown.challenge or b"").digest()
