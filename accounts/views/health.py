"""Whether the house works, for monitoring: yes or no. Numbers are for whoever runs it: manage.py health."""

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from accounts.access import get_health, health_status
from accounts.marks import open_to_everybody, short_transactions


@open_to_everybody
@short_transactions
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """200 when all is well; 503 when the worker is late or the database is away."""
    try:
        status = health_status(get_health())
    except (OperationalError, InterfaceError):
        return JsonResponse({"status": "down"}, status=503)
    return JsonResponse({"status": status}, status=200 if status == "ok" else 503)


@require_GET
def public_health(request: HttpRequest) -> HttpResponse:
    """Of the public process: the database answers, and nothing else is said."""
    try:
        get_health()
    except (OperationalError, InterfaceError):
        return JsonResponse({"status": "down"}, status=503)
    return JsonResponse({"status": "ok"})
