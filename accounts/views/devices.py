"""The devices of her second factor: the list, adding a passkey or an app for codes, renaming, removing."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import challenges, passkeys
from accounts.access import get_device, list_devices, wants_second_device
from accounts.exceptions import WrongState
from accounts.forms import CodeForm, PasskeyForm
from accounts.marks import open_to_everybody
from accounts.requests import StaffRequest
from accounts.second_factor import new_factor, opened_factor
from accounts.services import devices as service
from accounts.signing import stay_with
from accounts.step_up import require_step_up
from accounts.views.enrol import checked_step


@require_GET
def device_list(request: StaffRequest) -> HttpResponse:
    """What she can sign in with."""
    devices = list_devices()
    context = {
        "devices": devices,
        "has_app": any(not device.is_passkey for device in devices),
        "wants_second": wants_second_device(request.user),
    }
    return render(request, "accounts/device_list.html", context)


@require_http_methods(["GET", "POST"])
def passkey_add(request: StaffRequest) -> HttpResponse:
    """A passkey is made by a script of the page; its answer comes here with the name she gives it."""
    require_step_up(request)
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    shown = challenges.shown(request, challenges.ADD)
    if form.is_bound and form.is_valid():
        if shown is None:
            form.add_error(
                None, _("No passkey came with this form. Press the button again, in a browser with scripts.")
            )
        elif _did(form, lambda: service.add_passkey(label=form.cleaned_data["name"], shown=shown, by=request.user)):
            messages.success(request, _("The passkey is added. Next time you can sign in with it."))
            return redirect("accounts:device_list")
    context = {"form": form, "offered": passkeys.offered_here(request), "elsewhere": passkeys.where()}
    return render(request, "accounts/passkey_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def totp_add(request: StaffRequest) -> HttpResponse:
    """An app for codes, where she has none: a new phone, after the old one was removed."""
    require_step_up(request)
    if any(not device.is_passkey for device in list_devices()):
        raise WrongState(_("You have an app for codes already. Remove it first, then set up the new one."))
    place = str(request.user.pk)
    form = CodeForm(request.POST if request.method == "POST" else None)
    factor = opened_factor(request.POST.get("sealed", ""), purpose="totp", place=place)
    if form.is_bound and (step := checked_step(form, factor)) is not None and factor is not None:
        service.add_totp(secret=factor.secret, step=step, by=request.user)
        messages.success(request, _("The app is set up. Next time you can sign in with its codes."))
        return redirect("accounts:device_list")
    factor = factor or new_factor(purpose="totp", place=place)
    context = {
        "form": form,
        "sealed": factor.sealed,
        "picture": factor.picture(request.user.login_name),
        "typed_secret": factor.typed,
    }
    return render(request, "accounts/totp_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def device_rename(request: StaffRequest, device_id: UUID) -> HttpResponse:
    """Another name for a passkey."""
    device = get_device(device_id, passkey=True)
    form = PasskeyForm(request.POST if request.method == "POST" else None, initial={"name": device.name})
    if form.is_bound and form.is_valid():
        service.rename(device_id=device.id, label=form.cleaned_data["name"], by=request.user)
        return redirect("accounts:device_list")
    context = {"form": form, "device": device}
    return render(request, "accounts/device_rename.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def device_remove(request: StaffRequest, device_id: UUID) -> HttpResponse:
    """Ask, then remove. This session goes on, all others end."""
    device = get_device(device_id)
    require_step_up(request)
    if request.method == "POST":
        service.remove(device_id=device.id, by=request.user)
        stay_with(request, [kept.id for kept in list_devices()])
        messages.success(request, _("Removed. You were signed out everywhere else."))
        return redirect("accounts:device_list")
    context = {"device": device, "is_last": len(list_devices()) == 1}
    return render(request, "accounts/device_remove.html", context)


@open_to_everybody
@require_POST
def sign_in_challenge(request: StaffRequest) -> HttpResponse:
    """What a passkey is asked on the sign-in page: the same for everybody, because no name comes with the question."""
    challenge, sealed = challenges.new_challenge(request, challenges.SIGN_IN)
    return _asked(passkeys.request_options(challenge=challenge, allowed=[]), sealed)


@require_POST
def passkey_challenge(request: StaffRequest) -> HttpResponse:
    """The same for somebody signed in: to confirm it is she, or to make a new passkey."""
    known = [bytes(device.credential_id) for device in list_devices() if device.is_passkey]
    if request.POST.get("for") == "add":
        challenge, sealed = challenges.new_challenge(request, challenges.ADD)
        options = passkeys.creation_options(
            challenge=challenge, user_id=request.user.pk, login_name=request.user.login_name, known=known
        )
        return _asked(options, sealed)
    challenge, sealed = challenges.new_challenge(request, challenges.CONFIRM)
    return _asked(passkeys.request_options(challenge=challenge, allowed=known), sealed)


def _asked(options: dict, sealed: str) -> JsonResponse:
    return JsonResponse({"publicKey": options, "challenge": sealed})


def _did(form: Form, act: Callable[[], None]) -> bool:
    """Whether a service did it; where it refused, the form says why."""
    try:
        act()
    except WrongState as wrong:
        form.add_error(None, wrong.message)
        return False
    return True
