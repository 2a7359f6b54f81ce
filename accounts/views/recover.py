"""Coming back with the printed recovery code: two steps on one address."""

from types import SimpleNamespace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.exceptions import NotAllowed
from accounts.forms import ProofForm, RecoverForm
from accounts.known_devices import client_address
from accounts.marks import open_to_everybody, short_transactions
from accounts.requests import StaffRequest
from accounts.second_factor import NewFactor, new_factor, opened_factor
from accounts.services import recovery
from accounts.services.passwords import offer_phrase
from accounts.services.sign_in import Refusal
from accounts.views.common import waiting
from accounts.views.enrol import checked_step, show_proof_form
from accounts.views.recovery_code import show_recovery_code

PURPOSE = "recover"


@open_to_everybody
@short_transactions
@require_http_methods(["GET", "POST"])
def recover(request: StaffRequest) -> HttpResponse:
    """First the code, then a new password and a new second factor."""
    if request.method == "GET":
        return _show_first(request, RecoverForm())
    if "sealed" in request.POST:
        return _second(request)
    form = RecoverForm(request.POST)
    if form.is_valid():
        opened = _opened(request, **form.cleaned_data)
        if not isinstance(opened, Refusal):
            factor = new_factor(purpose=PURPOSE, **form.cleaned_data)
            return _show_second(request, ProofForm(initial={"offered": offer_phrase()}), factor)
        form.add_error(None, _refused(opened))
    return _show_first(request, form)


def _opened(request: StaffRequest, login_name: str, recovery_code: str) -> recovery.Opened | Refusal:
    return recovery.open_with_code(login_name=login_name, code=recovery_code, address=client_address(request))


def _refused(refusal: Refusal) -> str:
    if refusal.wait:
        return waiting(refusal.wait)
    return _("Sign-in name and recovery code do not fit together. Compare each group with your paper.")


def _second(request: StaffRequest) -> HttpResponse:
    factor = opened_factor(request.POST["sealed"], purpose=PURPOSE)
    if factor is None:
        return _show_first(request, RecoverForm(), note=_("This page was open too long. Please begin again."))
    if "another" in request.POST:
        return _show_second(request, ProofForm(initial={"offered": offer_phrase()}), factor)
    form = ProofForm(request.POST, login_name=factor.kept["login_name"])
    step = checked_step(form, factor)
    if step is None:
        return _show_second(request, form, factor)
    return _finish(request, form, factor, step)


def _finish(request: StaffRequest, form: ProofForm, factor: NewFactor, step: int) -> HttpResponse:
    """The code is asked again: it may have been used from another page meanwhile."""
    opened = _opened(request, **factor.kept)
    if isinstance(opened, Refusal):
        return _show_first(request, RecoverForm(), note=_refused(opened))
    try:
        code = recovery.recover(
            opened=opened,
            code=factor.kept["recovery_code"],
            password=form.cleaned_data["password"],
            totp_secret=factor.secret,
            totp_step=step,
        )
    except NotAllowed:
        return _show_first(request, RecoverForm(), note=_refused(Refusal()))
    return show_recovery_code(request, code, news="recovered")


def _show_first(request: StaffRequest, form: RecoverForm, *, note: str = "") -> HttpResponse:
    return render(request, "accounts/recover.html", {"form": form, "note": note})


def _show_second(request: StaffRequest, form: ProofForm, factor: NewFactor) -> HttpResponse:
    person = SimpleNamespace(login_name=factor.kept["login_name"])
    return show_proof_form(request, "accounts/recover_second.html", form, factor, person)
