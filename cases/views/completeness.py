"""What cases still miss, and the checklist after acceptance."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access.completeness import list_incomplete
from cases.codes import CheckItem, CheckOutcome
from cases.completeness import Gap
from cases.services import casework, checks


@dataclass(frozen=True)
class Missing:
    """A gap with the address where it is put right; empty where that page does not exist."""

    words: str
    url: str


def with_addresses(gaps: list[Gap], code: str, actions: frozenset[str] = frozenset()) -> list[Missing]:
    """`actions` are hers on that case: what only somebody else puts right she reads without an address.

    On a list of cases it is left out: whoever could take the lead is neither lead nor supervisor there.
    """
    return [Missing(str(gap.words), _address(gap, code, actions)) for gap in gaps]


def _address(gap: Gap, code: str, actions: frozenset[str]) -> str:
    if gap.action and gap.action not in actions:
        return ""
    try:
        url = reverse(gap.page, args=[code])
    except NoReverseMatch:
        return ""
    return f"{url}#{gap.anchor}" if gap.anchor else url


@require_GET
def completeness(request: StaffRequest) -> HttpResponse:
    """What is still missing on the cases that she leads or supervises."""
    page, found = list_incomplete(request.user, page=page_number(request))
    titles = casework.read_titles(cases=page, by=request.user)
    rows = [(case, titles.get(case.pk, ""), with_addresses(gaps, case.code)) for case, gaps in found]
    return render(request, "cases/completeness.html", {"page": page, "rows": rows})


@require_POST
def check_settle(request: StaffRequest, code: str, check: str) -> HttpResponse:
    """A line of the checklist is done, or not needed."""
    opened = access.get_case(request.user, code)
    outcome = request.POST.get("outcome", "")
    if check not in CheckItem.values:
        raise Http404
    if outcome not in CheckOutcome.values:
        messages.error(request, _("Choose “done” or “not needed”. Nothing was changed."))
    else:
        try:
            checks.settle_check(case=opened.case, item=CheckItem(check), outcome=CheckOutcome(outcome), by=request.user)
        except WrongState as error:
            messages.error(request, error.message)
    return redirect(reverse("cases:case_detail", args=[code]) + "#checklist")


@require_POST
def check_reopen(request: StaffRequest, code: str, check: str) -> HttpResponse:
    """Undo."""
    opened = access.get_case(request.user, code)
    if check not in CheckItem.values:
        raise Http404
    checks.reopen_check(case=opened.case, item=CheckItem(check), by=request.user)
    return redirect(reverse("cases:case_detail", args=[code]) + "#checklist")
