"""The weekly housekeeping list, and its card on the desk."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.choices import Role
from accounts.models import User
from accounts.requests import StaffRequest
from cases.access.housekeeping import MOST, list_housekeeping
from cases.views.panel import Panel

CASE = "cases:case_detail"
# Rule -> what it says, and the page that solves it (of a case, or of a request).
RULES: dict[str, tuple[Promise, str]] = {
    "no_backup": (_("No backup for more than a week: nobody else could open it"), "cases:assignment_list"),
    "quiet": (_("No note and no call for 30 days"), CASE),
    "risk_never": (_("The risk was never rated"), "cases:case_risk"),
    "risk_again": (_("The risk is to be asked again"), "cases:case_risk"),
    "no_review": (_("No day for the next review"), "cases:case_facts"),
    "date_nobody": (_("A critical date within two weeks, and nobody is named for it"), CASE),
    "task_late": (_("A task is more than a week late"), "cases:case_plan"),
    "check_late": (_("A line of the checklist is late"), "cases:case_plan"),
    "call_open": (_("A call was begun and never ended"), CASE),
    "call_of_request": (_("A call was begun and never ended"), "cases:request_detail"),
    "access_ends": (_("Somebody’s access ends this week"), "cases:assignment_list"),
    "promise_passed": (_("The day you promised an answer has passed"), "cases:request_detail"),
}


@require_GET
def housekeeping(request: StaffRequest) -> HttpResponse:
    """What lies open, at most ten lines, the oldest first; each leads to where it is solved."""
    found = list_housekeeping(request.user)
    context = {"lines": [_line(line) for line in found[:MOST]], "more": len(found) > MOST}
    return render(request, "cases/housekeeping.html", context)


def _line(line: Any) -> dict[str, Any]:
    text, page = RULES[line.rule]
    return {"code": line.at_code, "since": line.since, "text": text, "url": _address(page, line.at_code)}


def _address(page: str, code: str) -> str:
    """The page that solves it; the case itself where this installation does not have that page."""
    try:
        return reverse(page, args=[code])
    except NoReverseMatch:
        return reverse(CASE, args=[code])


def card(user: User) -> Panel | None:
    """The card of the desk: how much lies open, and the way to the list."""
    if not (user.has(Role.CASEWORKER) or user.has(Role.LAWYER)):
        return None
    number = len(list_housekeeping(user))
    return (
        Panel("cases/desk/housekeeping.html", {"number": min(number, MOST), "more": number > MOST}) if number else None
    )
