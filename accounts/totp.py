"""Time-based codes (RFC 6238: SHA-1, 30 seconds, 6 digits), their secrets sealed under TOTP_KEY outside the database."""

import base64
import secrets
import time
from urllib.parse import quote, urlencode
from uuid import UUID

import segno
from django.conf import settings
from django_otp.oath import TOTP

from accounts import crypto

STEP = 30
TOLERANCE = 1  # steps of clock difference either way


def new_secret() -> bytes:
    return secrets.token_bytes(20)


def seal(secret: bytes, *, device_id: UUID) -> bytes:
    return crypto.seal_with_key(_key(), secret, bound_to=crypto.binding("totp", device_id))


def unseal(sealed: bytes, *, device_id: UUID) -> bytes:
    return crypto.open_with_key(_key(), sealed, bound_to=crypto.binding("totp", device_id))[0]


def _key() -> bytes:
    return bytes.fromhex(settings.TOTP_KEY)[:32]


def matching_step(secret: bytes, code: str) -> int | None:
    """The time step that a typed code belongs to, or None. Whether the step is fresh is asked of the database."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    now = int(time.time()) // STEP
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if secrets.compare_digest(_code(secret, step), digits):
            return step
    return None


def _code(secret: bytes, step: int) -> str:
    totp = TOTP(secret, STEP)
    totp.time = step * STEP
    return f"{totp.token():06d}"


def current_code(secret: bytes) -> str:
    """The code a person's device shows now."""
    return _code(secret, int(time.time()) // STEP)


def typed_secret(secret: bytes) -> str:
    """The secret in groups of four for typing into an app."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def picture(secret: bytes, *, login_name: str) -> str:
    """The QR picture as inline SVG, drawn here: nothing is fetched, nothing is stored."""
    label = quote(f"{settings.HELPLINE_NAME}:{login_name}")
    query = urlencode({"secret": base64.b32encode(secret).decode(), "issuer": settings.HELPLINE_NAME})
    code = segno.make(f"otpauth://totp/{label}?{query}", error="m")
    return code.svg_inline(scale=5, border=4, svgclass="qr", lineclass=None, omitsize=False, dark="#000", light="#fff")
