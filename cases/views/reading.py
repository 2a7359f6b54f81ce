"""Unusual reading, in numbers, for whoever runs the house."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases.access import reading as access_reading

SPANS = ((1, _("Today and yesterday")), (7, _("7 days")), (30, _("30 days")), (90, _("90 days")))


@require_GET
def reading(request: StaffRequest) -> HttpResponse:
    """Days of people whose numbers stand out."""
    person, kind, days = chosen_person(request), request.GET.get("kind", ""), request.GET.get("days", "7")
    page = access_reading.list_unusual(
        request.user,
        days=int(days) if days.isascii() and days.isdigit() and len(days) < 3 else 7,
        person=person,
        kind=kind,
        page=page_number(request),
    )
    context = {
        "page": page,
        "kinds": access_reading.KINDS,
        "kind": kind,
        "spans": [(str(number), label) for number, label in SPANS],
        "days": days,
        "people": access_reading.list_readers(request.user),
        "person": person,
    }
    return render(request, "cases/reading.html", context)


def chosen_person(request: HttpRequest) -> UUID | None:
    """The person a list is filtered by; anything that is no id is no filter."""
    try:
        return UUID(request.GET.get("person", ""))
    except ValueError:
        return None
