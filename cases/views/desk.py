"""The desk: what wants doing now."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.choices import Role
from accounts.exceptions import WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.services import assignment, casework, deadlines


@require_GET
def desk(request: StaffRequest) -> HttpResponse:
    """Home: offers, errands, reminders, next dates."""
    user = request.user
    errands, notices, due = (
        list(access.list_errands(user)),
        list(access.list_notices(user)),
        list(access.list_due(user)),
    )
    texts = casework.read_deadlines(deadlines=[*(notice.deadline for notice in notices), *due], by=user)
    context = {
        "offers": access.list_offers(user),
        "errands": errands,
        "ready_for_keys": access.vouched_ids([errand.user_id for errand in errands]),
        "notices": [(notice, texts.get(notice.deadline_id, "")) for notice in notices],
        "due": [(deadline, texts.get(deadline.pk, "")) for deadline in due],
        "without_backup": access.list_cases_without_backup(user),
        "waiting": access.count_waiting_requests(user),
        "to_vouch": access.count_keys_to_vouch(user),
        "no_team": user.has(Role.CASEWORKER) and access.current_team(restricted=False) is None,
    }
    context["empty"] = not any(context.values())
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
