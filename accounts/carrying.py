"""What was typed when a session had ended or the second factor was due travels through the page, never into storage.

Passwords and codes are left out: they are typed again.
"""

from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

PREFIX = "carried:"
LEFT_OUT = frozenset({"csrfmiddlewaretoken", "code", "recovery_code", "sealed"})

Fields = list[tuple[str, str]]


def typed_fields(posted: QueryDict) -> Fields:
    """Everything typed into a form, in order; keys of passwords and codes are not repeated in a page."""
    return [
        (name, value)
        for name, values in posted.lists()
        for value in values
        if name not in LEFT_OUT and "password" not in name and not name.startswith(PREFIX)
    ]


def carried_fields(posted: QueryDict) -> Fields:
    """What an earlier page handed on, under its own names again."""
    return [
        (name.removeprefix(PREFIX), value)
        for name, values in posted.lists()
        for value in values
        if name.startswith(PREFIX)
    ]


def local_address(request: HttpRequest, address: str) -> str:
    """An address of this site, or nothing: no open redirect. Pages of htmx and odd schemes fall out here."""
    if not address.startswith("/") or len(address) > 500 or any(ord(sign) < 32 for sign in address):
        return ""
    allowed = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if allowed else ""


def send_again(request: HttpRequest) -> dict[str, object]:
    """Context of an error page that offers to send what was typed once more.

    Only if the browser says that the form came from a page of ours: another site must not be able to put words into a
    form that she then sends.
    """
    here = f"{request.scheme}://{request.get_host()}"
    ours = request.headers.get("Sec-Fetch-Site", "") == "same-origin" or request.headers.get("Origin", "") == here
    typed = typed_fields(request.POST) if ours and request.method == "POST" else []
    return {
        "resubmit_fields": typed,
        "resubmit_url": request.get_full_path(),
        "file_left_out": request.method == "POST" and bool(request.FILES),
    }
