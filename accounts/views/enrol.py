"""Enrolling by an invitation: password, second factor, recovery code."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import totp
from accounts.access import get_invitation
from accounts.exceptions import WrongState
from accounts.forms import CodeForm, ProofForm
from accounts.marks import open_to_everybody, short_transactions
from accounts.requests import StaffRequest
from accounts.second_factor import NewFactor, new_factor, opened_factor
from accounts.services import people
from accounts.services.passwords import offer_phrase
from accounts.signing import set_choice
from accounts.views.common import wrong_code
from accounts.views.recovery_code import show_recovery_code

COOKIE = "invitation"


@open_to_everybody
@require_GET
def enrol_link(request: StaffRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once: history, screen and the next page do not hold it."""
    invited = get_invitation(token)
    if invited is None:
        return _gone(request)
    response = redirect("accounts:enrol")
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
        path=reverse("accounts:enrol"),
    )
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        set_choice(response, settings.LANGUAGE_COOKIE_NAME, invited.language)
    return response


@open_to_everybody
@short_transactions
@require_http_methods(["GET", "POST"])
def enrol(request: StaffRequest) -> HttpResponse:
    """She chooses a password and sets up her phone; the pair of keys is made here."""
    token = request.COOKIES.get(COOKIE, "")
    invited = get_invitation(token)
    if invited is None:
        return _gone(request)
    place = str(invited.user_id)
    form = ProofForm(request.POST or None, login_name=invited.login_name, initial={"offered": offer_phrase()})
    factor = opened_factor(request.POST.get("sealed", ""), purpose="enrol", place=place)
    if "another" in request.POST:
        form = ProofForm(initial={"offered": offer_phrase()})
    elif form.is_bound and (code := _enrolled(form, factor, token, invited.user_id)):
        response = show_recovery_code(request, code, news="enrolled")
        response.delete_cookie(COOKIE, path=reverse("accounts:enrol"), samesite="Lax")
        return response
    return show_proof_form(
        request, "accounts/enrol.html", form, factor or new_factor(purpose="enrol", place=place), invited
    )


def _enrolled(form: ProofForm, factor: NewFactor | None, token: str, user_id: UUID) -> str:
    """The recovery code when all went well, else nothing and the form has the errors."""
    step = checked_step(form, factor)
    if step is None or factor is None:
        return ""
    try:
        return people.enrol(
            token=token,
            user_id=user_id,
            password=form.cleaned_data["password"],
            totp_secret=factor.secret,
            totp_step=step,
        )
    except WrongState as wrong:
        form.add_error(None, wrong.message)
        return ""


def checked_step(form: ProofForm | CodeForm, factor: NewFactor | None) -> int | None:
    """The time step of the typed code, or None and the form says what is wrong."""
    if factor is None:
        form.add_error(None, _("This page was open too long. Scan the new picture and type the code it gives."))
        return None
    if not form.is_valid():
        return None
    step = totp.matching_step(factor.secret, form.cleaned_data["code"])
    if step is None:
        form.add_error("code", wrong_code())
    return step


def show_proof_form(
    request: StaffRequest, template: str, form: ProofForm, factor: NewFactor, person: Any
) -> HttpResponse:
    """The page with the offered phrase and the QR picture; what was scanned stays valid after an error."""
    context = {
        "form": form,
        "person": person,
        "phrase": form["offered"].value() or offer_phrase(),
        "sealed": factor.sealed,
        "picture": factor.picture(person.login_name),
        "typed_secret": factor.typed,
    }
    return render(request, template, context)


def _gone(request: StaffRequest) -> HttpResponse:
    return render(request, "accounts/invitation_ended.html", status=410)
