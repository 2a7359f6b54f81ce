"""Due dates of a case."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.exceptions import WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.choices import Severity
from cases.forms.work import DeadlineForm
from cases.services import deadlines
from cases.views.cases import case_page


@require_POST
def deadline_create(request: StaffRequest, code: str) -> HttpResponse:
    """Set a due date."""
    opened = access.get_case(request.user, code)
    form = DeadlineForm(request.POST, people=access.people_on(opened))
    if form.is_valid():
        values = {**form.cleaned_data, "severity": Severity(form.cleaned_data["severity"])}
        try:
            deadlines.set_deadline(case=opened.case, by=request.user, **values)
        except WrongState as error:
            form.add_error("assignee", error.message)
        else:
            messages.success(request, _("The date was set. Reminders follow by themselves."))
            return redirect("cases:case_detail", code=code)
    return case_page(request, opened, deadline_form=form)


@require_POST
def deadline_settle(request: StaffRequest, code: str, deadline_id: UUID) -> HttpResponse:
    """Mark a date as met."""
    opened = access.get_case(request.user, code)
    deadline = access.get_deadline(opened, deadline_id)
    deadlines.settle_deadline(case=opened.case, deadline=deadline, by=request.user)
    messages.success(request, _("Marked as met. You can undo this in the list of dates."))
    return redirect("cases:case_detail", code=code)


@require_POST
def deadline_reopen(request: StaffRequest, code: str, deadline_id: UUID) -> HttpResponse:
    """Undo: the date runs again."""
    opened = access.get_case(request.user, code)
    deadlines.reopen_deadline(case=opened.case, deadline=access.get_deadline(opened, deadline_id), by=request.user)
    return redirect("cases:case_detail", code=code)
