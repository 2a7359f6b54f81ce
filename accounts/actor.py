"""Who acts, told to PostgreSQL in a form that nobody who can only write SQL can forge.

`app.ctx` is `user.session-hash.expiry.backend.hmac`: HMAC-SHA256 (RFC 2104) under CONTEXT_KEY. PostgreSQL checks it
in app.uid(): the same backend, not expired, an active person, exactly that live session.
"""

import hashlib
import hmac
import time
from uuid import UUID

from django.conf import settings

from accounts import database

LIFETIME = 60  # seconds: the longest statement plus a margin; renewed with each transaction


def sign(*, user_id: UUID, session_hash: str, backend: int, expires: int) -> str:
    message = f"{user_id}.{session_hash}.{expires}.{backend}"
    key = bytes.fromhex(settings.CONTEXT_KEY)[:64]
    return f"{message}.{hmac.new(key, message.encode(), hashlib.sha256).hexdigest()}"


def act_as(*, user_id: UUID, session_hash: str) -> None:
    """Make this transaction act as a person in one of her live sessions. Needs an open transaction."""
    if not database.in_transaction():
        raise RuntimeError("an actor belongs to a transaction")
    expires = int(time.time()) + LIFETIME
    signed = sign(user_id=user_id, session_hash=session_hash, backend=database.backend_pid(), expires=expires)
    database.set_local("app.ctx", signed)
