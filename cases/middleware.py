"""Before a text is stored that names the survivor, its writer is asked; what she typed stays in the page.

Sent again unchanged it is meant: nobody is asked twice about the same words. The page carries a keyed hash for that.
"""

import json
from collections.abc import Callable
from typing import NamedTuple, cast

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import audit
from accounts.carrying import send_again, typed_fields
from accounts.choices import Action
from accounts.plain_forms import Label, noted_labels, noting_labels
from accounts.requests import StaffRequest
from cases.compartments import EntryKind
from cases.services.naming import Looking, NamesHer
from cases.services.sealed.looking import current, looking

MEANT, ASKED = "names_her", "names_her_asked"  # it has to stand there; what she was asked about


class Box(NamedTuple):
    """A field as the page shows it: what was typed, what its form called it, and which words were found in it."""

    name: str
    value: str
    label: str
    lines: bool
    found: list[str]


class AsksBeforeNaming:
    """Looks at every text that a form would store. A form with a file cannot be kept in a page: its texts wait instead."""

    def __init__(self, get_response: Callable[[StaffRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        if request.method != "POST" or request.content_type == "multipart/form-data":
            return self.get_response(request)
        with looking(Looking(meant=_is_meant(request))), noting_labels():
            return self.get_response(request)

    def process_exception(self, request: StaffRequest, exception: Exception) -> HttpResponse | None:
        asked = current()
        if not isinstance(exception, NamesHer) or not isinstance(asked, Looking):
            return None
        audit.rolled_back()
        audit.seen(Action.NAMING_ASKED, exception.case_id)  # so that nobody tries values out unseen
        again = send_again(request)
        typed = cast("list[tuple[str, str]]", again["resubmit_fields"])
        kinds = dict(EntryKind.choices)
        labels = noted_labels()
        fields = [_box(name, value, labels.get(name), asked) for name, value in typed if name not in (MEANT, ASKED)]
        context = {
            "kinds": [kinds[kind] for kind in exception.kinds],
            "readers": exception.readers,
            "fields": fields,
            "elsewhere": bool(fields) and not any(box.found for box in fields),  # it stands in what was added to
            "url": again["resubmit_url"],
            "meant": MEANT,
            "asked": {"name": ASKED, "value": _print_of(request, typed)},
        }
        return render(request, "cases/names_her.html", context, status=422)


def _box(name: str, value: str, label: Label | None, asked: Looking) -> Box:
    """A field in which something was found is shown; one that takes no text, or belongs onto the card, is sent along."""
    takes_text = label is None or bool(label.words)
    lines = label is None or label.lines or "\n" in value
    return Box(name, value, label.words if label else "", lines, asked.found_in(value) if takes_text else [])


def _is_meant(request: StaffRequest) -> bool:
    """Whether she was asked about these very words and sends them again, or says that they have to stand there."""
    shown = request.POST.get(ASKED, "")
    same = bool(shown) and constant_time_compare(shown, _print_of(request, typed_fields(request.POST)))
    return same or request.POST.get(MEANT) == "meant"


def _print_of(request: StaffRequest, typed: list[tuple[str, str]]) -> str:
    """A keyed hash of where she was going and what she typed: it says nothing to whoever reads it."""
    kept = [(name, " ".join(value.split())) for name, value in typed if name not in (MEANT, ASKED)]
    said = json.dumps([str(request.user.pk), request.path, kept])
    return salted_hmac("cases.names-her", said, algorithm="sha256").hexdigest()
