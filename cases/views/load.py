"""What a person can carry, and who carries what."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.choices import Role
from accounts.exceptions import WrongState
from accounts.models import User
from accounts.paging import PAGE_SIZE, Page, page_number
from accounts.requests import StaffRequest
from cases.access import people as access_people
from cases.choices import ContactLanguage
from cases.codes import Country
from cases.forms.load import ProfileForm
from cases.services import profiles
from cases.views.helpers import posted
from cases.words import labels


@require_GET
def load_list(request: StaffRequest) -> HttpResponse:
    """Who carries what, worst first; no case and no content."""
    loads = access_people.list_loads(request.user)
    languages, countries = labels(ContactLanguage), labels(Country)
    rows = [
        (
            row,
            [languages.get(code, code) for code in row.languages],
            [countries.get(code, code) for code in row.countries],
        )
        for row in loads
    ]
    start = (page_number(request) - 1) * PAGE_SIZE
    page = Page(rows[start : start + PAGE_SIZE + 1], page_number(request))
    edits = request.user.has(Role.COORDINATOR) or request.user.has(Role.ADMINISTRATOR)
    return render(request, "cases/load_list.html", {"page": page, "edits": edits})


@require_http_methods(["GET", "POST"])
def work_profile(request: StaffRequest) -> HttpResponse:
    """Her own."""
    return _profile(request, request.user)


@require_http_methods(["GET", "POST"])
def work_profile_of(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Somebody else's, for whoever runs the house."""
    return _profile(request, access_people.get_person_to_edit(request.user, person_id))


def _profile(request: StaffRequest, person: User) -> HttpResponse:
    own = person.pk == request.user.pk
    form = ProfileForm(
        posted(request),
        person=person,
        own=own,
        supervisors=access_people.possible_supervisors(person),
        initial=access_people.profile_values(person),
    )
    if request.method == "POST" and form.is_valid():
        try:
            profiles.save_profile(person=person, values=form.cleaned_data, by=request.user)
        except WrongState as error:
            form.add_error("supervisor", error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:account") if own else redirect(request.path)
    load = access_people.own_load(request.user) if own else None
    context = {"person": person, "form": form, "own": own, "load": load}
    return render(request, "cases/work_profile.html", context, status=422 if form.errors else 200)
