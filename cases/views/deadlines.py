"""Due dates of a case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.exceptions import WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.choices import DeadlineState, Severity
from cases.forms.plan import AssigneeForm, WaiveForm
from cases.forms.work import DeadlineForm
from cases.services import casework, deadlines
from cases.views.cases import case_page
from cases.views.helpers import case_context

LEAD_AND_BACKUP = gettext_lazy("Lead and backup")


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


@require_GET
def deadline_detail(request: StaffRequest, code: str, deadline_id: UUID) -> HttpResponse:
    """Somebody else, or let it go."""
    opened = access.get_case(request.user, code)
    return _page(request, opened, access.get_deadline(opened, deadline_id))


def _page(request: StaffRequest, opened: access.OpenedCase, deadline: Any, form: Form | None = None) -> HttpResponse:
    """The page of one date, with the form that was refused, if one was."""
    content = casework.read_content(case=opened.case, records=[deadline.pk], by=request.user)
    people = access.people_on(opened)
    assign_form = AssigneeForm(people=people, nobody=LEAD_AND_BACKUP, initial={"assignee": deadline.assignee_id})
    context = {
        **case_context(opened, content, "cases:case_detail"),
        "deadline": deadline,
        "text": content.texts.get(deadline.pk, "") if content else "",
        "assign_form": form if isinstance(form, AssigneeForm) else assign_form,
        "waive_form": form if isinstance(form, WaiveForm) else WaiveForm(),
        "may_waive": deadlines.may_waive(case=opened.case, deadline=deadline, by=request.user),
        "form": form,
    }
    return render(request, "cases/deadline_detail.html", context, status=422 if form else 200)


@require_POST
def deadline_assign(request: StaffRequest, code: str, deadline_id: UUID) -> HttpResponse:
    """Give a date to somebody else on the case."""
    opened = access.get_case(request.user, code)
    deadline = access.get_deadline(opened, deadline_id)
    form = AssigneeForm(request.POST, people=access.people_on(opened), nobody=LEAD_AND_BACKUP)
    if not form.is_valid():
        return _page(request, opened, deadline, form)
    person, seen = form.cleaned_data["assignee"], request.POST.get("seen")
    try:
        deadlines.reassign_deadline(case=opened.case, deadline=deadline, assignee=person, seen=seen, by=request.user)
    except WrongState as error:
        now = access.get_deadline(opened, deadline_id)
        if now.state == DeadlineState.RUNNING:
            form.add_error("assignee", error.message)
            return _page(request, opened, now, form)
        messages.error(request, error.message)
    else:
        messages.success(request, _("The date was given to somebody else, who is reminded from now on."))
    return redirect("cases:case_detail", code=code)


@require_POST
def deadline_waive(request: StaffRequest, code: str, deadline_id: UUID) -> HttpResponse:
    """Let a date go, with a reason."""
    opened = access.get_case(request.user, code)
    deadline = access.get_deadline(opened, deadline_id)
    form = WaiveForm(request.POST)
    if not form.is_valid():
        return _page(request, opened, deadline, form)
    values = form.cleaned_data
    deadlines.waive_deadline(
        case=opened.case, deadline=deadline, nonce=values["nonce"], reason=values["reason"], by=request.user
    )
    messages.success(request, _("Let go. The reason is a note on the case; you can undo this in the list of dates."))
    return redirect("cases:case_detail", code=code)
