"""People on a case: asking, sealing keys, ending."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import NotAllowed, WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.choices import AssignmentState, CaseRole
from cases.forms.people import EndAssignmentForm, PersonForm, RoleForm
from cases.services import assignment
from cases.views.helpers import posted


@require_GET
def assignment_list(request: StaffRequest, code: str) -> HttpResponse:
    """Who is on the case, since when, why, until when."""
    opened = access.get_case(request.user, code)
    people = list(access.list_assignments(opened))
    vouched = access.vouched_ids([row.user_id for row in people])
    led = any(row.role == CaseRole.LEAD and row.state == AssignmentState.LIVE for row in people)
    context = {"case": opened.case, "actions": opened.actions, "people": people, "vouched": vouched, "led": led}
    return render(request, "cases/assignment_list.html", context)


@require_http_methods(["GET", "POST"])
def assignment_offer(request: StaffRequest, code: str) -> HttpResponse:
    """Ask somebody onto the case: first the role (in the query), then the person."""
    opened = access.get_case(request.user, code)
    if "offer_assignment" not in opened.actions:
        raise NotAllowed
    role_form = RoleForm(request.GET if "role" in request.GET else None)
    if not (role_form.is_bound and role_form.is_valid()):
        return render(request, "cases/assignment_offer.html", {"case": opened.case, "form": role_form})
    role = CaseRole(role_form.cleaned_data["role"])
    form = PersonForm(posted(request), people=access.people_for_role(opened, role))
    if request.method == "POST" and form.is_valid():
        try:
            assignment.offer_assignment(
                case=opened.case, person=form.cleaned_data["person"], role=role, by=request.user
            )
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("She was asked. She gets access when she accepts."))
            return redirect("cases:assignment_list", code=code)
    context = {"case": opened.case, "form": form, "role": role}
    return render(request, "cases/assignment_offer.html", context, status=422 if form.errors else 200)


@require_POST
def assignment_seal(request: StaffRequest, code: str, assignment_id: UUID) -> HttpResponse:
    """Do a key errand: she can be given access now."""
    opened = access.get_case(request.user, code)
    try:
        assignment.seal_keys(assignment=access.get_assignment(opened, assignment_id), by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The keys are sealed to her. She can accept now."))
    return redirect("cases:assignment_list", code=code)


@require_POST
def lead_take(request: StaffRequest, code: str) -> HttpResponse:
    """A backup takes the lead of a case that nobody leads any more."""
    opened = access.get_case(request.user, code)
    try:
        assignment.take_lead(case=opened.case, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("You lead this case now. Next: ask a backup."))
    return redirect("cases:assignment_list", code=code)


@require_http_methods(["GET", "POST"])
def assignment_end(request: StaffRequest, code: str, assignment_id: UUID) -> HttpResponse:
    """End a role on the case, with a reason."""
    opened = access.get_case(request.user, code)
    row = access.get_ending_assignment(request.user, opened, assignment_id)
    form = EndAssignmentForm(posted(request), live=row.state == AssignmentState.LIVE)
    if request.method == "POST" and form.is_valid():
        try:
            assignment.end_assignment(assignment=row, reason=form.cleaned_data["reason"], by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Her access has ended, also in pages she has open."))
            own = row.user_id == request.user.pk
            return redirect("cases:case_list") if own else redirect("cases:assignment_list", code=code)
    context = {"case": opened.case, "assignment": row, "form": form}
    return render(request, "cases/assignment_end.html", context, status=422 if form.errors else 200)
