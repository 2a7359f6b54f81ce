"""The work board of the coordinator: no content."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import get_health
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access.duty import count_urgent_unanswered


@require_GET
def work_board(request: StaffRequest) -> HttpResponse:
    """Who holds what, and what is late."""
    page, protected = access.work_board(request.user, page=page_number(request))
    urgent = count_urgent_unanswered(request.user)
    context = {"page": page, "protected": protected, "urgent": urgent, "health": get_health()}
    return render(request, "cases/work_board.html", context)
