"""Sessions in PostgreSQL under the hash of their key, reached by functions only.

The data is signed with the hash as salt: a row copied under another hash is no session.
"""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.utils import timezone

from accounts import database


def hashed(session_key: str | None) -> str:
    return hashlib.sha256((session_key or "").encode()).hexdigest()


class SessionStore(SessionBase):
    """Keeps what Django keeps in a session; the browser holds the key, the table its SHA-256."""

    background = False  # a request that the page made by itself: it does not extend the idle limit

    @property
    def session_hash(self) -> str:
        return hashed(self.session_key)

    @property
    def key_salt(self) -> str:
        return f"accounts.sessions.{self.session_hash}"

    def get_expire_at_browser_close(self) -> bool:
        """Always: the cookie has no age of its own, or it would end her session while she works. Limits are in the row."""
        return True

    def load(self) -> dict:
        """Read and, unless the page asked by itself, extend the idle limit."""
        extend = 0 if self.background else settings.SESSION_COOKIE_AGE
        data = database.value("session_read", self.session_hash, extend, settings.SESSION_ABSOLUTE_AGE)
        if data is None:
            self._session_key = None
            return {}
        return self.decode(data)

    def exists(self, session_key: str) -> bool:
        return bool(database.value("session_exists", hashed(session_key)))

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # missing in the stubs
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # missing in the stubs
        expires = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        stored = database.value(
            "session_write", self.session_hash, data.get(SESSION_KEY), self.encode(data), expires, must_create
        )
        if not stored:
            raise CreateError if must_create else UpdateError

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            database.value("session_delete", hashed(key))
