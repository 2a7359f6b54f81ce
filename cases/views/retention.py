"""What was kept long enough: proposed here, decided by two, never erased by itself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.choices import Role
from accounts.exceptions import NotAllowed, WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from accounts.step_up import require_step_up
from cases import access
from cases.access import retention
from cases.compartments import ErasureReason
from cases.forms.ending import GiveDateForm
from cases.services import erasing
from cases.views.asking import tell_team_asked
from cases.views.helpers import posted


@require_GET
def retention_list(request: StaffRequest) -> HttpResponse:
    """Cases and requests of the reader that were kept long enough; to the coordinator codes and days of all."""
    user = request.user
    if not (user.has(Role.CASEWORKER) or user.has(Role.COORDINATOR)):
        raise NotAllowed
    works = user.has(Role.CASEWORKER)
    context = {
        "page": retention.list_due_cases(user, page=page_number(request)) if works else None,
        "requests": retention.list_due_requests(user) if works else (),
        "house": retention.list_due_for_house(page=page_number(request)) if user.has(Role.COORDINATOR) else None,
    }
    return render(request, "cases/retention_list.html", context)


@require_http_methods(["GET", "POST"])
def date_give(request: StaffRequest, code: str) -> HttpResponse:
    """Lead and backup hand on the date of an erased case; for the coordinator the program does, where nobody holds it."""
    retention.require_date(request.user, code)
    if not retention.holds_date(request.user, code):
        return _date_given_away(request, code)
    form = GiveDateForm(posted(request), people=retention.who_may_hold(code))
    if request.method == "POST" and form.is_valid():
        try:
            erasing.give_date(code=code, person=form.cleaned_data["person"], by=request.user)
        except WrongState as error:
            form.add_error("person", error.message)
        else:
            messages.success(request, _("She holds the date now, and is reminded of it."))
            return redirect("cases:assignment_list", code=code)
    context = {"code": code, "own": True, "leads": retention.leads_date(request.user, code), "form": form}
    return render(request, "cases/date_give.html", context, status=422 if form.errors else 200)


def _date_given_away(request: StaffRequest, code: str) -> HttpResponse:
    """One button and no names: whoever is missing in a list would be known to be kept out."""
    context = {"code": code, "own": False}
    if request.method == "POST":
        try:
            erasing.give_date(code=code, person=None, by=request.user)
        except WrongState as error:
            return render(request, "cases/date_give.html", {**context, "refused": error.message}, status=422)
        messages.success(request, _("A caseworker holds the date now, and is reminded of it."))
        return redirect("cases:retention_list")
    return render(request, "cases/date_give.html", context)


@require_http_methods(["GET", "POST"])
def request_erase(request: StaffRequest, code: str) -> HttpResponse:
    """Name an ended request for erasure, or agree with whoever has named it."""
    found = access.get_request(request.user, code)
    if not retention.may_erase_request(found):
        raise NotAllowed
    if request.method == "POST":
        require_step_up(request)
        due = retention.is_request_due(found)
        reason = ErasureReason.RETENTION if due and "her_wish" not in request.POST else ErasureReason.HER_WISH
        receipt = erasing.erase_request(request=found, reason=reason, by=request.user)
        if receipt:
            return redirect("cases:erasure_detail", receipt_id=receipt)
        tell_team_asked(request, found, _("Named for erasure. A colleague of your team has to agree."))
        return redirect("cases:retention_list")
    context = {
        "help_request": found,
        "due": retention.is_request_due(found),
        "own": found.erase_asked_by_id == request.user.pk,
    }
    return render(request, "cases/request_erase.html", context)


@require_POST
def request_keep(request: StaffRequest, code: str) -> HttpResponse:
    """Take back that a request was named for erasure."""
    erasing.keep_request(request=access.get_request(request.user, code), by=request.user)
    messages.success(request, _("It is kept."))
    return redirect("cases:retention_list")
