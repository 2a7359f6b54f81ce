"""Closing and opening again, and acts that wait for a second person."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.choices import Role
from accounts.exceptions import NotAllowed, WrongState
from accounts.keeper_access import announced, may_do_alone
from accounts.requests import StaffRequest
from cases import access
from cases.access import retention, second, walls
from cases.access.closing import list_blocks
from cases.choices import CaseState
from cases.codes import ApprovalKind, ApprovalState, ClosureReason, LegalOutcome
from cases.forms.facts import CloseForm, ReopenForm
from cases.services import approvals, casework, closing
from cases.views import asking
from cases.views.helpers import case_context, posted, require, title_context
from cases.words import say_question

FACTS = "cases:case_facts"


@require_http_methods(["GET", "POST"])
def case_close(request: StaffRequest, code: str) -> HttpResponse:
    """Close a case: what keeps it open stands above the form."""
    opened = require(access.get_case(request.user, code), "close_case")
    form = CloseForm(posted(request), second=closing.needs_second_person(opened.case))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            asked = closing.close_case(
                case=opened.case,
                state=CaseState(values["state"]),
                reason=ClosureReason(values["reason"]),
                outcome=LegalOutcome(values["outcome"]),
                text=values["text"],
                by=request.user,
            )
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            if asked:
                asking.tell_asked(
                    request, opened, _("A second person was asked. The case stays open until she agrees.")
                )
            else:
                messages.success(request, _("The case is closed."))
            return redirect("cases:case_detail", code=code)
    return _closing_page(request, opened, form)


def _closing_page(request: StaffRequest, opened: access.OpenedCase, form: CloseForm) -> HttpResponse:
    blocks = list_blocks(opened.case)
    records = [row.pk for row in (*blocks.dates, *blocks.tasks)]
    content = casework.read_content(case=opened.case, records=records, by=request.user)
    texts = content.texts if content else {}
    context = {
        **case_context(opened, content, FACTS),
        "form": form,
        "blocks": blocks,
        "dates": [(row, texts.get(row.pk, "")) for row in blocks.dates],
        "tasks": [(row, texts.get(row.pk, row.coded_text)) for row in blocks.tasks],
        "needs_second": closing.needs_second_person(opened.case),
        "seconds": blocks.seconds(request.user),
    }
    return render(request, "cases/case_close.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def case_reopen(request: StaffRequest, code: str) -> HttpResponse:
    """Open a closed case again, with a reason."""
    opened = access.get_case(request.user, code)
    is_open = "close_case" in opened.actions  # a second click, or somebody was first: her reason is kept all the same
    if not (is_open or "reopen_case" in opened.actions):
        raise NotAllowed
    form = ReopenForm(posted(request))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        closing.reopen_case(case=opened.case, text=values["text"], by=request.user, nonce=values["nonce"])
        said = _("The case is open already. Your reason stands in the timeline.")
        messages.success(request, said if is_open else _("The case is open again."))
    if is_open or (request.method == "POST" and form.is_valid()):
        return redirect("cases:case_detail", code=code)
    context = {**title_context(request, opened, FACTS), "form": form}
    return render(request, "cases/case_reopen.html", context, status=422 if form.errors else 200)


@require_GET
def approval_detail(request: StaffRequest, code: str, approval_id: UUID) -> HttpResponse:
    """What a second person is asked: by whom, why, and the two answers."""
    opened = access.get_case(request.user, code)
    approval = second.get_approval(opened, approval_id)
    stays = retention.date_that_stays(approval)
    records = [approval.pk, *([stays.pk] if stays else [])]
    content = casework.read_content(case=opened.case, records=records, by=request.user)
    texts = content.texts if content else {}
    waiting = approval.state == ApprovalState.ASKED
    about = walls.asked_about(approval)
    besides = [approval.asked_by_id, *([about.pk] if about else [])]
    here, away = second.here_and_away(opened, besides=besides) if waiting else ([], [])
    context = {
        **case_context(opened, content, FACTS),
        "approval": approval,
        "what": say_question(approval.kind, approval.detail, second.level_asked(opened, approval)),
        "about": about,
        "reason": texts.get(approval.pk, ""),
        "stays": stays,
        "stays_text": texts.get(stays.pk, "") if stays else "",
        "held_by": retention.held_by(opened) if retention.is_ending(approval) else "",
        "stopped": waiting and retention.is_stopped(opened, approval),
        "seconds": here,
        "away": away,
        "nobody": asking.nobody_answers(opened),
        "may_answer": waiting and second.may_answer(opened, approval, request.user),
        "may_withdraw": waiting and approval.asked_by_id == request.user.pk,
        **(_alone(approval, request.user, here) if waiting and approval.asked_by_id == request.user.pk else {}),
    }
    return render(request, "cases/approval_detail.html", context)


def _alone(approval: Any, user: Any, here: list[str]) -> dict[str, object]:
    """Where nobody else is able: what she may announce, or has announced already. A lawyer announces nothing."""
    found = announced(approval.kind, approval.pk)
    may = Role.CASEWORKER in user.roles and not (found or here) and may_do_alone(approval.kind, approval.pk)
    return {"announced": found, "may_announce": may}


@require_POST
def approval_answer(request: StaffRequest, code: str, approval_id: UUID) -> HttpResponse:
    """Agree or refuse."""
    opened = access.get_case(request.user, code)
    approval = second.get_approval(opened, approval_id)
    answer = request.POST.get("answer")
    if answer not in {"approve", "refuse"}:
        messages.error(request, _("Choose whether you agree. Nothing was changed."))
        return redirect("cases:approval_detail", code=code, approval_id=approval_id)
    try:
        approvals.answer_approval(approval=approval, approves=answer == "approve", by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
        return redirect("cases:approval_detail", code=code, approval_id=approval_id)
    if answer == "approve" and approval.kind == ApprovalKind.ERASE_CASE:
        return redirect("cases:erasure_detail", receipt_id=approval.pk)
    done = _("You agreed. It is done.")
    if approval.kind == ApprovalKind.OPEN_IDENTITY:
        done = _("You agreed. She can open that card once more within a day; you see in the timeline when she does.")
    messages.success(request, done if answer == "approve" else _("You refused. Nothing was changed."))
    return redirect("cases:case_detail", code=code)


@require_POST
def approval_withdraw(request: StaffRequest, code: str, approval_id: UUID) -> HttpResponse:
    """Take an own question back."""
    opened = access.get_case(request.user, code)
    try:
        approvals.withdraw_approval(approval=second.get_approval(opened, approval_id), by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Withdrawn. Nobody is asked any more."))
    return redirect("cases:case_detail", code=code)
