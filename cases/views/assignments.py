"""People on a case: asking, sealing keys, changing until when, ending."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import NotAllowed, WrongState
from accounts.paging import PAGE_SIZE, Page, page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import people as access_people
from cases.access import plan
from cases.access import walls as access_walls
from cases.access.grants import list_current
from cases.access.supervision import may_review
from cases.choices import AssignmentState, CaseRole
from cases.forms.people import AskForm, AskLawyerForm, EndAssignmentForm, RoleForm, UntilForm
from cases.services import assignment, slips, walls
from cases.services.sealed_facts import is_protected
from cases.views.helpers import posted, title_context

CURRENT = (AssignmentState.OFFERED, AssignmentState.LIVE)


@require_GET
def assignment_list(request: StaffRequest, code: str) -> HttpResponse:
    """Who is on the case, since when, why, until when; and who was."""
    opened = access.get_case(request.user, code)
    people = list(access.list_assignments(opened))
    kept_out = access_walls.list_walls(opened.case.pk) if "set_wall" in opened.actions else []
    reasons = walls.read_reasons(case=opened.case, walls=kept_out, by=request.user)
    own = next((row for row in people if row.user_id == request.user.pk and row.state == AssignmentState.LIVE), None)
    changes = access_people.lead_changes(people)
    context = {
        **title_context(request, opened, "cases:assignment_list"),
        "current": [(row, changes.get(row.pk)) for row in people if row.state in CURRENT],
        "grants": list_current(opened),
        "past": [row for row in people if row.state not in CURRENT],
        "vouched": access.vouched_ids([row.user_id for row in people]),
        "led": any(row.role == CaseRole.LEAD and row.state == AssignmentState.LIVE for row in people),
        "leads": own is not None and own.role == CaseRole.LEAD,
        "may_ask": own is not None and assignment.may_offer(case=opened.case, role=CaseRole.BACKUP, by=request.user),
        "walls": [(wall, reasons.get(wall.id, "")) for wall in kept_out],
        "wall_questions": access_walls.list_questions(opened) if "set_wall" in opened.actions else [],
        "reviews": "write_note" in opened.actions and may_review(request.user, opened.case),
    }
    return render(request, "cases/assignment_list.html", context)


@require_http_methods(["GET", "POST"])
def assignment_offer(request: StaffRequest, code: str) -> HttpResponse:
    """Ask somebody onto the case: first the role (in the query), then the person, why and until when."""
    opened = access.get_case(request.user, code)
    if "offer_assignment" not in opened.actions:
        raise NotAllowed
    role_form = RoleForm(request.GET if "role" in request.GET else None, protected=is_protected(opened.case))
    if not (role_form.is_bound and role_form.is_valid()):
        return render(request, "cases/assignment_offer.html", {"case": opened.case, "form": role_form})
    role = CaseRole(role_form.cleaned_data["role"])
    people = access.people_for_role(opened, role)
    vouched = access.vouched_ids([person.pk for person in people])
    form = _ask_form(request, role, people, vouched)
    if request.method == "POST" and _asked(request, opened, role, form):
        messages.success(request, _("She was asked. She gets access when she accepts."))
        return redirect("cases:assignment_list", code=code)
    candidates = access_people.list_candidates(opened, role, people, vouched)
    start = (page_number(request) - 1) * PAGE_SIZE
    wanted = str(form["person"].value() or "")
    context = {
        "case": opened.case,
        "form": form,
        "role": role,
        "page": Page(candidates[start : start + PAGE_SIZE + 1], page_number(request)),
        "wanted": wanted,
        "on_it": access_people.current_role(opened, wanted) if wanted else None,
        "without_key": access.without_key_for_role(opened, role),
    }
    return render(request, "cases/assignment_offer.html", context, status=422 if form.errors else 200)


def _ask_form(request: StaffRequest, role: CaseRole, people: Any, vouched: set[UUID]) -> AskForm:
    kind = AskLawyerForm if role == CaseRole.LAWYER else AskForm
    held_back = access_people.held_back_ids() & {person.pk for person in people}
    return kind(
        posted(request),
        initial={"person": request.GET.get("person", "")},
        role=role,
        people=people,
        held_back=held_back,
        vouched=vouched,
    )


def _asked(request: StaffRequest, opened: access.OpenedCase, role: CaseRole, form: AskForm) -> bool:
    """Whether she was asked, now or by the first of two clicks; what stood in the way is said on the form."""
    if not form.is_valid():
        return _asked_before(request, opened, role)
    values = form.cleaned_data
    slip = form.slip() if isinstance(form, AskLawyerForm) and form.slip_is_due() else None
    try:
        assignment.offer_assignment(
            case=opened.case,
            person=values["person"],
            role=role,
            reason=values["reason"],
            until_on=values.get("until_on"),
            slip=slip,
            by=request.user,
        )
    except WrongState as error:
        if _asked_before(request, opened, role):
            return True
        form.add_error(None, error.message)
        return False
    return True


def _asked_before(request: StaffRequest, opened: access.OpenedCase, role: CaseRole) -> bool:
    person, reason = request.POST.get("person", ""), request.POST.get("reason", "")
    return assignment.just_asked(case=opened.case, person=person, role=role, reason=reason, by=request.user)


@require_POST
def assignment_seal(request: StaffRequest, code: str, assignment_id: UUID) -> HttpResponse:
    """Do a key errand: she can be given access now. A lawyer's slip is asked first, on a page of its own."""
    opened = access.get_case(request.user, code)
    row = access.get_assignment(opened, assignment_id)
    if slips.needs_slip(row) and "offer_assignment" in opened.actions:
        return redirect("cases:assignment_slip", code=code, assignment_id=assignment_id)
    try:
        assignment.seal_keys(assignment=row, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The keys are sealed to her. She can accept now."))
    return redirect("cases:assignment_list", code=code)


@require_http_methods(["GET", "POST"])
def assignment_until(request: StaffRequest, code: str, assignment_id: UUID) -> HttpResponse:
    """Until when somebody is on the case."""
    opened = access.get_case(request.user, code)
    if "offer_assignment" not in opened.actions:
        raise NotAllowed
    row = access.get_assignment(opened, assignment_id)
    form = UntilForm(posted(request), initial={"until_on": row.until_on})
    if request.method == "POST" and form.is_valid():
        assignment.set_until(assignment=row, until_on=form.cleaned_data["until_on"], by=request.user)
        messages.success(request, _("Changed until when she is on the case."))
        return redirect("cases:assignment_list", code=code)
    context = {"case": opened.case, "assignment": row, "form": form}
    return render(request, "cases/assignment_until.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def assignment_end(request: StaffRequest, code: str, assignment_id: UUID) -> HttpResponse:
    """End a role on the case, with a reason."""
    opened = access.get_case(request.user, code)
    row = access.get_ending_assignment(request.user, opened, assignment_id)
    live, own = row.state == AssignmentState.LIVE, row.user_id == request.user.pk
    form = EndAssignmentForm(posted(request), live=live)
    if request.method == "POST" and form.is_valid():
        try:
            assignment.end_assignment(assignment=row, reason=form.cleaned_data["reason"], by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _said_ended(live=live, own=own))
            return redirect("cases:case_list") if own else redirect("cases:assignment_list", code=code)
    said = {"live": live, "own": own, "falls": plan.what_falls(row)}
    context = {"case": opened.case, "assignment": row, "form": form, **said}
    return render(request, "cases/assignment_end.html", context, status=422 if form.errors else 200)


def _said_ended(*, live: bool, own: bool) -> str:
    if not live:
        return _("Withdrawn: she is not asked any more.")
    return _("Your access has ended.") if own else _("Her access has ended, also in pages she has open.")
