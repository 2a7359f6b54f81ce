"""The administrator's pages about people: list, invite, renew an invitation, deactivate."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import STATES, get_address, get_person, list_people, state_of
from accounts.choices import Role
from accounts.exceptions import WrongState
from accounts.forms import InviteForm, SearchForm
from accounts.keeper_access import has_left_keys, may_do_alone, warn_of_leaving
from accounts.models import User
from accounts.paging import cut, page_number
from accounts.requests import StaffRequest
from accounts.services import people as service
from accounts.step_up import require_step_up
from accounts.views.common import only_for

A_PAGE = 25
FOUND_AT_MOST = 100


@require_http_methods(["GET", "POST"])
@only_for(Role.ADMINISTRATOR)
def people(request: StaffRequest) -> HttpResponse:
    """Everybody, in pages; a search is sent by POST and shown on one page."""
    form = SearchForm(request.POST or None)
    searched = form.is_bound and form.is_valid()
    found = list_people(name=form.cleaned_data["name"]) if searched else list_people()
    page = cut(found, 1, FOUND_AT_MOST) if searched else cut(found, page_number(request), A_PAGE)
    context = {"form": form, "page": page, "searched": searched, "rows": [_row(person) for person in page]}
    return render(request, "accounts/people.html", context)


def _row(person: User) -> dict:
    words, colour = STATES[state_of(person)]
    roles = ", ".join(str(Role(role).label) for role in person.roles)
    return {"person": person, "role_names": roles, "state": words, "colour": colour}


@require_http_methods(["GET", "POST"])
@only_for(Role.ADMINISTRATOR)
def person_invite(request: StaffRequest) -> HttpResponse:
    """Invite a person. Her link is shown once; you hand it over yourself."""
    require_step_up(request)
    form = InviteForm(request.POST or None, initial={"language": request.user.language})
    if form.is_bound and form.is_valid():
        try:
            _person, token = service.invite(**form.cleaned_data, by=request.user)
        except WrongState as wrong:
            form.add_error(None, wrong.message)
        else:
            return _show_link(request, form.cleaned_data["display_name"], token)
    return render(request, "accounts/person_invite.html", {"form": form})


def _show_link(request: StaffRequest, name: str, token: str) -> HttpResponse:
    base = settings.STAFF_URL.rstrip("/") or request.build_absolute_uri("/").rstrip("/")
    link = base + reverse("accounts:enrol_link", args=[token])
    days = service.INVITATION_AGE.days
    return render(request, "accounts/person_invited.html", {"name": name, "link": link, "days": days})


@require_GET
@only_for(Role.ADMINISTRATOR)
def person_detail(request: StaffRequest, person_id: UUID) -> HttpResponse:
    person = get_person(person_id)
    state = state_of(person)
    context = {**_row(person), "address": get_address(person), "state_code": state}
    context["may_announce"] = state == "enrolled" and may_do_alone("vouch", person.pk)
    context["left_keys"] = state == "deactivated" and has_left_keys(person)
    return render(request, "accounts/person_detail.html", context)


@require_POST
@only_for(Role.ADMINISTRATOR)
def person_renew(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """A new link; the old one ends."""
    require_step_up(request)
    person = get_person(person_id)
    try:
        token = service.renew_invitation(person=person, by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
        return redirect("accounts:person_detail", person_id)
    return _show_link(request, person.display_name, token)


@require_http_methods(["GET", "POST"])
@only_for(Role.ADMINISTRATOR)
def person_deactivate(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Says exactly what will happen, then does it."""
    require_step_up(request)
    person = get_person(person_id)
    if request.method == "GET":
        context = {"person": person, "warnings": warn_of_leaving(person)}
        return render(request, "accounts/person_deactivate.html", context)
    try:
        unheld = service.deactivate(person=person, by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("%(name)s was deactivated.") % {"name": person.display_name})
        if unheld:
            text = _("Dates of erased cases that nobody holds now: %(number)s. Coordinators were told to give them on.")
            messages.warning(request, text % {"number": unheld})
    return redirect("accounts:person_detail", person_id)
