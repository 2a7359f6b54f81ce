"""Beginning and ending a session in one browser."""

from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.http import HttpResponse
from django_otp import login as second_factor_login

from accounts import database, keyring, known_devices
from accounts.acting import acting
from accounts.backend import SignedInBackend
from accounts.models import User
from accounts.requests import StaffRequest
from accounts.services import keepers
from accounts.services.sign_in import Proven
from accounts.step_up import mark_step_up

BACKEND = "accounts.backend.SignedInBackend"
YEAR = 365 * 24 * 60 * 60


def begin_session(request: StaffRequest, proven: Proven) -> User | None:
    """A fresh session for a person who proved all three; whatever key the browser came with is thrown away.

    None where she was deactivated or the device removed meanwhile. The answer must then be given to `keep_key`.
    """
    user = SignedInBackend().get_user(proven.user_id)
    device = next((device for device in user.devices if device.pk == proven.device_id), None) if user else None
    if user is None or device is None:
        return None
    request.session.flush()
    auth.login(request, user, backend=BACKEND)
    second_factor_login(request, device)
    mark_step_up(request)
    request.session.save()
    return user


def stay_with(request: StaffRequest, devices: list[UUID]) -> None:
    """Let this session go on under one of the devices that she has kept; she has just confirmed that it is she."""
    kept = next(device for device in request.user.devices if device.pk in devices)
    if request.user.otp_device is None or request.user.otp_device.pk not in devices:
        second_factor_login(request, kept)


def keep_key(request: StaffRequest, response: HttpResponse, proven: Proven) -> HttpResponse:
    """Store the opened key for this session, and set the cookies that go with it."""
    with acting(request) as user:
        database.value("session_stepped_up")
        keyring.store(
            response=response,
            user_id=user.pk,
            session_hash=request.session.session_hash,
            private_key=proven.private_key,
        )
        keepers.make_copies(private_key=proven.private_key, by=user)
    known_devices.remember(request, response, user.login_name)
    set_choice(response, settings.LANGUAGE_COOKIE_NAME, user.language)
    set_choice(response, "theme", user.theme)
    return response


def set_choice(response: HttpResponse, name: str, value: str) -> None:
    """A cookie that only says how pages look."""
    response.set_cookie(name, value, max_age=YEAR, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")


def end_session(request: StaffRequest) -> None:
    """Row, unlocked key and signed-in person go."""
    auth.logout(request)


def forget_key(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(settings.UNLOCK_COOKIE_NAME, samesite="Strict")
    return response
