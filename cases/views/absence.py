"""Days away: her own, and everybody's for whoever plans."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases.access.absence import get_absence, list_absences, people_who_may_be_away
from cases.forms.duty import AbsenceForm
from cases.services import absence
from cases.views.helpers import posted


@require_http_methods(["GET", "POST"])
def absence_list(request: StaffRequest) -> HttpResponse:
    """Who is away when; enter days."""
    today = timezone.localdate()
    first = {"person": request.user.pk, "from_on": today, "until_on": today}
    form = AbsenceForm(posted(request), people=people_who_may_be_away(request.user), initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            absence.add_absence(**form.cleaned_data, by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Entered. Reminders go to the backups meanwhile."))
            return redirect("cases:absence_list")
    page = list_absences(request.user, page=page_number(request))
    rows = [(row, absence.may_enter_for(row.user, request.user)) for row in page]
    context = {"form": form, "page": page, "rows": rows, "today": today}
    return render(request, "cases/absence_list.html", context, status=422 if form.errors else 200)


@require_POST
def absence_cancel(request: StaffRequest, absence_id: UUID) -> HttpResponse:
    """Not away after all, or back earlier."""
    absence.cancel_absence(absence=get_absence(absence_id), by=request.user)
    messages.success(request, _("Taken out. Reminders go to her again."))
    return redirect("cases:absence_list")
