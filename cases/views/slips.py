"""Conflict slips: sent by a holder, read and answered by the lawyer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.exceptions import WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.access.people import get_lawyer, get_own_slip
from cases.choices import AssignmentState
from cases.forms.people import SlipForm
from cases.services import assignment, slips
from cases.views.helpers import posted


@require_http_methods(["GET", "POST"])
def assignment_slip(request: StaffRequest, code: str, assignment_id: UUID) -> HttpResponse:
    """Send a slip: with the keys where they wait, or later when a name becomes known."""
    opened = access.get_case(request.user, code)
    row = get_lawyer(opened, assignment_id)
    waits = row.state == AssignmentState.OFFERED and row.keys_sealed_at is None
    form = SlipForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            if waits:
                assignment.seal_keys(assignment=row, slip=form.slip(), by=request.user)
            else:
                slips.send_slip(assignment=row, slip=form.slip(), by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The slip is sealed to her. She answers it on her desk."))
            return redirect("cases:assignment_list", code=code)
    context = {"case": opened.case, "assignment": row, "form": form, "waits": waits}
    return render(request, "cases/assignment_slip.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def slip_answer(request: StaffRequest, assignment_id: UUID) -> HttpResponse:
    """The lawyer reads her slip, which is logged, and says whether there is a conflict."""
    row = get_own_slip(request.user, assignment_id)
    answer = request.POST.get("answer")
    if answer in {"clear", "conflict"}:
        try:
            slips.answer_slip(assignment_id=assignment_id, clear=answer == "clear", by=request.user)
        except WrongState as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _answered(row.state, answer))
        return redirect("cases:desk")
    context = {
        "assignment": row,
        "slip": slips.read_slip(assignment=row, by=request.user),
        "over": slips.what_happened(row),
    }
    return render(request, "cases/slip_answer.html", context, status=422 if request.method == "POST" else 200)


def _answered(state: str, answer: str) -> str:
    if answer == "conflict":
        return _("Thank you. The case is closed to you now, and the names are destroyed.")
    if state == AssignmentState.OFFERED:
        return _("No conflict. The names are destroyed. You can accept the case now.")
    return _("No conflict. The names are destroyed.")
