"""The pages for key keepers themselves. They have no account: a link makes the code, later the code is all they have."""

import hmac
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import crypto, sealed_fields
from accounts import keeper_access as access
from accounts.exceptions import WrongState
from accounts.forms import KeptForm
from accounts.keeper_forms import KeeperForm
from accounts.known_devices import client_address
from accounts.marks import open_to_everybody
from accounts.requests import StaffRequest
from accounts.services import ceremonies, keepers
from accounts.services.sign_in import Refusal
from accounts.signing import set_choice
from accounts.views.common import waiting

COOKIE = "keeper"
CODE, GIVE = "keeper code", "keeper"


# --- Making the code --------------------------------------------------------------------------
@open_to_everybody
@require_GET
def keeper_link(request: StaffRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once."""
    invited = access.get_keeper_link(token)
    if invited is None:
        return _gone(request)
    response = redirect("accounts:keeper_code")
    path, secure = reverse("accounts:keeper_code"), settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, token, httponly=True, secure=secure, samesite="Lax", path=path)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        set_choice(response, settings.LANGUAGE_COOKIE_NAME, invited.language)
    return response


@open_to_everybody
@require_http_methods(["GET", "POST"])
def keeper_code(request: StaffRequest) -> HttpResponse:
    """First what a keeper does, then her code, then its last group typed from the paper: only then it counts."""
    token = request.COOKIES.get(COOKIE, "")
    invited = access.get_keeper_link(token)
    if invited is None:
        return _gone(request)
    kept = sealed_fields.unseal(request.POST.get("sealed", ""), purpose=CODE, place=invited.id)
    if kept is None:
        if request.method == "GET":
            return render(request, "accounts/keeper_begin.html", {"keeper": invited})
        return _show_code(request, invited, crypto.new_recovery_code(), KeptForm())
    form = KeptForm(request.POST)
    if not form.is_valid() or not _is_last_group(form, kept["code"]):
        return _show_code(request, invited, kept["code"], form)
    try:
        keepers.make_key(token=token, code=kept["code"])
    except WrongState:
        return _gone(request)
    response = render(request, "accounts/keeper_kept.html", {"keeper": invited})
    response.delete_cookie(COOKIE, path=reverse("accounts:keeper_code"), samesite="Lax")
    return response


def _is_last_group(form: KeptForm, code: str) -> bool:
    typed = form.cleaned_data["last_group"].replace("-", "").strip().upper()
    if hmac.compare_digest(typed.encode(), code.rpartition("-")[2].encode()):
        return True
    form.add_error("last_group", _("These are not the last four signs. Compare your paper with the code above."))
    return False


def _show_code(request: StaffRequest, invited: Any, code: str, form: KeptForm) -> HttpResponse:
    words = crypto.fingerprint_words(crypto.fingerprint(crypto.keeper_pair(code).public))
    sealed = sealed_fields.seal({"code": code}, purpose=CODE, place=invited.id)
    context = {"form": form, "keeper": invited, "groups": code.split("-"), "words": words, "sealed": sealed}
    return render(request, "accounts/keeper_code.html", context, status=422 if form.errors else 200)


def _gone(request: StaffRequest) -> HttpResponse:
    return render(request, "accounts/keeper_gone.html", status=410)


# --- Giving it --------------------------------------------------------------------------------
@open_to_everybody
@require_http_methods(["GET", "POST"])
def keeper(request: StaffRequest) -> HttpResponse:
    """Her code with the words read to her shows a request; her code alone shows what runs. Then she acts, or not."""
    if request.method == "GET":
        return _show_first(request, KeeperForm())
    if "sealed" in request.POST:
        return _act(request)
    form = KeeperForm(request.POST)
    if not form.is_valid():
        return _show_first(request, form)
    return _show(request, form.cleaned_data["code"], form.cleaned_data["words"], form)


def _show(
    request: StaffRequest, code: str, words: str, form: KeeperForm, *, note: str = "", kind: str = ""
) -> HttpResponse:
    """The request she was told of, or without words everything that runs."""
    shown = ceremonies.show(code=code, words=words, address=client_address(request)) if words else None
    pair = shown or ceremonies.known_keeper(code=code, address=client_address(request))
    if isinstance(pair, Refusal):
        form.add_error(None, waiting(pair.wait) if pair.wait else _refused())
        return _show_first(request, form)
    private = pair.pair.private if isinstance(pair, ceremonies.Shown) else pair.private
    context = {
        "shown": shown,
        "running": access.list_ceremonies(keepers.keeper_proof(private)),
        "sealed": sealed_fields.seal({"code": code, "words": words}, purpose=GIVE),
        "note": note,
        "kind": kind,
    }
    return render(request, "accounts/keeper_shown.html", context)


def _act(request: StaffRequest) -> HttpResponse:
    kept = sealed_fields.unseal(request.POST["sealed"], purpose=GIVE)
    if kept is None:
        return _show_first(request, KeeperForm(), note=_("This page was open too long. Please begin again."))
    try:
        note, kind = _done(request, kept["code"], kept["words"]), "success"
    except WrongState as wrong:
        note, kind = wrong.message, "error"
    return _show(request, kept["code"], "", KeeperForm(), note=note, kind=kind)


def _done(request: StaffRequest, code: str, words: str) -> str:
    """Do what the pressed button says; the sentence that tells her. Raises WrongState."""
    if stopped := request.POST.get("stop"):
        proof = keepers.keeper_proof(crypto.keeper_pair(code).private)
        ceremonies.stop(request_id=_uuid(stopped), proof=proof)
        return _("It was stopped. Nothing of it is left.")
    shown = ceremonies.show(code=code, words=words, address=client_address(request))
    if isinstance(shown, Refusal):
        raise WrongState(_refused())
    ceremonies.give_code(shown=shown)
    if shown.comes_second:
        return _("Thank you. The key was opened for the person who asked, and for nobody else.")
    return _("Thank you. In two days another keeper can give her code. Until then everybody concerned can stop it.")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise WrongState(_refused()) from None


def _refused() -> str:
    return _(
        "Code and words do not fit together, or there is no such request any more. Compare each group with your paper."
    )


def _show_first(request: StaffRequest, form: KeeperForm, *, note: str = "") -> HttpResponse:
    context = {"form": form, "note": note}
    return render(request, "accounts/keeper.html", context, status=422 if form.errors else 200)
