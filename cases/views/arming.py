"""Reach armed: by a holder on the case, used by whoever is on call on the page "Duty rota"."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import NotAllowed, WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.access import armed
from cases.codes import ArmReason, CallResult
from cases.forms.arming import ArmForm, DutyCallForm
from cases.services import arming
from cases.views.helpers import posted


@require_http_methods(["GET", "POST"])
def case_arm(request: StaffRequest, code: str) -> HttpResponse:
    """Let whoever is on call reach her: reason and end are proposed, one click on the desk sends them."""
    opened = access.get_case(request.user, code)
    if "arm_reach" not in opened.actions:
        raise NotAllowed
    proposed = {"reason": armed.reason_for(opened.case), "until": armed.default_until()}
    form = ArmForm(posted(request), initial=proposed)
    if request.method == "POST" and "proposed" in request.POST:
        form = ArmForm({"reason": request.POST["proposed"], "until": proposed["until"]})
    if request.method == "POST" and form.is_valid():
        reason, until = ArmReason(form.cleaned_data["reason"]), form.cleaned_data["until"]
        try:
            arming.arm(case=opened.case, reason=reason, until=until, by=request.user)
        except WrongState as error:
            form.add_error("until", error.message)
        else:
            if cannot := arming.who_cannot(opened.case, until):
                messages.warning(request, cannot)
            else:
                messages.success(request, _("Whoever is on call may reach her now. You are told when it is used."))
            return redirect("cases:case_detail", code=code)
    context = {"case": opened.case, "form": form, "why_not": arming.why_not(opened.case)}
    context["cannot"] = "" if context["why_not"] else arming.who_cannot(opened.case, armed.default_until())
    return render(request, "cases/case_arm.html", context, status=422 if form.errors else 200)


@require_POST
def case_disarm(request: StaffRequest, code: str) -> HttpResponse:
    """End it by hand."""
    arming.disarm(case=access.get_case(request.user, code).case, by=request.user)
    messages.success(request, _("Whoever is on call cannot reach her any more."))
    return redirect("cases:case_detail", code=code)


@require_POST
def duty_call(request: StaffRequest, armed_id: UUID) -> HttpResponse:
    """Whoever is on call calls her."""
    try:
        attempt = arming.begin_call(armed_id=armed_id, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
        return redirect("cases:duty")
    return redirect("cases:duty_reach", attempt_id=attempt)


@require_http_methods(["GET", "POST"])
def duty_reach(request: StaffRequest, attempt_id: UUID) -> HttpResponse:
    """How she can be reached, until the call has ended. How it ended is said also where it was disarmed meanwhile."""
    form = DutyCallForm(posted(request))
    if request.method == "POST" and form.is_valid():
        arming.end_call(attempt_id=attempt_id, result=CallResult(form.cleaned_data["result"]), by=request.user)
        messages.success(request, _("The call has ended. Lead and backup see it on the case."))
        return redirect("cases:duty")
    try:
        reach = arming.open_call(attempt_id=attempt_id, by=request.user)
    except Http404:
        if not armed.is_still_calling(request.user, attempt_id):
            raise
        reach = None
    return render(request, "cases/duty_reach.html", {"reach": reach, "form": form}, status=422 if form.errors else 200)
