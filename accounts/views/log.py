"""The log of what was done, for whoever runs the house: its head, and the heads that were mailed."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import get_health, log_heads
from accounts.choices import Role
from accounts.paging import page_number
from accounts.requests import StaffRequest
from accounts.views.common import only_for


@require_GET
@only_for(Role.COORDINATOR, Role.ADMINISTRATOR)
def log(request: StaffRequest) -> HttpResponse:
    """The head as it is now, each day with what was kept and mailed, and what the last check of the keys found."""
    now, page = log_heads(page=page_number(request))
    context = {
        "now": now,
        "page": page,
        "recipients": settings.AUDIT_HEAD_RECIPIENTS,
        "organisations": len({address.rpartition("@")[2].lower() for address in settings.AUDIT_HEAD_RECIPIENTS}),
        "wraps_wrong": get_health().wraps_wrong,
        "broken": any(row.head and not row.fits for row in page),
    }
    return render(request, "accounts/log.html", context)
