"""What becomes of an exception by which a service refuses: an answer that says what to do, with nothing typed lost."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _

from accounts import database, passkeys
from accounts.carrying import carry, send_again, to_copy, way_back
from accounts.challenges import ways_to_confirm
from accounts.exceptions import KeyLocked, NotAllowed, StepUpNeeded, WrongState
from accounts.forms import ConfirmForm, SignInForm
from accounts.marks import BACKGROUND_HEADER
from accounts.requests import StaffRequest


def answer_to(request: StaffRequest, exception: Exception) -> HttpResponse | None:
    """The answer to one of our own refusals, or None."""
    if isinstance(exception, NotAllowed) or database.is_refusal(exception):
        return render(request, "403.html", to_copy(request), status=403)
    if isinstance(exception, WrongState):
        return _not_done(request, exception.message)
    if database.is_collision(exception):
        return met_somebody(request)
    if isinstance(exception, StepUpNeeded):
        return ask_to_confirm(request)
    if isinstance(exception, KeyLocked):
        return ask_to_sign_in(request, again=True)
    return None


def met_somebody(request: HttpRequest) -> HttpResponse:
    """Somebody else changed or erased the same at the same moment, and hers was undone: what she typed is still there."""
    message = _(
        "Somebody else changed or erased the same at the same moment. Nothing was changed: look again, then press again."
    )
    return _not_done(request, message)


def _not_done(request: HttpRequest, message: str) -> HttpResponse:
    """To send again, and to copy and go back: where the case was closed meanwhile, sending again is refused for ever."""
    context = {"message": message, **send_again(request), **to_copy(request), **way_back(request)}
    return render(request, "409.html", context, status=409)


def ask_to_sign_in(request: HttpRequest, *, again: bool = False) -> HttpResponse:
    """Her session has ended: keep the way back, and hand what was typed back to the browser.

    `again`: it has not, but her key is open in it no more, as after a crash of PostgreSQL.
    """
    ways = {"passkeys_here": passkeys.offered_here(request)}
    more = {"again": "1"} if again else {}
    return _ask(request, "accounts:sign_in", "accounts/session_ended.html", SignInForm(), ways, more)


def ask_to_confirm(request: StaffRequest) -> HttpResponse:
    """The second factor is due: the same, with the page "confirm it is you"."""
    return _ask(request, "accounts:confirm", "accounts/confirm.html", ConfirmForm(), ways_to_confirm(request), {})


def _ask(
    request: HttpRequest, page: str, template: str, form: object, ways: dict[str, bool], more: dict[str, str]
) -> HttpResponse:
    here = request.get_full_path()
    if "HX-Request" in request.headers:
        return _ask_in_part(request, page, more)
    if request.method == "POST":
        context = {"carried": carry(request), "form": form, **ways, **way_back(request)}
        return render(request, template, context, status=401)
    return redirect(_with_next(page, here, more))


def _ask_in_part(request: HttpRequest, page: str, more: dict[str, str]) -> HttpResponse:
    """A part of a page: one that asked by itself gets nothing, a click leads on, typed text stays where it is."""
    response = HttpResponse(status=401)
    if request.method == "GET" and BACKGROUND_HEADER not in request.headers:
        response["HX-Redirect"] = _with_next(page, urlsplit(request.headers.get("HX-Current-URL", "/")).path, more)
    return response


def _with_next(page: str, here: str, more: dict[str, str]) -> str:
    parameters = more if here == "/" else {"next": here, **more}
    return f"{resolve_url(page)}?{urlencode(parameters)}" if parameters else resolve_url(page)
