"""The private key of the person who acts, open for one request.

At rest it is sealed under a random key that only her browser holds, in a cookie; the row dies with the session.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse

from accounts import crypto, database
from accounts.exceptions import KeyLocked
from accounts.requests import StaffRequest


@dataclass(frozen=True)
class Keyring:
    """Opens what was sealed to this person."""

    user_id: UUID
    private_key: bytes

    def open(self, envelope: bytes, *, bound_to: bytes) -> bytes:
        """Raises crypto.CannotOpen."""
        return crypto.open_as_person(self._half, envelope, bound_to=bound_to)[0]

    @cached_property
    def _half(self) -> Any:
        return crypto.private_half(self.private_key)

    def __repr__(self) -> str:
        return "<Keyring>"


def _bound_to(user_id: UUID, session_hash: str) -> bytes:
    return crypto.binding("unlocked", user_id, session_hash)


def store(*, response: HttpResponse, user_id: UUID, session_hash: str, private_key: bytes) -> None:
    """Keep the key for this session: the sealed key goes into the table, what opens it into the cookie."""
    key = crypto.new_key()
    database.value(
        "unlocked_key_store", crypto.seal_with_key(key, private_key, bound_to=_bound_to(user_id, session_hash))
    )
    response.set_cookie(
        settings.UNLOCK_COOKIE_NAME, key.hex(), httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Strict"
    )


def from_request(request: StaffRequest) -> Keyring:
    """The keyring of a request. Raises KeyLocked where cookie or row is missing or they do not fit."""
    sealed = database.value("unlocked_key_read")
    cookie = request.COOKIES.get(settings.UNLOCK_COOKIE_NAME, "")
    if sealed is None:
        raise KeyLocked
    user_id = request.user.pk
    try:
        key = bytes.fromhex(cookie)
        private_key, _schema = crypto.open_with_key(
            key, sealed, bound_to=_bound_to(user_id, request.session.session_hash)
        )
    except (ValueError, crypto.CannotOpen) as error:
        raise KeyLocked from error
    return Keyring(user_id=user_id, private_key=private_key)
