"""The weekly housekeeping list, and its card on the desk."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.choices import Role
from accounts.models import User
from accounts.requests import StaffRequest
from accounts.templatetags.sidro import short_time
from accounts.wording import one_stop
from cases.access.housekeeping import MOST, get_line, list_housekeeping
from cases.choices import CaseRole, Severity
from cases.codes import CheckItem, TaskKind, TidyRule
from cases.services import housekeeping as service
from cases.views.panel import Panel

CASE = "cases:case_detail"
OPENED, DUE = _("Opened on %(day)s"), _("Due on %(day)s: %(what)s")
BEGUN = _("Begun on %(day)s")
# Rule -> the page that solves it (of a case, or of a request), and what tells the line from others of its rule.
RULES: dict[str, tuple[str, Promise]] = {
    TidyRule.NO_BACKUP: ("cases:assignment_list", OPENED),
    TidyRule.QUIET: (CASE, OPENED),
    TidyRule.RISK_NEVER: ("cases:case_risk", OPENED),
    TidyRule.RISK_AGAIN: ("cases:case_risk", _("To be asked again since %(day)s")),
    TidyRule.NO_REVIEW: ("cases:case_facts", OPENED),
    TidyRule.DATE_NOBODY: (CASE, DUE),
    TidyRule.TASK_LATE: ("cases:case_plan", DUE),
    TidyRule.CHECK_LATE: ("cases:case_plan", DUE),
    TidyRule.CALL_OPEN: (CASE, BEGUN),
    TidyRule.CALL_OF_REQUEST: ("cases:request_detail", BEGUN),
    TidyRule.ACCESS_ENDS: ("cases:assignment_list", _("%(who)s (%(what)s), until %(day)s")),
    TidyRule.PROMISE_PASSED: ("cases:request_detail", _("Promised for %(day)s")),
    TidyRule.LOOK_AGAIN: ("cases:request_detail", _("To look whether she has answered: %(day)s")),
    TidyRule.REFERRAL_LATE: ("cases:request_detail", _("Their answer was due on %(day)s")),
}
# What a coded line is about; a date or task that has a text is named by that.
NAMES: dict[str, Any] = {
    TidyRule.DATE_NOBODY: Severity,
    TidyRule.TASK_LATE: TaskKind,
    TidyRule.CHECK_LATE: CheckItem,
    TidyRule.ACCESS_ENDS: CaseRole,
}
TO_THE_MINUTE = {TidyRule.CALL_OPEN, TidyRule.CALL_OF_REQUEST}


@require_GET
def housekeeping(request: StaffRequest) -> HttpResponse:
    """What lies open, at most ten lines, the oldest first; each leads to where it is solved."""
    found, put_off = list_housekeeping(request.user)
    texts = service.read_texts(lines=found[:MOST], by=request.user)
    lines = [_line(line, texts.get(line.record_id, "")) for line in found[:MOST]]
    context = {"lines": lines, "more": len(found) > MOST, "put_off": put_off}
    return render(request, "cases/housekeeping.html", context)


@require_POST
def put_off(request: StaffRequest, rule: str, line_id: UUID) -> HttpResponse:
    """Not this week."""
    line = get_line(request.user, rule, line_id)
    monday = service.put_off(line=line, by=request.user)
    words = {"code": line.at_code, "day": short_time(monday)}
    messages.success(request, one_stop(gettext("%(code)s: put off. The line comes back on Monday, %(day)s.") % words))
    return redirect("cases:housekeeping")


@require_POST
def show_again(request: StaffRequest) -> HttpResponse:
    """What she has put off is on the list again."""
    list_housekeeping(request.user)
    service.show_again(by=request.user)
    return redirect("cases:housekeeping")


def _line(line: Any, text: str) -> dict[str, Any]:
    page, pattern = RULES[line.rule]
    names = NAMES.get(line.rule)
    what = text or (names(line.what).label if names else "")
    moment = timezone.localtime(line.since)
    day = short_time(moment if line.rule in TO_THE_MINUTE else moment.date())
    return {
        "code": line.at_code,
        "text": TidyRule(line.rule).label,
        "meant": pattern % {"day": day, "what": what, "who": line.who},
        "url": _address(page, line.at_code),
        "later": reverse("cases:housekeeping_put_off", args=[line.rule, line.record_id]),
    }


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
    number = len(list_housekeeping(user)[0])
    return (
        Panel("cases/desk/housekeeping.html", {"number": min(number, MOST), "more": number > MOST}) if number else None
    )
