"""What several pages need."""

from typing import Any

from django.http import HttpRequest, QueryDict

from cases.access import OpenedCase
from cases.views.sections import sections


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; also when a POST came with nothing in it."""
    return request.POST if request.method == "POST" else None


def case_context(opened: OpenedCase, title: str, current: str) -> dict[str, Any]:
    """What cases/case_base.html needs: `current` is the URL name of the page, such as `cases:case_plan`."""
    code = opened.case.code
    return {"case": opened.case, "actions": opened.actions, "title": title, "tabs": sections(code, current)}
