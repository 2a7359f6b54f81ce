"""Challenges for passkeys: random, good for five minutes, for one purpose in one browser.

Nothing is stored when one is given out, so that strangers cannot fill a table: the page carries it sealed. That it
counts once is kept by the database when an answer to it holds (app.passkey_accept, app.passkey_add).
"""

import secrets

from django.conf import settings

from accounts import passkeys, sealed_fields
from accounts.models import Passkey
from accounts.passkeys import Shown
from accounts.requests import StaffRequest

SIGN_IN, CONFIRM, ADD = "sign in", "confirm", "add"


def new_challenge(request: StaffRequest, purpose: str) -> tuple[bytes, str]:
    """The challenge for the browser, and the sealed field that must come back with its answer."""
    challenge = secrets.token_bytes(32)
    return challenge, sealed_fields.seal(
        {"challenge": challenge.hex()}, purpose=_sealed_for(purpose), place=_place(request)
    )


def shown(request: StaffRequest, purpose: str) -> Shown | None:
    """The passkey that a form brings with it; None where it brings none."""
    answer = request.POST.get("passkey", "")
    if not answer:
        return None
    place = _place(request)
    sealed = request.POST.get("challenge", "")
    found = sealed_fields.unseal(sealed, purpose=_sealed_for(purpose), place=place, age=passkeys.AGE) if place else None
    return Shown(answer, bytes.fromhex(found["challenge"]) if found else None)


def ways_to_confirm(request: StaffRequest) -> dict[str, bool]:
    """Context of the page "confirm it is you": what of hers can be shown here."""
    kinds = {isinstance(device, Passkey) for device in request.user.devices}
    return {"has_app": False in kinds, "passkeys_here": True in kinds and passkeys.offered_here(request)}


def _sealed_for(purpose: str) -> str:
    return f"passkey to {purpose}"


def _place(request: StaffRequest) -> str:
    """One browser: of somebody signed in her session, else the secret of its form token. Without one nothing fits."""
    if request.user.is_authenticated and request.user.is_verified():
        return f"session {request.user.pk} {request.session.session_hash}"
    token = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    return f"browser {token}" if token else ""
