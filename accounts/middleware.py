"""A request's frame: one transaction, the second factor, the signed actor, headers.

Order matters and stands in config/settings.py; docs/architecture.md part "a request through the house" says why.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.middleware import OTPMiddleware

from accounts import actor, audit, database, keyring
from accounts.carrying import send_again
from accounts.marks import BACKGROUND_HEADER, is_open, takes_short_transactions
from accounts.models import User
from accounts.refusals import answer_to, ask_to_sign_in, met_somebody
from accounts.requests import StaffRequest

GetResponse = Callable[[StaffRequest], HttpResponse]


class OuterTransaction:
    """Opens the one transaction of a request and appends its log entries last.

    Pages that derive keys are exempt by their mark: they hold no connection while they calculate.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        try:
            if _view_takes_short_transactions(request):
                return self.get_response(request)
            with audit.outer_transaction():
                response = self.get_response(request)
                if response.status_code >= 500:
                    audit.rolled_back()
                return response
        except (DatabaseError, InterfaceError) as error:
            if database.is_collision(error) or database.is_gone(error):
                return met_somebody(request)
            if not isinstance(error, (OperationalError, InterfaceError)):
                raise
            return render(request, "503.html", send_again(request), status=503)

    def process_exception(self, request: StaffRequest, exception: Exception) -> HttpResponse | None:
        """The view's savepoint is gone, and with it all that its units did. Our own refusals have their pages."""
        audit.rolled_back()
        return answer_to(request, exception)


def _view_takes_short_transactions(request: StaffRequest) -> bool:
    try:
        return takes_short_transactions(resolve(request.path_info).func)
    except Resolver404:
        return False


class SecurityHeaders:
    """Headers that no library of ours sets: nothing is cached, no device is asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), interest-cohort=()"
        return response


class PageForWrongMethod:
    """An address that takes only what a form sends, opened as a page: a blank 405 becomes our page with a way on.

    The same page for every address of this kind, whatever stands in it. Answers to scripts stay empty.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        response = self.get_response(request)
        read_by_her = "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers
        if response.status_code != 405 or response.content or not read_by_her:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


class RefuseOddInput:
    """NUL bytes in an address or a query cannot be meant: 400 before anything else looks at them."""

    _odd = re.compile(r"\x00|%00")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        if self._odd.search(request.META.get("QUERY_STRING", "")) or "\x00" in request.path:
            return render(request, "400.html", status=400)
        return self.get_response(request)


class RefuseLargeUploads:
    """A form with a file that is too large is refused by its stated length, before a byte of it is read.

    A body without a stated length is read as empty. So no file is ever spooled to the disk.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        too_large = not length.isdigit() or int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        if request.content_type == "multipart/form-data" and too_large:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class Authentication(OTPMiddleware):
    """Who is signed in, verified by her second factor. The device comes with the person: no further query."""

    def __call__(self, request: StaffRequest) -> HttpResponse:
        request.session.background = BACKGROUND_HEADER in request.headers
        request.user = cast(User, SimpleLazyObject(partial(_person, request)))
        return self.get_response(request)


def _person(request: StaffRequest) -> Any:
    user: Any = get_user(request) if request.session.get(SESSION_KEY) else AnonymousUser()
    devices = getattr(user, "devices", [])
    shown = request.session.get(DEVICE_ID_SESSION_KEY) if devices else None
    user.otp_device = next((device for device in devices if device.persistent_id == shown), None)
    user.is_verified = lambda: user.otp_device is not None
    return user


class ActorContext:
    """Tells PostgreSQL who acts, and gives the person her keyring, opened when first asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.is_verified():
            request.user.keyring = SimpleLazyObject(partial(keyring.from_request, request))
            if not _view_takes_short_transactions(request):
                actor.act_as(user_id=request.user.pk, session_hash=request.session.session_hash)
        return self.get_response(request)


class SignedInWithSecondFactor:
    """Every page needs a person with a second factor, except the few that are marked open."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: StaffRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if is_open(view) or (request.user.is_authenticated and request.user.is_verified()):
            return None
        if request.user.is_authenticated:
            auth.logout(request)
        return ask_to_sign_in(request)


class UserLanguage:
    """The language a person chose, before signing in that of her browser among ours."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if language not in dict(settings.LANGUAGES):
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
            return response
