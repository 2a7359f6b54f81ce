"""Handing over the key of somebody who has left: the administrator names a successor, the successor does the rest."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import keeper_access as access
from accounts.access import get_person
from accounts.choices import CeremonyKind, Role
from accounts.exceptions import WrongState
from accounts.keeper_forms import SuccessorForm
from accounts.requests import StaffRequest
from accounts.services import takeover as service
from accounts.step_up import require_step_up
from accounts.views.common import only_for, posted


@require_http_methods(["GET", "POST"])
@only_for(Role.ADMINISTRATOR)
def handover_name(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Name who takes over what only she could open."""
    person = get_person(person_id)
    if person.is_active or person.enrolled_at is None:
        raise Http404
    require_step_up(request)
    form = SuccessorForm(posted(request), people=access.list_successors(request.user))
    if form.is_bound and form.is_valid():
        successor = form.people[form.cleaned_data["successor"]]
        try:
            service.name_successor(
                departed=person, successor=successor, protected=form.cleaned_data["protected"], by=request.user
            )
        except WrongState as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(
                request,
                _("%(name)s is named as successor and was told. She begins on her own page.")
                % {"name": successor.display_name},
            )
            return redirect("accounts:person_detail", person_id)
    context = {"form": form, "person": person, "ceremonies": access.list_running_handovers(person)}
    return render(request, "accounts/handover_name.html", context, status=422 if form.errors else 200)


@require_GET
@only_for(Role.CASEWORKER)
def handover_list(request: StaffRequest) -> HttpResponse:
    """What she was named to take over, and the words for the keepers."""
    stopped = [row for row in access.list_stopped() if row.kind == CeremonyKind.HANDOVER]
    context = {"handovers": access.list_handovers(), "stopped": stopped}
    return render(request, "accounts/handover_list.html", context)


@require_POST
@only_for(Role.CASEWORKER)
def handover_begin(request: StaffRequest, request_id: UUID) -> HttpResponse:
    require_step_up(request)
    try:
        service.begin(request_id=request_id, by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("Now call two key keepers and read them the six words."))
    return redirect("accounts:handover_list")


@require_POST
@only_for(Role.CASEWORKER)
def handover_finish(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """The key is opened in this request, and gone with it."""
    require_step_up(request)
    try:
        number = service.finish(request_id=request_id, by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        said = ngettext("You took over %(number)d case.", "You took over %(number)d cases.", number)
        messages.success(request, said % {"number": number})
    return redirect("accounts:handover_list")
