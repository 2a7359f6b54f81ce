"""What was typed when a session had ended or the second factor was due travels through the page, never into storage.

It travels sealed and is opened for the person who typed it only: each form says by a keyed hash for whom its page was
made (`typed_by`), so that somebody else who signs in at the same browser learns nothing of it. Passwords and codes are
left out: they are typed again.
"""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import sealed_fields
from accounts.rendering import signed_in_person

TYPED_BY, CARRIED = "typed_by", "carried"
LEFT_OUT = frozenset(
    {"csrfmiddlewaretoken", "code", "recovery_code", "sealed", "passkey", "challenge", TYPED_BY, CARRIED}
)
WEEK = 7 * 24 * 60 * 60  # seconds that a page with sealed text may stay open

Fields = list[tuple[str, str]]


def mark_of(user: Any) -> str:
    """For whom a page was made: tells nobody who, and nobody else has the same. Empty where nobody is signed in."""
    return salted_hmac("accounts.typed-by", str(user.pk), algorithm="sha256").hexdigest()[:32] if user else ""


def typed_fields(posted: QueryDict) -> Fields:
    """Everything typed into a form, in order; keys of passwords and codes are not repeated in a page."""
    return [
        (name, value)
        for name, values in posted.lists()
        for value in values
        if name not in LEFT_OUT and "password" not in name
    ]


def carry(request: HttpRequest) -> str:
    """Where she was going and what she typed, sealed to her; nothing where the form does not say whose it is."""
    mark = mark_of(signed_in_person(request)) or request.POST.get(TYPED_BY, "")
    content = {"action": request.get_full_path(), "fields": typed_fields(request.POST)}
    return sealed_fields.seal(content, purpose=CARRIED, place=mark) if mark else ""


def carried(request: HttpRequest, user: Any) -> tuple[str, Fields]:
    """Where an earlier page of this person was going, and what she typed there; nothing of anybody else."""
    sealed = request.POST.get(CARRIED, "")
    found = sealed_fields.unseal(sealed, purpose=CARRIED, place=mark_of(user), age=WEEK) if sealed else None
    if found is None:
        return "", []
    return local_address(request, found["action"]), [(name, value) for name, value in found["fields"]]


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
    form that she then sends. And not what somebody else typed before she signed in: it would be kept in her name.
    """
    here = f"{request.scheme}://{request.get_host()}"
    ours = request.headers.get("Sec-Fetch-Site", "") == "same-origin" or request.headers.get("Origin", "") == here
    mark, own = request.POST.get(TYPED_BY, ""), mark_of(signed_in_person(request))
    hers = not mark or not own or mark == own
    typed = typed_fields(request.POST) if ours and hers and request.method == "POST" else []
    if typed and mark and not own:
        typed.append((TYPED_BY, mark))  # the next page knows whose it is
    return {
        "resubmit_fields": typed,
        "resubmit_url": request.get_full_path(),
        "file_left_out": request.method == "POST" and bool(request.FILES),
    }
