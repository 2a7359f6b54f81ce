"""Django's Argon2 hasher (RFC 9106), lighter outside production, and never re-hashing by itself.

Django would re-hash at sign-in with a save that the web role may not make; here a hash is renewed with the password.
"""

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id over the peppered password."""

    if not settings.PRODUCTION:
        time_cost, memory_cost, parallelism = 1, 1024, 1

    def must_update(self, encoded: str) -> bool:
        return False
