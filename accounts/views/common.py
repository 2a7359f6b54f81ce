"""What the pages of this app share."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.carrying import local_address
from accounts.choices import Role
from accounts.rendering import find
from accounts.requests import StaffRequest


def only_for(*roles: Role) -> Callable:
    """403 for everybody else: that these pages exist is no secret."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not any(request.user.has(role) for role in roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def way_back(request: StaffRequest, address: str) -> str:
    """A checked address of this site, else the desk."""
    return local_address(request, address) or find("cases:desk") or reverse("accounts:account")


def posted(request: StaffRequest) -> QueryDict | None:
    """What was typed, also where it is nothing; None where a page is only opened."""
    return request.POST if request.method == "POST" else None


def waiting(seconds: int) -> str:
    """How long somebody who was wrong too often has to wait."""
    return ngettext(
        "There were too many wrong answers. Try again in %(seconds)d second.",
        "There were too many wrong answers. Try again in %(seconds)d seconds.",
        seconds,
    ) % {"seconds": seconds}


def wrong_code() -> str:
    return _("This code is not right any more. Wait for the next one on your phone and type it.")


def wrong_passkey() -> str:
    return _("This passkey did not fit, or the page was open too long. Press the button once more.")
