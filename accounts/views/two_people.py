"""When two people are needed: the table of rules, and acts that one person announced because nobody else is able."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import keeper_access as access
from accounts import quorum
from accounts.choices import Role
from accounts.exceptions import WrongState
from accounts.keeper_forms import AnnounceForm
from accounts.requests import StaffRequest
from accounts.services import delayed
from accounts.step_up import require_step_up
from accounts.views.common import only_for

PAGE = "accounts:two_people"
STAFF = (Role.CASEWORKER, Role.COORDINATOR, Role.ADMINISTRATOR)
EVERYBODY = (*STAFF, Role.LAWYER)  # whoever is told of an act sees it and can stop it


@require_GET
@only_for(*EVERYBODY)
def two_people(request: StaffRequest) -> HttpResponse:
    return render(request, "accounts/two_people.html", {"acts": access.list_acts(), "rules": quorum.RULES})


@require_POST
@only_for(*STAFF)
def act_announce(request: StaffRequest) -> HttpResponse:
    """Announce an act; the page it was asked on shows when it can be done."""
    require_step_up(request)
    form = AnnounceForm(request.POST)
    if form.is_valid():
        try:
            delayed.announce(rule=form.cleaned_data["rule"], record_id=form.cleaned_data["record"], by=request.user)
        except WrongState as wrong:
            messages.error(request, wrong.message)
        else:
            messages.success(request, _("Announced. Everybody was told; anybody can stop it until you do it."))
    return redirect(PAGE)


@require_POST
@only_for(*STAFF)
def act_do(request: StaffRequest, act_id: UUID) -> HttpResponse:
    require_step_up(request)
    try:
        delayed.do(act_id=act_id, words=request.POST.get("words", ""), by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("Done. Somebody else reviews it within seven days."))
    return redirect(PAGE)


@require_POST
@only_for(*EVERYBODY)
def act_stop(request: StaffRequest, act_id: UUID) -> HttpResponse:
    try:
        delayed.cancel(act_id=act_id, by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("It was stopped."))
    return redirect(PAGE)


@require_POST
@only_for(*STAFF)
def act_review(request: StaffRequest, act_id: UUID) -> HttpResponse:
    delayed.review(act_id=act_id, by=request.user)
    messages.success(request, _("Noted that you reviewed it."))
    return redirect(PAGE)
