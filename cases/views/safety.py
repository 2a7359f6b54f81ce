"""The safety plan: written, looked through, printed."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from accounts.requests import StaffRequest
from cases import access
from cases.access import plan
from cases.forms.plan import NextReviewForm, SafetyPlanForm
from cases.services import casework, safety
from cases.services.sealed.content import Version
from cases.views.helpers import case_context, on_top, posted, what_stands

if TYPE_CHECKING:
    from cases.models import SafetyPlan  # for the annotation only: views never ask a model

AGAIN = timedelta(days=14)


def next_time(found: "SafetyPlan | None") -> date:
    """The day that is set, or two weeks from now."""
    day, today = found.next_review_on if found else None, timezone.localdate()
    return day if day and day > today else today + AGAIN


@require_http_methods(["GET", "POST"])
def safety_plan(request: StaffRequest, code: str) -> HttpResponse:
    """The lines of the plan as a form."""
    opened = access.get_case(request.user, code)
    content = casework.read_content(case=opened.case, records=[], by=request.user)
    if content is None:
        raise NotAllowed
    found = plan.safety_plan_of(opened)
    versions = safety.plan_versions(case=opened.case, plan=found, by=request.user)
    version = versions[0] if versions else None
    form, changed = _plan_form(request, found, version), None
    if request.method == "POST" and form.is_valid():
        try:
            _write(form, opened, request.user)
        except WrongState as error:  # perhaps in this very moment: read again
            found = plan.safety_plan_of(opened)
            versions = safety.plan_versions(case=opened.case, plan=found, by=request.user)
            version = versions[0] if versions else None
            form, changed = on_top(form, versions), version
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The safety plan was saved. Older versions are kept."))
            return redirect("cases:safety_plan", code=code)
    context = {
        **case_context(opened, content, "cases:case_plan"),
        "form": form,
        "plan": found,
        "review_form": NextReviewForm(initial={"next_review_on": next_time(found)}, auto_id="review_%s"),
        "written": version,
        "changed": changed,
        "now": what_stands(form, version.value if version else {}),
    }
    return render(request, "cases/safety_plan.html", context, status=422 if form.errors else 200)


def _plan_form(request: StaffRequest, found: "SafetyPlan | None", version: Version | None) -> SafetyPlanForm:
    """The newest version to be changed, with the day for the next look."""
    lines = {**version.value, "seen": version.revision} if version else {"seen": 0}
    return SafetyPlanForm(posted(request), initial={**lines, "next_review_on": next_time(found)})


def _write(form: SafetyPlanForm, opened: access.OpenedCase, user: User) -> None:
    """Raises WrongState where somebody was faster."""
    seen, again = form.cleaned_data["seen"], form.cleaned_data["next_review_on"]
    safety.write_plan(case=opened.case, items=form.items(), seen=seen, next_review_on=again, by=user)


@require_POST
def safety_plan_reviewed(request: StaffRequest, code: str) -> HttpResponse:
    """She went through the plan today."""
    opened = access.get_case(request.user, code)
    found, form = plan.get_safety_plan(opened), NextReviewForm(request.POST)
    if form.is_valid():
        again = form.cleaned_data["next_review_on"]
        safety.review_plan(case=opened.case, plan=found, next_review_on=again, by=request.user)
        messages.success(request, _("Noted: looked through today."))
    else:
        messages.error(request, _("Nothing was noted: choose a day that comes for the next time, or leave it empty."))
    return redirect("cases:safety_plan", code=code)


@require_GET
def safety_plan_print(request: StaffRequest, code: str) -> HttpResponse:
    """The plan as a sheet of paper, with who printed it and when."""
    opened = access.get_case(request.user, code)
    found = plan.get_safety_plan(opened)
    version = safety.print_plan(case=opened.case, plan=found, by=request.user)
    if version is None:
        raise NotAllowed
    form = SafetyPlanForm()
    lines = [(form.fields[name].label, version.value[name]) for name in form.fields if version.value.get(name)]
    context = {"case": opened.case, "plan": found, "lines": lines, "now": timezone.now()}
    return render(request, "cases/safety_plan_print.html", context)
