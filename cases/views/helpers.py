"""What several pages need."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language

from cases.access import OpenedCase
from cases.knowledge import label, risk_screen
from cases.knowledge.common import Entry
from cases.views.sections import sections


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; also when a POST came with nothing in it."""
    return request.POST if request.method == "POST" else None


def entries(found: Iterable[Entry]) -> list[str]:
    """Entries of the knowledge files in the reader's language."""
    return [label(entry, get_language() or "en") for entry in found]


def minor_steps() -> list[str]:
    """What is to be done where somebody under 18 is concerned."""
    return entries(risk_screen().minor_protocol)


def case_context(opened: OpenedCase, title: str, current: str) -> dict[str, Any]:
    """What cases/case_base.html needs: `current` is the URL name of the page, such as `cases:case_plan`."""
    code = opened.case.code
    return {"case": opened.case, "actions": opened.actions, "title": title, "tabs": sections(code, current)}
