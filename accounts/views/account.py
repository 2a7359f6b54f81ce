"""Her own page: who she is here, the words of her key, language and colours, a new password."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_own_key, get_second_address, wants_second_device
from accounts.acting import acting
from accounts.choices import Role
from accounts.forms import LanguageForm, PasswordChangeForm, SecondAddressForm, ThemeForm
from accounts.keeper_access import list_ceremonies, list_stopped
from accounts.known_devices import client_address
from accounts.marks import open_to_everybody, short_transactions
from accounts.requests import StaffRequest
from accounts.services import people, recovery
from accounts.services.passwords import offer_phrase
from accounts.services.sign_in import Proven, knows_password
from accounts.signing import begin_session, keep_key, set_choice
from accounts.step_up import require_step_up
from accounts.views.common import waiting, way_back
from accounts.views.recovery_code import show_recovery_code


@require_GET
def account(request: StaffRequest) -> HttpResponse:
    """Name, roles, the words to be read out by voice, and who vouched for them."""
    roles = [Role(role).label for role in request.user.roles]
    context = {
        "key": get_own_key(request.user),
        "own_roles": roles,
        "ceremonies": list_ceremonies(),
        "stopped": list_stopped(),
        "second": get_second_address(request.user),
        "wants_second": wants_second_device(request.user),
        "may_see_teams": request.user.has(Role.CASEWORKER),
    }
    return render(request, "accounts/account.html", context)


@require_http_methods(["GET", "POST"])
def second_address(request: StaffRequest) -> HttpResponse:
    """Where urgent texts go as well. Asks for the second factor: whoever changes it here could keep alerts from her."""
    require_step_up(request)
    form = SecondAddressForm(
        request.POST if request.method == "POST" else None, initial={"second": get_second_address(request.user)}
    )
    if form.is_bound and form.is_valid():
        people.set_second_address(address=form.cleaned_data["second"], by=request.user)
        messages.success(
            request,
            _("Saved. Urgent texts go there from now on.")
            if form.cleaned_data["second"]
            else _("The second address was taken away."),
        )
        return redirect("accounts:account")
    return render(request, "accounts/second_address.html", {"form": form}, status=422 if form.errors else 200)


@open_to_everybody
@require_POST
def set_language(request: StaffRequest) -> HttpResponse:
    form = LanguageForm(request.POST)
    response = redirect(way_back(request, request.POST.get("next", "")))
    if form.is_valid():
        if request.user.is_authenticated:
            people.choose(language=form.cleaned_data["language"], by=request.user)
        set_choice(response, settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"])
    return response


@open_to_everybody
@require_POST
def set_theme(request: StaffRequest) -> HttpResponse:
    form = ThemeForm(request.POST)
    response = redirect(way_back(request, request.POST.get("next", "")))
    if form.is_valid():
        if request.user.is_authenticated:
            people.choose(theme=form.cleaned_data["theme"], by=request.user)
        set_choice(response, "theme", form.cleaned_data["theme"])
    return response


def _knows_present(request: StaffRequest, form: PasswordChangeForm) -> bool:
    """Check the present password; where it is wrong the form says so."""
    refusal = knows_password(user=request.user, password=form.cleaned_data["present"], address=client_address(request))
    if refusal:
        form.add_error("present", waiting(refusal.wait) if refusal.wait else _("This is not your present password."))
    return refusal is None


@short_transactions
@require_http_methods(["GET", "POST"])
def password_change(request: StaffRequest) -> HttpResponse:
    """A new password and a new recovery code; ends every session of hers and begins a fresh one here."""
    require_step_up(request)
    user = request.user
    offered = {"offered": offer_phrase()}
    form = PasswordChangeForm(request.POST or None, login_name=user.login_name, initial=offered)
    if "another" in request.POST:
        form = PasswordChangeForm(initial=offered)
    with acting(request):
        private_key = user.keyring.private_key
    if not form.is_bound or not form.is_valid() or not _knows_present(request, form):
        return render(request, "accounts/password_change.html", {"form": form, "phrase": form["offered"].value()})
    proof = recovery.prepare(user_id=user.pk, password=form.cleaned_data["password"], private_key=private_key)
    with acting(request):
        recovery.change_password(proof=proof, by=user)
    device_id = user.otp_device.pk  # type: ignore[union-attr]  # no page without a second factor
    proven = Proven(user_id=user.pk, device_id=device_id, private_key=private_key)
    if begin_session(request, proven) is None:
        return redirect("accounts:sign_in")
    messages.success(request, _("Your password is new. You were signed out everywhere else."))
    return keep_key(request, show_recovery_code(request, proof.recovery_code, news="recovered"), proven)
