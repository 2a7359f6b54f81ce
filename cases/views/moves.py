"""Moves of work: asked for on the board, done or declined by the lead; the lead handed over or taken."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Role
from accounts.exceptions import NotAllowed, WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.access import moves as access_moves
from cases.access.people import is_lead, list_backups
from cases.choices import CaseRole
from cases.codes import MoveReason, MoveState
from cases.forms.load import MoveForm
from cases.forms.people import HandOverForm
from cases.services import assignment, moves
from cases.views.helpers import posted


@require_http_methods(["GET", "POST"])
def move_ask(request: StaffRequest, code: str) -> HttpResponse:
    """A coordinator asks that a case of her board gets somebody."""
    found = access_moves.get_board_case(request.user, code)
    form = MoveForm(posted(request), people=access_moves.people_to_move_to(request.user, found))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            moves.ask_move(
                code=code,
                person=values["person"],
                role=CaseRole(values["role"]),
                reason=MoveReason(values["reason"]),
                by=request.user,
            )
        except WrongState as error:
            form.add_error("person", error.message)
        else:
            messages.success(request, _("Asked. Lead and backup see it on their desks and answer."))
            return redirect("cases:work_board")
    return render(request, "cases/move_ask.html", {"found": found, "form": form}, status=422 if form.errors else 200)


@require_POST
def move_back(request: StaffRequest, code: str, move_id: UUID) -> HttpResponse:
    """The coordinator takes back what she asked for."""
    access.require_role(request.user, Role.COORDINATOR)
    try:
        moves.take_back(code=code, move_id=move_id, by=request.user)
    except NotAllowed:
        raise Http404 from None  # a case that left her board is like one that does not exist
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Taken back. Lead and backup are not asked any more."))
    return redirect("cases:work_board")


@require_POST
def move_answer(request: StaffRequest, code: str, move_id: UUID) -> HttpResponse:
    """Lead or backup says that it is done, or no."""
    opened = access.get_case(request.user, code)
    if "offer_assignment" not in opened.actions:
        raise NotAllowed
    state = request.POST.get("answer", "")
    if state not in {MoveState.DONE, MoveState.DECLINED}:
        messages.error(request, _("Choose whether it is done or declined. Nothing was changed."))
        return redirect("cases:desk")
    try:
        moves.answer_move(move=access_moves.get_move(opened, move_id), state=MoveState(state), by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Answered. The coordinator sees it on the board."))
    return redirect("cases:desk")


@require_http_methods(["GET", "POST"])
def lead_hand_over(request: StaffRequest, code: str) -> HttpResponse:
    """The lead hands over to a backup in one step; without a backup she asks one first."""
    opened = access.get_case(request.user, code)
    if "offer_assignment" not in opened.actions or not is_lead(request.user, opened.case):
        raise NotAllowed
    backups = list_backups(opened)
    wanted = request.GET.get("person", "")
    first = next((row for row in backups if str(row.user_id) == wanted), backups.first())
    form = HandOverForm(posted(request), backups=backups, initial={"backup": first.pk if first else None})
    if request.method == "POST" and form.is_valid():
        try:
            assignment.hand_over_lead(assignment=form.cleaned_data["backup"], by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("She leads this case now, and you are its backup."))
            return redirect("cases:assignment_list", code=code)
    context = {"case": opened.case, "form": form, "ready": first is not None, "person": wanted}
    return render(request, "cases/lead_hand_over.html", context, status=422 if form.errors else 200)


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
