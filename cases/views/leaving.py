"""Leaving: who has left, and the hand-over list of one person, on the screen and on paper."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.choices import Action
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases.access import leaving as access
from cases.choices import CaseRole


@require_GET
def leaver_list(request: StaffRequest) -> HttpResponse:
    """Who was deactivated, with what still waits for somebody."""
    return render(
        request, "cases/leaver_list.html", {"page": access.list_leavers(request.user, page=page_number(request))}
    )


@require_GET
def leaver_detail(request: StaffRequest, leaver_id: UUID) -> HttpResponse:
    """Her cases, what is parked, and what she printed, exported and opened in 90 days."""
    left = access.get_left(request.user, leaver_id, page=page_number(request))
    context = {
        "left": left,
        "page": left.cases,
        "cases": [(row, CaseRole(row.role).label) for row in left.cases],
        "looks": [(row, Action(row.action).label) for row in left.looks],
        "printed_at": timezone.now(),
    }
    return render(request, "cases/leaver_detail.html", context)
