"""The rota: who is on call, the coming shifts, gaps."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.choices import Role
from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import duty as rota
from cases.access.armed import list_reachable
from cases.forms.duty import ShiftForm, WeekForm
from cases.services import duty as service
from cases.views.helpers import posted


@require_GET
def duty(request: StaffRequest) -> HttpResponse:
    """Who is on call now, where nobody is, and what comes."""
    page = rota.list_shifts(request.user, page=page_number(request))
    context = {
        "page": page,
        "now": rota.on_call_now(),
        "gaps": rota.list_gaps(),
        "reachable": list_reachable(request.user),
    }
    return render(request, "cases/duty.html", context)


@require_http_methods(["GET", "POST"])
def shift_create(request: StaffRequest) -> HttpResponse:
    """Add one shift. Overlaps and people who are away are allowed, and said."""
    access.require_role(request.user, Role.CASEWORKER, Role.COORDINATOR)
    form = ShiftForm(posted(request), people=rota.people_for_duty(), initial=_evening())
    if request.method == "POST" and form.is_valid():
        planned = service.Planned(**form.cleaned_data)
        overlaps = rota.overlapping(planned.starts_at, planned.ends_at).exists()
        try:
            added = service.add_shifts(shifts=[planned], by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            if overlaps and added:
                messages.warning(request, _("This shift overlaps another one. Both count; check whether you want it."))
            messages.success(request, _("The shift is in the rota."))
            return redirect("cases:duty")
    return render(request, "cases/shift_create.html", {"form": form}, status=422 if form.errors else 200)


def _evening() -> dict[str, datetime]:
    """Today from six in the evening until nine in the morning, as the most usual shift."""
    today = timezone.localdate()
    return {
        "starts_at": timezone.make_aware(datetime.combine(today, time(18))),
        "ends_at": timezone.make_aware(datetime.combine(today + timedelta(days=1), time(9))),
    }


@require_http_methods(["GET", "POST"])
def shift_week(request: StaffRequest) -> HttpResponse:
    """Add a week that repeats: first a preview with what overlaps, then all at once."""
    access.require_role(request.user, Role.CASEWORKER, Role.COORDINATOR)
    first = {"first_day": timezone.localdate(), "begins": time(18), "ends": time(9)}
    form = WeekForm(posted(request), people=rota.people_for_duty(), initial=first)
    preview = []
    if request.method == "POST" and form.is_valid():
        preview = form.shifts()
        if "confirm" in request.POST:
            try:
                number = service.add_shifts(shifts=preview, by=request.user)
            except WrongState as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("Shifts added: %(number)s.") % {"number": number})
                return redirect("cases:duty")
    context = {"form": form, "preview": rota.preview_of(preview)}
    return render(request, "cases/shift_week.html", context, status=422 if form.errors else 200)


@require_POST
def shift_cancel(request: StaffRequest, shift_id: UUID) -> HttpResponse:
    """Take a shift out of the rota. Of one that somebody counts on already it is first said who is on call without it."""
    shift = rota.get_shift(request.user, shift_id)
    if rota.is_soon(shift) and "sure" not in request.POST:
        return render(request, "cases/shift_cancel.html", {"shift": shift, "left": rota.left_without(shift)})
    service.cancel_shift(shift=shift, by=request.user)
    messages.success(request, _("The shift was cancelled."))
    return redirect("cases:duty")
