"""What only a practice installation has: second factors and keepers' codes that can be made again from a name."""

import hashlib

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts import crypto


def demo_totp_secret(login_name: str) -> bytes:
    """The secret of a demo account's second factor, 20 bytes. Raises ImproperlyConfigured in production."""
    return _made_of(f"second factor: {login_name}")[:20]


def demo_keeper_code(name: str) -> str:
    """The code on the paper of a demo key keeper. Raises ImproperlyConfigured in production."""
    return crypto.code_of(_made_of(f"key keeper: {name}"))


def _made_of(text: str) -> bytes:
    if settings.SIDRO_MODE not in {"demo", "test"}:
        raise ImproperlyConfigured("demo accounts exist in a practice installation only")
    return hashlib.sha256(f"sidro demo {text}".encode()).digest()
