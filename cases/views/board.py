"""The work board of the coordinator: no content."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases import access
from cases.views.helpers import page_number


@require_GET
def work_board(request: HttpRequest) -> HttpResponse:
    """Who holds what, and what is late."""
    page, protected = access.work_board(request.user, page=page_number(request))
    return render(request, "cases/work_board.html", {"page": page, "protected": protected, "health": access.health()})
