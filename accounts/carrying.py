"""What was typed when a session had ended or the second factor was due travels through the page, never into storage.

It travels sealed and is opened for the person who typed it only: each form says by a keyed hash for whom its page was
made (`typed_by`), so that somebody else who signs in at the same browser learns nothing of it. Passwords and codes are
left out: they are typed again.
"""

import re
from functools import cache
from typing import Any

from django.apps import apps
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import sealed_fields
from accounts.plain_forms import codes_of_forms
from accounts.rendering import signed_in_person

TYPED_BY, CARRIED = "typed_by", "carried"
LEFT_OUT = frozenset(
    {"csrfmiddlewaretoken", "code", "recovery_code", "present", "sealed", "passkey", "challenge", TYPED_BY, CARRIED}
)
# What a form carries besides what she typed, what its buttons say, and what proves that a paper was kept; never shown.
NOT_TYPED = re.compile(
    r"seen\w*|next|offered|last_group|before|template|go_on|step|rule|record|back|sure|stop|from|change|action"
    r"|answer|to|how|outcome|proposed|theme|look|stage|duration|confirm|another|language|kind"
)
# Ids of forms and records, hashes, and boxes that were ticked.
NOT_WORDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|on|true|false|yes|no", re.IGNORECASE)
# An address below the page of a case or request.
OF_A_RECORD = re.compile(r"/(?:cases|requests)/(?P<code>[0-9A-Z]{4}-[0-9A-Z]{4})(?=/)")
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


def _typed_by_her(request: HttpRequest) -> Fields:
    """What she typed into a page of ours, and nothing else.

    Only if the browser says that the form came from a page of ours: another site must not be able to put words into a
    page that she believes. And not what somebody else typed before she signed in: it would be kept in her name.
    """
    if request.method != "POST":
        return []
    here = f"{request.scheme}://{request.get_host()}"
    ours = request.headers.get("Sec-Fetch-Site", "") == "same-origin" or request.headers.get("Origin", "") == here
    mark, own = request.POST.get(TYPED_BY, ""), mark_of(signed_in_person(request))
    hers = not mark or not own or mark == own
    return typed_fields(request.POST) if ours and hers else []


def to_copy(request: HttpRequest) -> dict[str, str]:
    """Context of an error page on which sending again is senseless: her words as one text, for somebody signed in."""
    typed = _typed_by_her(request) if signed_in_person(request) else []
    said = [value.strip() for name, value in typed if not NOT_TYPED.fullmatch(name)]
    words = [value for value in said if value and not NOT_WORDS.fullmatch(value) and value not in _choices()]
    return {"to_copy": "\n\n".join(words)}


@cache
def _choices() -> frozenset[str]:
    """The codes of every closed list, of a record or of a form only: what was chosen and not typed."""
    fields = (field for model in apps.get_models() for field in model._meta.fields)  # noqa: SLF001 - documented by Django
    of_records = {str(code) for field in fields for code, _label in field.flatchoices}
    return frozenset(of_records | set(codes_of_forms()))


def way_back(request: HttpRequest) -> dict[str, str]:
    """Context of an error page: the page of the case or request that she was on, by the address only. Nothing is looked up."""
    return record_of(request.path)


def record_of(address: str) -> dict[str, str]:
    """Page and code of the case or request that an address is below; nothing where it is below none."""
    found = OF_A_RECORD.match(address)
    return {"back_url": found[0], "back_code": found["code"]} if found else {}


def send_again(request: HttpRequest) -> dict[str, object]:
    """Context of an error page that offers to send what was typed once more."""
    mark, own = request.POST.get(TYPED_BY, ""), mark_of(signed_in_person(request))
    typed = _typed_by_her(request)
    if typed and mark and not own:
        typed.append((TYPED_BY, mark))  # the next page knows whose it is
    return {
        "resubmit_fields": typed,
        "resubmit_url": request.get_full_path(),
        "file_left_out": request.method == "POST" and bool(request.FILES),
    }
