"""Key keepers, for those who work here: the administrator names and retires them, a member of intake confirms them by voice."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import keeper_access as access
from accounts.access import may_vouch
from accounts.choices import Role
from accounts.exceptions import NotAllowed, WrongState
from accounts.keeper_forms import KeeperAddForm, KeeperWordsForm
from accounts.requests import StaffRequest
from accounts.services import ceremonies, keepers
from accounts.step_up import require_step_up
from accounts.views.common import only_for, posted


@require_GET
@only_for(Role.ADMINISTRATOR)
def keeper_list(request: StaffRequest) -> HttpResponse:
    """Who they are, whose keys they could open, what runs; until there are three, the written acceptance."""
    found = access.list_keepers()
    confirmed = sum(keeper.state == "confirmed" for keeper in found)
    context = {
        "keepers": found,
        "missing": max(0, access.WANTED - confirmed),
        "acceptance": access.get_acceptance(),
        "coverage": access.get_coverage() if confirmed > 1 else None,
        "ceremonies": access.list_ceremonies(),
        "stopped": access.list_stopped(),
    }
    return render(request, "accounts/keeper_list.html", context)


@require_http_methods(["GET", "POST"])
@only_for(Role.ADMINISTRATOR)
def keeper_add(request: StaffRequest) -> HttpResponse:
    """Name a keeper; the link on which she makes her code is shown once."""
    require_step_up(request)
    form = KeeperAddForm(posted(request), initial={"language": request.user.language})
    if form.is_bound and form.is_valid():
        try:
            token = keepers.invite(**form.cleaned_data, by=request.user)
        except WrongState as wrong:
            form.add_error(None, wrong.message)
        else:
            base = settings.STAFF_URL.rstrip("/") or request.build_absolute_uri("/").rstrip("/")
            link = base + reverse("accounts:keeper_link", args=[token])
            context = {"name": form.cleaned_data["name"], "link": link, "days": keepers.LINK_AGE.days}
            return render(request, "accounts/keeper_added.html", context)
    return render(request, "accounts/keeper_add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@only_for(Role.ADMINISTRATOR)
def keeper_retire(request: StaffRequest, keeper_id: UUID) -> HttpResponse:
    """Says what goes with her, then does it."""
    require_step_up(request)
    keeper = access.get_keeper(keeper_id)
    if request.method == "GET":
        return render(request, "accounts/keeper_retire.html", {"keeper": keeper})
    try:
        keepers.retire(keeper_id=keeper_id, by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("%(name)s is no key keeper any more.") % {"name": keeper.row.name})
    return redirect("accounts:keeper_list")


@require_http_methods(["GET", "POST"])
@only_for(Role.CASEWORKER)
def keeper_confirm(request: StaffRequest, keeper_id: UUID) -> HttpResponse:
    """Type the words that the keeper reads from her paper."""
    keeper = next((row for row in access.list_keepers_to_confirm(request.user) if row.id == keeper_id), None)
    if keeper is None or not may_vouch(request.user):
        raise NotAllowed
    require_step_up(request)
    form = KeeperWordsForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            keepers.confirm_by_words(keeper=keeper.row, words=form.cleaned_data["words"], by=request.user)
        except WrongState as wrong:
            form.add_error("words", wrong.message)
        else:
            messages.success(request, _("You confirmed %(name)s as a key keeper.") % {"name": keeper.row.name})
            return redirect("accounts:vouch_list")
    context = {"form": form, "keeper": keeper}
    return render(request, "accounts/keeper_confirm.html", context, status=422 if form.errors else 200)


@require_POST
def ceremony_stop(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """Stop opening a key: by whom it is about, an administrator, or the successor."""
    try:
        ceremonies.stop(request_id=request_id)
    except WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("It was stopped. Nothing of it is left."))
    return redirect("accounts:keeper_list" if request.user.has(Role.ADMINISTRATOR) else "accounts:account")
