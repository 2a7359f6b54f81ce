"""Days away: her own, and everybody's for whoever plans."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Role
from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from accounts.templatetags.sidro import short_time
from cases.access.absence import Alone, get_absence, list_absences, list_alone, people_who_may_be_away
from cases.access.duty import shifts_meanwhile
from cases.access.queue import count_open_of
from cases.choices import Severity
from cases.forms.duty import AbsenceForm
from cases.services import absence
from cases.views.helpers import posted, with_link

SHIFTS_SAID = 5
CASES_SAID = 10


@require_http_methods(["GET", "POST"])
def absence_list(request: StaffRequest) -> HttpResponse:
    """Who is away when; enter days."""
    today = timezone.localdate()
    people = people_who_may_be_away(request.user)
    form = AbsenceForm(posted(request), people=people, initial={"person": request.user.pk})
    if request.method == "POST" and form.is_valid():
        try:
            entered = absence.add_absence(**form.cleaned_data, by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Entered. Reminders go to the backups meanwhile."))
            _say_shifts(request, entered)
            _say_requests(request, entered)
            _say_alone(request, entered)
            return redirect("cases:absence_list")
    page = list_absences(request.user, page=page_number(request))
    shifts = shifts_meanwhile(page)
    rows = [(row, absence.may_enter_for(row.user, request.user), len(shifts[row.pk])) for row in page]
    alone = list_alone(request.user)
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "today": today,
        "alone": alone[:CASES_SAID],
        "alone_more": max(0, len(alone) - CASES_SAID),
    }
    return render(request, "cases/absence_list.html", context, status=422 if form.errors else 200)


def _say_shifts(request: StaffRequest, entered: Any) -> None:
    """Her shifts in these days stay hers until somebody takes them: the rota does not know that by itself."""
    shifts = shifts_meanwhile([entered])[entered.pk]
    if not shifts:
        return
    said = [f"{short_time(shift.starts_at)} – {short_time(shift.ends_at)}" for shift in shifts[:SHIFTS_SAID]]
    if len(shifts) > SHIFTS_SAID:
        said.append(_("and %(number)s more") % {"number": len(shifts) - SHIFTS_SAID})
    words = _("On these days %(name)s has shifts: %(shifts)s. Find somebody who takes them: %(code)s")
    opens = request.user.has(Role.CASEWORKER) or request.user.has(Role.COORDINATOR)
    url = reverse("cases:duty") if opens else ""
    message = with_link(words, _("Duty rota"), url, name=entered.user.display_name, shifts="; ".join(said))
    messages.warning(request, message)


def _say_requests(request: StaffRequest, entered: Any) -> None:
    """Her open requests stay hers: somebody should take what cannot wait."""
    number = count_open_of(request.user, entered.user)
    if not number:
        return
    words = ngettext(
        "One open request is hers: %(code)s. Give it to somebody else if it cannot wait.",
        "%(number)s open requests are hers: %(code)s. Give to somebody else what cannot wait.",
        number,
    )
    url = f"{reverse('cases:request_list')}?whose={entered.user_id}"
    name = entered.user.display_name
    link = (_("requests of %(name)s") % {"name": name}).removesuffix(".")  # a full stop follows
    messages.warning(request, with_link(words, link, url, number=str(number)))


def _say_alone(request: StaffRequest, entered: Any) -> None:
    """Cases that nobody else of lead and backup looks after meanwhile: by code for herself, a number for whoever plans."""
    found = list_alone(entered.user, entered.from_on, entered.until_on)
    if not found:
        return
    if entered.user_id != request.user.pk:
        words = ngettext(
            "On one case of %(name)s no other lead or backup is there on all of these days. Ask that somebody comes onto it.",
            "On %(number)s cases of %(name)s no other lead or backup is there on all of these days. "
            "Ask that somebody comes onto them.",
            len(found),
        )
        messages.warning(request, words % {"number": len(found), "name": entered.user.display_name})
        return
    words = _("No other lead or backup is there on all of these days: %(code)s. Ask a backup before you go.")
    lines = [(_case(row), _date_of(row)) for row in found[:CASES_SAID]]
    said = format_html_join("; ", "{}{}", lines)
    if len(found) > CASES_SAID:
        said += format_html("; {}", _("and %(number)s more") % {"number": len(found) - CASES_SAID})
    messages.warning(request, format_html(words.replace("%(code)s", "{}"), said))


def _case(row: Alone) -> str:
    url = reverse("cases:assignment_list", args=[row.code])
    return format_html('<a class="govuk-link" href="{}">{}</a>', url, row.code)


def _date_of(row: Alone) -> str:
    """The date that falls into these days, and how much hangs on it."""
    return f" ({short_time(row.due_on)}: {Severity(row.severity).label})" if row.due_on and row.severity else ""


@require_POST
def absence_cancel(request: StaffRequest, absence_id: UUID) -> HttpResponse:
    """Not away after all, or back earlier."""
    absence.cancel_absence(absence=get_absence(absence_id), by=request.user)
    messages.success(request, _("Taken out. Reminders go to her again."))
    return redirect("cases:absence_list")
