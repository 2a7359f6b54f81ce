"""The desk: what wants doing now."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.exceptions import WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.services import assignment, deadlines
from cases.views.panels import panels_of


@require_GET
def desk(request: StaffRequest) -> HttpResponse:
    """Home: what wants doing now, the most urgent first, and one line that says what to do next."""
    panels = panels_of(request.user)
    steps = [panel.next_step for panel in panels if panel.next_step]
    context = {
        "panels": panels,
        "next_step": min(steps, key=lambda step: step.order, default=None),
        "empty": not panels,
    }
    return render(request, "cases/desk.html", context)


@require_POST
def notice_acknowledge(request: StaffRequest, notice_id: UUID) -> HttpResponse:
    """She has seen a reminder."""
    deadlines.acknowledge_notice(notice=access.get_notice(request.user, notice_id), by=request.user)
    return redirect("cases:desk")


@require_POST
def offer_answer(request: StaffRequest, assignment_id: UUID) -> HttpResponse:
    """Accept or decline a case she was asked to work on."""
    answer = request.POST.get("answer")
    if answer not in {"accept", "decline"}:
        messages.error(request, _("Choose whether you accept or decline. Nothing was changed."))
        return redirect("cases:desk")
    accepts = answer == "accept"
    try:
        assignment.answer_offer(assignment_id=assignment_id, accepts=accepts, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request, _("The case is among yours now.") if accepts else _("Declined. Thank you for saying so.")
        )
    return redirect("cases:desk")
