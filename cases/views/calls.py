"""Reaching her: the call mode, and correcting how she can be reached."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import NotAllowed, WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.access import plan
from cases.codes import CallResult
from cases.forms.plan import EndCallForm, ReachForm
from cases.services import calls, casework
from cases.views.helpers import on_top, posted, title_context, what_stands


@require_http_methods(["GET", "POST"])
def case_call(request: StaffRequest, code: str) -> HttpResponse:
    """Begin a call by a click; the page shows how to reach her until the call has ended, also when loaded anew."""
    opened = access.get_case(request.user, code)
    if request.method == "POST":
        calls.begin_call(case=opened.case, by=request.user)
        return redirect("cases:case_call", code=code)
    if plan.find_my_call(request.user, opened) is None:
        return _no_call(opened)
    return _call_page(request, opened)


def _no_call(opened: access.OpenedCase) -> HttpResponse:
    """Her call has ended, or she never had one: nothing about her is shown. Raises NotAllowed."""
    if "open_reach" not in opened.actions:
        raise NotAllowed
    return redirect("cases:case_detail", code=opened.case.code)


def _call_page(request: StaffRequest, opened: access.OpenedCase, form: EndCallForm | None = None) -> HttpResponse:
    attempt = plan.get_my_call(request.user, opened)
    promises = _promises(request, opened)
    context = {
        **title_context(request, opened, ""),
        "attempt": attempt,
        "reach": calls.read_reach(attempt=attempt, by=request.user),
        "form": form or EndCallForm(tasks=promises),
        "others": [one for one in plan.calls_under_way(opened) if one.pk != attempt.pk],
    }
    return render(request, "cases/case_call.html", context, status=422 if form else 200)


def _promises(request: StaffRequest, opened: access.OpenedCase) -> list[tuple[Any, str]]:
    found = list(plan.list_promises_to_keep(request.user, opened))
    texts = casework.read_tasks(tasks=found, by=request.user)
    return [(task, texts.get(task.pk, str(task.get_kind_display()))) for task in found]


@require_POST
def call_end(request: StaffRequest, code: str) -> HttpResponse:
    """End an own call with its result; a second click finds it ended."""
    opened = access.get_case(request.user, code)
    attempt = plan.find_my_call(request.user, opened)
    form = EndCallForm(request.POST, tasks=_promises(request, opened))
    if attempt is None:
        return _no_call(opened)
    if not form.is_valid():
        return _call_page(request, opened, form)
    calls.end_call(
        case=opened.case,
        attempt=attempt,
        result=CallResult(form.cleaned_data["result"]),
        text=form.cleaned_data["text"],
        kept=form.kept_tasks(),
        promise=form.new_promise(request.user),
        by=request.user,
    )
    messages.success(request, _("The call has ended; how to reach her is closed again."))
    return redirect("cases:case_detail", code=code)


@require_http_methods(["GET", "POST"])
def case_reach(request: StaffRequest, code: str) -> HttpResponse:
    """Correct how she can be reached; older versions are kept."""
    opened = access.get_case(request.user, code)
    versions = calls.read_reach_to_change(case=opened.case, by=request.user)
    newest = versions[0] if versions else None
    seen, reach = (newest.revision, newest.value) if newest else (0, {})
    form, changed = ReachForm(posted(request), initial={**reach, "seen": seen}), None
    if request.method == "POST" and form.is_valid():
        values = form.values()
        try:
            if values != reach:
                calls.change_reach(case=opened.case, values=values, seen=form.cleaned_data["seen"], by=request.user)
        except WrongState as error:  # perhaps in this very moment: read again
            versions = calls.read_reach_to_change(case=opened.case, by=request.user)
            newest = versions[0] if versions else None
            reach = newest.value if newest else {}
            form, changed = on_top(form, versions), newest
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Saved. The older version is kept."))
            return redirect("cases:case_detail", code=code)
    context = {**title_context(request, opened, "cases:case_detail"), "form": form, "changed": changed}
    context["now"] = what_stands(form, reach)
    return render(request, "cases/case_reach.html", context, status=422 if form.errors else 200)
