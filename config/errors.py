"""Error pages. They need no rows and say what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.carrying import typed_fields


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection did not fit, most often because she signed in anew in another tab: nothing was saved.

    What was typed is offered again only if the browser says that the form came from a page of ours: another site must
    not be able to put words into a form that she then sends.
    """
    here = f"{request.scheme}://{request.get_host()}"
    ours = request.headers.get("Sec-Fetch-Site", "") == "same-origin" or request.headers.get("Origin", "") == here
    typed = typed_fields(request.POST) if ours else []
    context = {"resubmit_fields": typed, "resubmit_url": request.get_full_path()}
    return render(request, "403_form.html", context, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)
