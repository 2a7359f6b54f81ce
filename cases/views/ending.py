"""The end of a case: she wants to stop, how long it is kept, a legal hold, receipts of what was erased."""

from typing import Any
from uuid import UUID

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
from accounts.templatetags.sidro import short_time
from cases import access
from cases.access import retention
from cases.choices import CaseState
from cases.compartments import ErasureReason, HoldReason, Withdrawal
from cases.forms.ending import HoldForm, KeepForm, WithdrawForm
from cases.services import casework, erasing
from cases.views.asking import tell_asked
from cases.views.helpers import case_context, posted, require, title_context

FACTS = "cases:case_facts"


@require_http_methods(["GET", "POST"])
def case_withdraw(request: StaffRequest, code: str) -> HttpResponse:
    """She wants to stop: what that means stands above the choice."""
    opened = require(access.get_case(request.user, code), "erase_case")
    stops = retention.what_stops(opened)
    content = casework.read_content(case=opened.case, records=[row.pk for row in stops.dates], by=request.user)
    texts = content.texts if content else {}
    dates = [(row, texts.get(row.pk, "")) for row in stops.dates]
    form = WithdrawForm(
        posted(request),
        dates=[(row.pk, f"{short_time(row.due_on)}: {text or row.get_severity_display()}") for row, text in dates],
        erasable=not opened.case.hold_reason,
        pausable=opened.case.state == CaseState.OPEN and opened.case.paused_at is None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _withdrawn(request, opened, form)
        except WrongState as error:
            form.add_error(None, error.message)
    waiting = retention.open_ending(opened)
    context = {"form": form, "stops": stops, "dates": dates, "waiting": waiting}
    page = {**case_context(opened, content, FACTS), **context}
    return render(request, "cases/case_withdraw.html", page, status=422 if form.errors else 200)


def _withdrawn(request: StaffRequest, opened: access.OpenedCase, form: WithdrawForm) -> HttpResponse:
    """Do what she chose. Raises WrongState, StepUpNeeded."""
    code, choice = opened.case.code, form.cleaned_data["choice"]
    if choice == Withdrawal.HAND_OVER:
        return redirect("cases:case_export", code=code)
    if choice == Withdrawal.PAUSE:
        erasing.pause_case(case=opened.case, pauses=True, by=request.user)
        messages.success(request, _("The case is paused. Nobody calls her until you end the pause."))
        return redirect("cases:case_detail", code=code)
    require_step_up(request)
    asked = erasing.ask_erasure(case=opened.case, kept=form.kept, reason=ErasureReason.HER_WISH, by=request.user)
    tell_asked(request, opened, _("A second person was asked. Nothing is erased until she agrees."))
    return redirect("cases:approval_detail", code=code, approval_id=asked)


@require_POST
def case_resume(request: StaffRequest, code: str) -> HttpResponse:
    """End a pause."""
    opened = require(access.get_case(request.user, code), "pause_case")
    erasing.pause_case(case=opened.case, pauses=False, by=request.user)
    messages.success(request, _("The pause is over."))
    return redirect("cases:case_detail", code=code)


@require_GET
def case_ending(request: StaffRequest, code: str) -> HttpResponse:
    return ending_page(request, access.get_case(request.user, code))


def ending_page(request: StaffRequest, opened: access.OpenedCase, form: Any = None) -> HttpResponse:
    """How long the case is kept, and what stops that it is erased; `form` is the one that was refused."""
    context = {
        **title_context(request, opened, FACTS),
        "due": retention.is_due(opened),
        "waiting": retention.open_ending(opened),
        "held_by": retention.held_by(opened),
        "may_hold": opened.case.state != CaseState.ERASED and retention.is_lawyer_of(opened, request.user),
        "keep_form": form if isinstance(form, KeepForm) else KeepForm(),
        "hold_form": form if isinstance(form, HoldForm) else HoldForm(),
        "form": form,
    }
    return render(request, "cases/case_ending.html", context, status=422 if form else 200)


@require_POST
def case_keep(request: StaffRequest, code: str) -> HttpResponse:
    """Keep a closed case longer: a second person agrees."""
    opened = require(access.get_case(request.user, code), "keep_case")
    form = KeepForm(request.POST)
    if not form.is_valid():
        return ending_page(request, opened, form)
    asked = erasing.ask_to_keep(case=opened.case, until=form.cleaned_data["until"], by=request.user)
    return _asked(request, opened, asked)


@require_POST
def case_erase_due(request: StaffRequest, code: str) -> HttpResponse:
    """It was kept long enough: a second person agrees that it is erased."""
    opened = require(access.get_case(request.user, code), "erase_case")
    require_step_up(request)
    asked = erasing.ask_erasure(case=opened.case, kept=None, reason=ErasureReason.RETENTION, by=request.user)
    return _asked(request, opened, asked)


@require_POST
def hold_state(request: StaffRequest, code: str) -> HttpResponse:
    """A lawyer of the case states a legal hold."""
    opened = access.get_case(request.user, code)
    if not request.user.has(Role.LAWYER):
        raise NotAllowed
    form = HoldForm(request.POST)
    if not form.is_valid():
        return ending_page(request, opened, form)
    erasing.state_hold(case=opened.case, reason=HoldReason(form.cleaned_data["reason"]), by=request.user)
    messages.success(request, _("The hold stands. Nothing of this case is erased until two people lift it."))
    return redirect("cases:case_ending", code=code)


@require_POST
def hold_lift(request: StaffRequest, code: str) -> HttpResponse:
    """Ask a second person to lift the hold."""
    opened = require(access.get_case(request.user, code), "lift_hold")
    return _asked(request, opened, erasing.ask_to_lift(case=opened.case, by=request.user))


def _asked(request: StaffRequest, opened: access.OpenedCase, asked: UUID) -> HttpResponse:
    tell_asked(request, opened, _("A second person was asked. Nothing changes until she agrees."))
    return redirect("cases:approval_detail", code=opened.case.code, approval_id=asked)


@require_POST
def case_erase_rest(request: StaffRequest, code: str) -> HttpResponse:
    """The one date that was left is over."""
    opened = require(access.get_case(request.user, code), "erase_rest")
    require_step_up(request)
    receipt = erasing.erase_rest(case=opened.case, by=request.user)
    return redirect("cases:erasure_detail", receipt_id=receipt)


@require_GET
def erasure_list(request: StaffRequest) -> HttpResponse:
    """Receipts of what was erased, without content."""
    page = retention.list_receipts(page=page_number(request))
    return render(request, "cases/erasure_list.html", {"page": page})


@require_GET
def erasure_detail(request: StaffRequest, receipt_id: UUID) -> HttpResponse:
    """One receipt, to print."""
    receipt = retention.get_receipt(receipt_id)
    context = {"receipt": receipt, "oblivion": retention.oblivion_day(receipt.at)}
    return render(request, "cases/erasure_detail.html", context)
