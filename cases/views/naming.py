"""Texts of a case that may name the survivor, for whoever may open her card."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import StaffRequest
from cases import access
from cases.access.identity import get_text_check
from cases.services import naming
from cases.views.places import can_be_changed, place

HERE = "cases:case_detail"


def texts_that_name_her(request: StaffRequest, opened: access.OpenedCase) -> list[dict[str, Any]]:
    """Lines for the overview; looks first at what was written since the last time."""
    lines = []
    for check in naming.look_through(case=opened.case, by=request.user):
        label, url = place(opened.case.code, check.field)
        change = can_be_changed(check.field) and "change_facts" in opened.actions
        lines.append({"check": check, "kind": label, "url": url, "change": change})
    return lines


@require_POST
def text_keep(request: StaffRequest, code: str, check_id: UUID) -> HttpResponse:
    """It was looked at and stays."""
    opened = access.get_case(request.user, code)
    naming.keep_text(check=get_text_check(opened, check_id), by=request.user)
    messages.success(request, _("It stays as it is."))
    return redirect(HERE, code=code)
