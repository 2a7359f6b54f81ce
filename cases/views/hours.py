"""When the helpline works: what first-response clocks count by."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases.access import hours as access_hours
from cases.forms.hours import ClosedDayForm, HoursForm
from cases.services import opening_hours
from cases.views.helpers import posted


@require_http_methods(["GET", "POST"])
def opening_times(request: StaffRequest) -> HttpResponse:
    """Hours by weekday, and the coming days on which the helpline is closed."""
    form = HoursForm(posted(request), hours=access_hours.list_hours(request.user))
    if request.method == "POST" and form.is_valid():
        opening_hours.set_hours(hours=form.changed_hours(), by=request.user)
        messages.success(request, _("Saved. Requests that are logged from now on are counted by these hours."))
        return redirect("cases:opening_times")
    return _page(request, form, ClosedDayForm())


@require_POST
def closed_day_add(request: StaffRequest) -> HttpResponse:
    """Note a day on which nobody works."""
    hours, form = access_hours.list_hours(request.user), ClosedDayForm(request.POST)
    if form.is_valid():
        try:
            opening_hours.close_day(day=form.cleaned_data["day"], by=request.user)
        except WrongState as error:
            form.add_error("day", error.message)
        else:
            messages.success(request, _("The day was added."))
            return redirect("cases:opening_times")
    return _page(request, HoursForm(hours=hours), form)


@require_POST
def closed_day_remove(request: StaffRequest, closed_id: UUID) -> HttpResponse:
    """The helpline works on that day after all."""
    opening_hours.reopen_day(closed=access_hours.get_closed_day(request.user, closed_id), by=request.user)
    messages.success(request, _("Taken off. Add it again if that was wrong."))
    return redirect("cases:opening_times")


def _page(request: StaffRequest, hours_form: HoursForm, day_form: ClosedDayForm) -> HttpResponse:
    refused = next((form for form in (hours_form, day_form) if form.errors), None)
    context = {
        "hours_form": hours_form,
        "day_form": day_form,
        "closed_days": access_hours.list_closed_days(request.user, page=page_number(request)),
        "always": not any(opens.value() for opens, _closes in hours_form.days()),
        "zone": settings.TIME_ZONE,
        "form": refused,
    }
    return render(request, "cases/opening_times.html", context, status=422 if refused else 200)
