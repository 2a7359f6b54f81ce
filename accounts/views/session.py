"""Signing in, signing out, confirming it is you."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, challenges, passkeys
from accounts.carrying import CARRIED, carried, local_address, record_of
from accounts.choices import Action
from accounts.forms import ConfirmForm, SignInForm
from accounts.known_devices import client_address, known_device
from accounts.marks import open_to_everybody, short_transactions
from accounts.requests import StaffRequest
from accounts.services import sign_in as service
from accounts.signing import begin_session, end_session, forget_key, keep_key
from accounts.step_up import mark_step_up
from accounts.views.common import waiting, way_back, wrong_code, wrong_passkey

# Sentences that another page may ask the sign-in page to show, by a code in the address.
NEWS = {
    "enrolled": lambda: _("You are enrolled. Sign in with your password and the next code on your phone."),
    "recovered": lambda: _("Password and second factor are new. Sign in with them."),
}


@open_to_everybody
@short_transactions
@require_http_methods(["GET", "POST"])
def sign_in(request: StaffRequest) -> HttpResponse:
    """One form, one answer for every reason."""
    if request.method == "GET":
        if request.user.is_authenticated and request.user.is_verified() and "again" not in request.GET:
            return redirect(way_back(request, request.GET.get("next", "")))
        form = SignInForm(initial={"next": local_address(request, request.GET.get("next", ""))})
        return _show(request, form)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    typed = {name: form.cleaned_data[name] for name in ("login_name", "password", "code")}
    device = known_device(request, typed["login_name"])
    shown = challenges.shown(request, challenges.SIGN_IN)
    proven = service.prove(**typed, address=client_address(request), known_device=device, shown=shown)
    if isinstance(proven, service.Refusal) or begin_session(request, proven) is None:
        wait = getattr(proven, "wait", 0)
        form.add_error(None, waiting(wait) if wait else _("Name, password and code or passkey do not fit together."))
        return _show(request, form)
    return keep_key(request, _onward(request, form.cleaned_data["next"]), proven)


def _show(request: StaffRequest, form: SignInForm) -> HttpResponse:
    """The sign-in page, or the page "your session has ended" with what was typed there."""
    _forget_code(form)
    kept = request.POST.get(CARRIED, "")
    template = "accounts/session_ended.html" if kept else "accounts/sign_in.html"
    news = NEWS.get(request.GET.get("news", ""))
    here = {"passkeys_here": passkeys.offered_here(request)}
    context = {"form": form, "carried": kept, "news": news and news(), **here}
    return render(request, template, context)


def _forget_code(form: SignInForm | ConfirmForm) -> None:
    """A code or passkey that was sent is spent or wrong: the page does not offer it again."""
    if form.is_bound:
        spent = {"code": "", "passkey": "", "challenge": ""}
        form.data = {**{name: form.data.get(name, "") for name in form.fields}, **spent}


def _onward(request: StaffRequest, address: str, *, confirmed: bool = False) -> HttpResponse:
    """To where she was going; where she had typed something, to a page that sends it once more.

    `confirmed`: she was signed in all the time, and only showed her second factor once more.
    """
    action, fields = carried(request, request.user)
    if action:
        context = {"carried": fields, "action": action, "confirmed": confirmed, **record_of(action)}
        return render(request, "accounts/send_again.html", context)
    return redirect(way_back(request, address))


@open_to_everybody
@require_POST
def sign_out(request: StaffRequest) -> HttpResponse:
    """End the session here. The log is written before, while somebody still acts."""
    if request.user.is_authenticated and request.user.is_verified():
        audit.seen(Action.SIGNED_OUT, request.user.pk)
        audit.flush()
    end_session(request)
    return forget_key(render(request, "accounts/sign_out.html"))


@short_transactions
@require_http_methods(["GET", "POST"])
def confirm(request: StaffRequest) -> HttpResponse:
    """The second factor again, good for five minutes."""
    if request.method == "GET":
        form = ConfirmForm(initial={"next": local_address(request, request.GET.get("next", ""))})
        return render(request, "accounts/confirm.html", {"form": form, **challenges.ways_to_confirm(request)})
    form = ConfirmForm(request.POST)
    if form.is_valid():
        shown = challenges.shown(request, challenges.CONFIRM)
        refusal = service.confirm(
            user=request.user,
            session_hash=request.session.session_hash,
            code=form.cleaned_data["code"],
            address=client_address(request),
            shown=shown,
        )
        if refusal is None:
            mark_step_up(request)
            return _onward(request, form.cleaned_data["next"], confirmed=True)
        words = wrong_passkey() if shown else wrong_code()
        form.add_error(None if shown else "code", waiting(refusal.wait) if refusal.wait else words)
    _forget_code(form)
    record = record_of(carried(request, request.user)[0])
    context = {"form": form, "carried": request.POST.get(CARRIED, ""), **challenges.ways_to_confirm(request), **record}
    return render(request, "accounts/confirm.html", context)
