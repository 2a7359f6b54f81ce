"""What becomes of an exception by which a service refuses: an answer that says what to do, with nothing typed lost."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url

from accounts import database, passkeys
from accounts.carrying import carry, send_again
from accounts.challenges import ways_to_confirm
from accounts.exceptions import KeyLocked, NotAllowed, StepUpNeeded, WrongState
from accounts.forms import ConfirmForm, SignInForm
from accounts.marks import BACKGROUND_HEADER
from accounts.requests import StaffRequest


def answer_to(request: StaffRequest, exception: Exception) -> HttpResponse | None:
    """The answer to one of our own refusals, or None."""
    if isinstance(exception, NotAllowed) or database.is_refusal(exception):
        return render(request, "403.html", status=403)
    if isinstance(exception, WrongState):
        return render(request, "409.html", {"message": exception.message, **send_again(request)}, status=409)
    if isinstance(exception, StepUpNeeded):
        return ask_to_confirm(request)
    if isinstance(exception, KeyLocked):
        return ask_to_sign_in(request)
    return None


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Her session has ended: keep the way back, and hand what was typed back to the browser."""
    ways = {"passkeys_here": passkeys.offered_here(request)}
    return _ask(request, "accounts:sign_in", "accounts/session_ended.html", SignInForm(), ways)


def ask_to_confirm(request: StaffRequest) -> HttpResponse:
    """The second factor is due: the same, with the page "confirm it is you"."""
    return _ask(request, "accounts:confirm", "accounts/confirm.html", ConfirmForm(), ways_to_confirm(request))


def _ask(request: HttpRequest, page: str, template: str, form: object, ways: dict[str, bool]) -> HttpResponse:
    here = request.get_full_path()
    if "HX-Request" in request.headers:
        return _ask_in_part(request, page)
    if request.method == "POST":
        return render(request, template, {"carried": carry(request), "form": form, **ways}, status=401)
    return redirect(_with_next(page, here))


def _ask_in_part(request: HttpRequest, page: str) -> HttpResponse:
    """A part of a page: one that asked by itself gets nothing, a click leads on, typed text stays where it is."""
    response = HttpResponse(status=401)
    if request.method == "GET" and BACKGROUND_HEADER not in request.headers:
        response["HX-Redirect"] = _with_next(page, urlsplit(request.headers.get("HX-Current-URL", "/")).path)
    return response


def _with_next(page: str, here: str) -> str:
    address = resolve_url(page)
    return address if here == "/" else f"{address}?{urlencode({'next': here})}"
