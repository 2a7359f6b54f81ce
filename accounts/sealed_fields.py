"""Hidden form fields that only this site can read and that grow old: a page can carry what is stored nowhere.

Sealed under TOTP_KEY and bound to a purpose and a place, such as one invitation.
"""

import base64
import binascii
import json
import time
from typing import Any

from django.conf import settings

from accounts import crypto

AGE = 60 * 60  # seconds


def seal(content: dict[str, Any], *, purpose: str, place: object = "") -> str:
    body = json.dumps({"at": int(time.time()), "content": content}).encode()
    sealed = crypto.seal_with_key(_key(), body, bound_to=crypto.binding("field", purpose, place))
    return base64.urlsafe_b64encode(sealed).decode()


def unseal(text: str, *, purpose: str, place: object = "", age: int | None = None) -> dict[str, Any] | None:
    """What was sealed for this purpose and place within the last hour (or `age` seconds), or None."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode())
        body, _schema = crypto.open_with_key(_key(), sealed, bound_to=crypto.binding("field", purpose, place))
    except (ValueError, binascii.Error, crypto.CannotOpen):
        return None
    found = json.loads(body)
    return found["content"] if 0 <= time.time() - found["at"] <= (AGE if age is None else age) else None


def _key() -> bytes:
    return bytes.fromhex(settings.TOTP_KEY)[:32]
