"""Error pages. They need no rows and say what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.carrying import send_again, to_copy


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection did not fit, most often because she signed in anew in another tab: nothing was saved."""
    return render(request, "403_form.html", send_again(request), status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", to_copy(request), status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also where her role ended while she was writing: what she typed is there to be copied, whatever stands there."""
    return render(request, "404.html", to_copy(request), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something of ours failed: nothing was saved, what was typed can be sent again."""
    return render(request, "500.html", send_again(request), status=500)
