"""Whether the house works, for monitoring: numbers and ages only, no names. Outside the firewall without numbers."""

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from accounts.access import get_health
from accounts.marks import open_to_everybody, short_transactions

LATE = 5 * 60  # seconds since the worker's last tick


@open_to_everybody
@short_transactions
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """200 when all is well; 503 when the worker is late or the database is away."""
    try:
        found = get_health()
    except (OperationalError, InterfaceError):
        return JsonResponse({"status": "down"}, status=503)
    late = found.seconds_since_tick is None or found.seconds_since_tick > LATE
    return JsonResponse({"status": "late" if late else "ok", **vars(found)}, status=503 if late else 200)


@require_GET
def public_health(request: HttpRequest) -> HttpResponse:
    """Of the public process: the database answers, and nothing else is said."""
    try:
        get_health()
    except (OperationalError, InterfaceError):
        return JsonResponse({"status": "down"}, status=503)
    return JsonResponse({"status": "ok"})
