"""Passkeys and security keys (WebAuthn level 2): what a browser is asked for, and whether its answer holds.

The only module that imports `fido2`. It checks the ceremony: type, challenge, origin, site, presence, signature. Whose
credential it is, that a challenge counts once, and that the counter grows, is asked of the database.
"""

import json
import struct
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

AGE = 5 * 60  # seconds a challenge is good for
LONGEST_ANSWER = 8000  # characters
LONGEST_ID = 1023  # bytes, as the standard says
ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256: what keys and platforms in use can do
_PUBLIC_KEY = PublicKeyCredentialType.PUBLIC_KEY
_PREFERRED = UserVerificationRequirement.PREFERRED
# All that the library raises on an answer that is not one.
_MALFORMED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    NotImplementedError,
    AssertionError,
    struct.error,
)


@dataclass(frozen=True)
class Shown:
    """What a browser sent back, and the challenge it was given here; None where that was not ours or is too old."""

    answer: str
    challenge: bytes | None


@dataclass(frozen=True)
class NewKey:
    """A credential that was just made."""

    credential_id: bytes
    public_key: bytes  # COSE, as the authenticator gave it
    counter: int


def offered_here(request: HttpRequest) -> bool:
    """Whether this page is one where a passkey can work: browsers ask for a name and a secure line, or localhost."""
    return f"{request.scheme}://{request.get_host()}" in settings.PASSKEY_ORIGINS


def where() -> str:
    """The address under which passkeys work; nothing where there is none, because browsers take no number for a name."""
    numbers = settings.PASSKEY_RP_ID.replace(".", "").isdigit() or ":" in settings.PASSKEY_RP_ID
    return settings.PASSKEY_ORIGINS[0] if settings.PASSKEY_RP_ID and not numbers else ""


def creation_options(*, challenge: bytes, user_id: UUID, login_name: str, known: list[bytes]) -> dict[str, Any]:
    """What the browser is told when a passkey is made. It must be found without a name, and proves no maker."""
    person = PublicKeyCredentialUserEntity(id=user_id.bytes, name=login_name, display_name=login_name)
    options, _state = _server().register_begin(
        person,
        _described(known),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_PREFERRED,
        challenge=challenge,
    )
    return dict(options.public_key)


def request_options(*, challenge: bytes, allowed: list[bytes]) -> dict[str, Any]:
    """What the browser is told when a passkey is to be shown; nothing is named before we know who asks."""
    options, _state = _server().authenticate_begin(
        _described(allowed), user_verification=_PREFERRED, challenge=challenge
    )
    return dict(options.public_key)


def registered(shown: Shown) -> NewKey | None:
    """The new credential, or None where the answer does not hold."""
    if shown.challenge is None:
        return None
    try:
        made = _server().register_complete(_state(shown.challenge), _parsed(shown.answer))
    except _MALFORMED:
        return None
    found = made.credential_data
    if found is None or found.public_key.get(3) not in ALGORITHMS or not 0 < len(found.credential_id) <= LONGEST_ID:
        return None
    return NewKey(bytes(found.credential_id), cbor.encode(dict(found.public_key)), made.counter)


def credential_id(answer: str) -> bytes | None:
    """Which credential an answer says it comes from; nothing is proved yet."""
    try:
        found = websafe_decode(_parsed(answer)["rawId"])
    except _MALFORMED:
        return None
    return found if 0 < len(found) <= LONGEST_ID else None


def proven_counter(shown: Shown, *, user_id: UUID, credential_id: bytes, public_key: bytes) -> int | None:
    """The counter of an answer that holds for this person's credential, or None."""
    if shown.challenge is None:
        return None
    try:
        key = CoseKey.parse(cbor.decode(public_key))  # type: ignore[arg-type]  # what we stored is a map
        known = AttestedCredentialData.create(Aaguid.NONE, credential_id, key)
        answer = AuthenticationResponse.from_dict(_parsed(shown.answer))
        _server().authenticate_complete(_state(shown.challenge), [known], answer)
        handle = answer.response.user_handle
    except _MALFORMED:
        return None
    return answer.response.authenticator_data.counter if handle in (None, b"", user_id.bytes) else None


def _server() -> Fido2Server:
    site = PublicKeyCredentialRpEntity(name=settings.HELPLINE_NAME, id=settings.PASSKEY_RP_ID)
    server = Fido2Server(site, AttestationConveyancePreference.NONE, verify_origin=_is_ours)
    server.timeout = AGE * 1000  # type: ignore[assignment]  # declared without a type
    server.allowed_algorithms = [PublicKeyCredentialParameters(type=_PUBLIC_KEY, alg=alg) for alg in ALGORITHMS]
    return server


def _is_ours(origin: str) -> bool:
    """The very origin, not any name below the site's: a page of another name there must not ask for her passkey."""
    return origin in settings.PASSKEY_ORIGINS


def _described(ids: list[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(type=_PUBLIC_KEY, id=found) for found in ids]


def _state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": websafe_encode(challenge), "user_verification": _PREFERRED}


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("longer than any answer")
    found = json.loads(answer, parse_int=_small)
    if not isinstance(found, dict):
        raise TypeError("not an answer of a browser")
    return found


def _small(digits: str) -> int:
    """Numbers of algorithms are short. The library takes a number for a length and makes as many bytes of it."""
    if len(digits) > 6:
        raise ValueError("no number that an answer has")
    return int(digits)
