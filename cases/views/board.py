"""The work board of the coordinator: no content."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import get_health
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access.duty import find_urgent_waiting
from cases.access.moves import list_own_moves
from cases.choices import Risk, Stage

ONLY = (("overdue", _("Overdue")), ("alone", _("Nobody leads it")), ("moving", _("Asked to move")))
SORTS = (
    ("due", _("Next due date")),
    ("risk", _("Risk")),
    ("opened", _("Longest open")),
    ("load", _("Load of the lead")),
)


@require_GET
def work_board(request: StaffRequest) -> HttpResponse:
    """Who holds what, how much she carries, what is late, what was asked to move."""
    chosen = {name: request.GET.get(name, "")[:20].replace("\x00", "") for name in ("only", "stage", "risk", "sort")}
    page, protected = access.work_board(request.user, page=page_number(request), **chosen)
    filters = (
        ("only", _("Show"), _("All open cases"), ONLY),
        ("stage", _("Stage"), _("All"), Stage.choices),
        ("risk", _("Risk"), _("All"), Risk.choices),
        ("sort", _("Sort by"), "", SORTS),
    )
    context = {
        "page": page,
        "protected": protected,
        "urgent": find_urgent_waiting(request.user),
        "health": get_health(),
        "filters": [(name, label, empty, choices, chosen[name]) for name, label, empty, choices in filters],
        "filtered": any(chosen[name] for name in ("only", "stage", "risk")),
        "moves": list_own_moves(request.user),
    }
    return render(request, "cases/work_board.html", context)
