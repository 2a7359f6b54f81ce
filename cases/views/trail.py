"""Who looked: the trail of a case for everybody on it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.choices import Action
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import trail as access_trail
from cases.choices import CaseRole
from cases.compartments import OpeningReason
from cases.views.helpers import title_context
from cases.views.reading import chosen_person
from cases.words import CaseText, labels

FOR_WHAT = {"call": _("to call her"), "change": _("to change it"), "duty": _("on duty")}


@require_GET
def case_trail(request: StaffRequest, code: str) -> HttpResponse:
    """Who opened and who changed what, by person and by kind where wanted."""
    opened = access.get_case(request.user, code)
    person, kind = chosen_person(request), request.GET.get("kind", "")
    page = access_trail.list_trail(opened, person=person, kind=kind, page=page_number(request))
    say = TrailWords()
    context = {
        **title_context(request, opened, "cases:case_trail"),
        "page": page,
        "rows": [(row, say.act(row.action), say.detail(row)) for row in page],
        "people": access_trail.people_in_trail(opened),
        "person": person,
        "kind": kind,
        "kinds": [
            *((name, label) for name, (label, _acts) in access_trail.KINDS.items()),
            (access_trail.CHANGES, _("Changes")),
        ],
    }
    return render(request, "cases/case_trail.html", context)


class TrailWords:
    """Acts of the log in words, and the few details that help; made once for a page."""

    def __init__(self) -> None:
        self._acts = labels(Action)
        self._details: dict[str, dict[str, Any]] = {
            Action.REACH_OPENED: FOR_WHAT,
            Action.ASSIGNMENT_OFFERED: labels(CaseRole),
            Action.IDENTITY_OPENED: labels(OpeningReason),
            Action.CASE_TEXT_REVISED: labels(CaseText),
        }

    def act(self, code: str) -> str:
        """An act that this version does not know (any more) keeps its code."""
        return self._acts.get(code, code)

    def detail(self, row: Any) -> Any:
        return self._details.get(row.action, {}).get(row.detail, "")
