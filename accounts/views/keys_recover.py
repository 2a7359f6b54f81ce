"""Coming back with two key keepers, for somebody who has lost password and printed code: she asks, and she finishes."""

from types import SimpleNamespace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import totp
from accounts.exceptions import NotAllowed
from accounts.keeper_forms import AskKeepersForm, FinishKeepersForm, NewFactorForm
from accounts.known_devices import client_address
from accounts.marks import open_to_everybody, short_transactions
from accounts.requests import StaffRequest
from accounts.second_factor import NewFactor, new_factor, opened_factor
from accounts.services import ceremonies
from accounts.services.passwords import offer_phrase
from accounts.services.sign_in import Refusal
from accounts.views.common import posted, waiting, wrong_code
from accounts.views.recovery_code import show_recovery_code

PURPOSE = "finish keepers"


@open_to_everybody
@short_transactions
@require_http_methods(["GET", "POST"])
def keys_ask(request: StaffRequest) -> HttpResponse:
    """Her name and a new password; the answer are six words, whether or not somebody has this name."""
    form = AskKeepersForm(posted(request), initial={"offered": offer_phrase()})
    if "another" in request.POST:
        typed = {"offered": offer_phrase(), "login_name": request.POST.get("login_name", "")}
        form = AskKeepersForm(initial=typed)
    elif form.is_bound and form.is_valid():
        words = ceremonies.begin(
            login_name=form.cleaned_data["login_name"],
            password=form.cleaned_data["password"],
            address=client_address(request),
        )
        if not isinstance(words, Refusal):
            return render(request, "accounts/keys_asked.html", {"words": words})
        form.add_error(None, waiting(words.wait))
    context = {"form": form, "phrase": form["offered"].value() or offer_phrase()}
    return render(request, "accounts/keys_ask.html", context, status=422 if form.errors else 200)


@open_to_everybody
@short_transactions
@require_http_methods(["GET", "POST"])
def keys_finish(request: StaffRequest) -> HttpResponse:
    """First name and password, then a new second factor."""
    if request.method == "GET":
        return _show_first(request, FinishKeepersForm())
    if "sealed" in request.POST:
        return _second(request)
    form = FinishKeepersForm(request.POST)
    if form.is_valid():
        opened = ceremonies.open_result(**form.cleaned_data, address=client_address(request))
        if not isinstance(opened, Refusal):
            return _show_second(request, NewFactorForm(), new_factor(purpose=PURPOSE, **form.cleaned_data))
        form.add_error(None, _refused(opened))
    return _show_first(request, form)


def _refused(refusal: Refusal) -> str:
    if refusal.wait:
        return waiting(refusal.wait)
    return _("This does not fit together, or the second keeper has not given her code yet.")


def _second(request: StaffRequest) -> HttpResponse:
    factor = opened_factor(request.POST["sealed"], purpose=PURPOSE)
    if factor is None:
        return _show_first(request, FinishKeepersForm(), note=_("This page was open too long. Please begin again."))
    form = NewFactorForm(request.POST)
    step = totp.matching_step(factor.secret, form.cleaned_data["code"]) if form.is_valid() else None
    if step is None:
        if not form.errors:
            form.add_error("code", wrong_code())
        return _show_second(request, form, factor)
    return _finish(request, factor, step)


def _finish(request: StaffRequest, factor: NewFactor, step: int) -> HttpResponse:
    """Opened once more: it may have been finished or stopped from another page meanwhile."""
    kept = factor.kept
    opened = ceremonies.open_result(**kept, address=client_address(request))
    if isinstance(opened, Refusal):
        return _show_first(request, FinishKeepersForm(), note=_refused(opened))
    try:
        code = ceremonies.finish(opened=opened, password=kept["password"], totp_secret=factor.secret, totp_step=step)
    except NotAllowed:
        return _show_first(request, FinishKeepersForm(), note=_refused(Refusal()))
    return show_recovery_code(request, code, news="recovered")


def _show_first(request: StaffRequest, form: FinishKeepersForm, *, note: str = "") -> HttpResponse:
    context = {"form": form, "note": note}
    return render(request, "accounts/keys_finish.html", context, status=422 if form.errors else 200)


def _show_second(request: StaffRequest, form: NewFactorForm, factor: NewFactor) -> HttpResponse:
    person = SimpleNamespace(login_name=factor.kept["login_name"])
    context = {
        "form": form,
        "person": person,
        "sealed": factor.sealed,
        "picture": factor.picture(person.login_name),
        "typed_secret": factor.typed,
    }
    return render(request, "accounts/keys_finish_second.html", context, status=422 if form.errors else 200)
