"""Answering a request: taking it, waiting with a promise, rating its risk, ending it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.plain_forms import PlainForm
from accounts.requests import StaffRequest
from cases import access
from cases.access import queue
from cases.choices import RequestState
from cases.forms.answers import AskBackForm, AssignForm, CallEndForm, EndForm, EndingForm, PromiseForm, RiskForm
from cases.knowledge.risk import actions
from cases.services import answering, requests, writing
from cases.services.request_risk import rate_risk
from cases.services.running import running
from cases.views.helpers import dealt_with, entries, posted, warn_of_away
from cases.views.requests import request_page


def _done(request: StaffRequest, code: str, act: Callable[[], object], said: str) -> HttpResponse:
    """Do it, say so, and back to the request; what cannot be done now is said instead."""
    try:
        act()
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("cases:request_detail", code=code)


def _overtaken(
    request: StaffRequest, code: str, name: str, field: str, form: PlainForm, error: WrongState
) -> HttpResponse:
    """Somebody was faster: what she typed stays, beside what stands there now; where it has ended, there is nothing to type."""
    found = access.get_request(request.user, code)
    if not found.is_open:
        messages.error(request, error.message)
        return redirect("cases:request_detail", code=code)
    form.add_error(field, error.message)
    return request_page(request, found, **{name: form, "form": form})


@require_POST
def request_take(request: StaffRequest, code: str) -> HttpResponse:
    """I take it."""
    found, seen = access.get_request(request.user, code), request.POST.get("seen", "")
    return _done(
        request, code, lambda: answering.take(request=found, seen=seen, by=request.user), _("It is yours now.")
    )


@require_POST
def request_assign(request: StaffRequest, code: str) -> HttpResponse:
    """Give it to a member of its team."""
    found = access.get_request(request.user, code)
    form = AssignForm(request.POST, people=queue.colleagues_for([found]))
    if not form.is_valid():
        return request_page(request, found, assign_form=form, form=form)
    person = form.cleaned_data["person"]
    said, seen = _("%(name)s has it now.") % {"name": person.display_name}, request.POST.get("seen")
    try:
        answering.assign(request=found, person=person, seen=seen, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
        warn_of_away(request, person)
    return redirect("cases:request_detail", code=code)


@require_POST
def request_acknowledge(request: StaffRequest, code: str) -> HttpResponse:
    """Somebody has answered her."""
    found = access.get_request(request.user, code)
    said = _("Acknowledged. The first-response clock has stopped.")
    if found.assignee_id is None:
        said += " " + _("It is yours now, because nobody had it. You can give it to somebody.")
    return _done(request, code, lambda: answering.acknowledge(request=found, by=request.user), said)


def _may_wait(found: Any, form: AskBackForm | PromiseForm, field: str) -> bool:
    """Whether the form is in order, and nothing urgent would fall silent."""
    if form.is_valid() and found.alerts_run:
        form.add_error(field, answering.acknowledge_first())
    return form.is_valid()


@require_POST
def request_ask_back(request: StaffRequest, code: str) -> HttpResponse:
    """She was asked something: we wait for her answer."""
    found = access.get_request(request.user, code)
    form = AskBackForm(request.POST)
    if not _may_wait(found, form, "look_again_on"):
        return request_page(request, found, ask_form=form, form=form)
    day, seen = form.cleaned_data["look_again_on"], request.POST.get("seen")
    try:
        answering.ask_back(request=found, look_again_on=day, seen=seen, by=request.user)
    except WrongState as error:
        return _overtaken(request, code, "ask_form", "look_again_on", form, error)
    said = _("It waits for her answer. On that day it is on your desk.")
    if found.assignee and found.assignee != request.user:
        said = _("It waits for her answer. On that day it is on the desk of %(name)s, who has it.")
        said %= {"name": found.assignee.display_name}
    messages.success(request, said)
    return redirect("cases:request_detail", code=code)


@require_POST
def request_promise(request: StaffRequest, code: str) -> HttpResponse:
    """She was promised a day and hour."""
    found = access.get_request(request.user, code)
    form = PromiseForm(request.POST)
    if not _may_wait(found, form, "until"):
        return request_page(request, found, promise_form=form, form=form)
    until, seen = form.cleaned_data["until"], request.POST.get("seen")
    try:
        answering.promise_date(request=found, until=until, seen=seen, by=request.user)
    except WrongState as error:
        return _overtaken(request, code, "promise_form", "until", form, error)
    messages.success(request, _("The promise is noted. It stands in the queue, and on the desk when it comes."))
    return redirect("cases:request_detail", code=code)


@require_POST
def request_promise_end(request: StaffRequest, code: str) -> HttpResponse:
    """The promise was kept, or it is taken back and she knows."""
    found = access.get_request(request.user, code)
    kept = request.POST.get("how") == "kept"
    if not kept and request.POST.get("how") != "taken_back":
        messages.error(request, _("Choose whether the promise was kept or taken back. Nothing was changed."))
        return redirect("cases:request_detail", code=code)
    said = _("Noted: the promise was kept.") if kept else _("Noted: the promise is taken back.")
    seen = request.POST.get("seen")
    return _done(
        request, code, lambda: answering.end_promise(request=found, kept=kept, seen=seen, by=request.user), said
    )


@require_POST
def request_go_on(request: StaffRequest, code: str) -> HttpResponse:
    """The waiting is over."""
    found, seen = access.get_request(request.user, code), request.POST.get("seen")
    return _done(
        request, code, lambda: answering.go_on(request=found, seen=seen, by=request.user), _("The waiting is over.")
    )


@require_POST
def request_call_end(request: StaffRequest, code: str) -> HttpResponse:
    """How the attempt to reach her ended."""
    found = access.get_request(request.user, code)
    form = CallEndForm(request.POST)
    if not form.is_valid():
        return request_page(request, found, call_form=form, form=form)
    result = form.cleaned_data["result"]
    said = _("The contact attempt is noted.")
    return _done(request, code, lambda: requests.end_call(request=found, result=result, by=request.user), said)


@require_http_methods(["GET", "POST"])
def request_risk(request: StaffRequest, code: str) -> HttpResponse:
    """The five core questions; the rest follows on the case."""
    found = access.get_request(request.user, code)
    form = RiskForm(posted(request), initial=requests.read(request=found, by=request.user).answers)
    if request.method == "POST" and form.is_valid():
        try:
            result = rate_risk(request=found, answers=form.cleaned_data, by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            steps = "; ".join(entries(actions(result.level.id)))
            messages.success(request, _("The answers are kept. What to do now: %(steps)s.") % {"steps": steps})
            return redirect("cases:request_detail", code=code)
    context = {"help_request": found, "form": form}
    return render(request, "cases/request_risk.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def request_end(request: StaffRequest, code: str) -> HttpResponse:
    """End a request that does not become a case: first how (in the query), then what that ending asks for."""
    found = access.get_request(request.user, code)
    if not found.is_open:
        return dealt_with(request, found)
    choice = EndingForm(request.GET if "state" in request.GET else posted(request))
    if not (choice.is_bound and choice.is_valid()):
        context = {"help_request": found, "form": choice}
        return render(request, "cases/request_end.html", context, status=422 if choice.errors else 200)
    state = RequestState(choice.cleaned_data["state"])
    runs = running(found.offence_learned_on, found.suspect_learned_on, timezone.localdate())
    form = EndForm(posted(request) if "state" in request.GET else None, state=state, must_tell=runs is not None)
    if request.method == "POST" and form.is_valid():
        try:
            _end(request, found, state, form.cleaned_data)
        except WrongState as error:
            form.add_error("other" if "other" in form.fields else None, error.message)
        else:
            messages.success(request, _("The request has ended. It can be opened again if this was wrong."))
            return redirect("cases:request_detail", code=code)
    context = {"help_request": found, "form": form, "state": state, "sentence": writing.sentence(found, runs)}
    return render(request, "cases/request_end.html", context, status=422 if form.errors else 200)


def _end(request: StaffRequest, found, state: RequestState, values: dict) -> None:
    told = values.get("told_in_writing", False)
    if state == RequestState.REFERRED_OUT:
        answering.refer_out(
            request=found,
            reason=values["reason"],
            to_whom=values["to_whom"],
            refer_by=values["refer_by"],
            told=told,
            by=request.user,
        )
    elif state == RequestState.DUPLICATE:
        other, case = queue.find_other(request.user, values["other"])
        answering.mark_duplicate(
            request=found, other=other, case=case, nonce=values["nonce"], note=values["note"], by=request.user
        )
    else:
        answering.end_request(request=found, state=state, reason=values.get("reason", ""), told=told, by=request.user)


@require_POST
def request_reopen(request: StaffRequest, code: str) -> HttpResponse:
    """Undo a wrong ending."""
    found = access.get_request(request.user, code)
    try:
        opened = answering.reopen_request(request=found, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        said = _("The request is open again.") if opened else _("The request is open already. Nothing was changed.")
        messages.success(request, said)
    return redirect("cases:request_detail", code=code)
