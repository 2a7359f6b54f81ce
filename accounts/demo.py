"""What only a practice installation has: second factors that can be made again from a name."""

import hashlib

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def demo_totp_secret(login_name: str) -> bytes:
    """The secret of a demo account's second factor, 20 bytes. Raises ImproperlyConfigured in production."""
    if settings.SIDRO_MODE not in {"demo", "test"}:
        raise ImproperlyConfigured("demo accounts exist in a practice installation only")
    return hashlib.sha256(f"sidro demo second factor: {login_name}".encode()).digest()[:20]
