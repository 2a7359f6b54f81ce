"""The identity card of a case: locked, opened with a reason, written."""

from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from accounts.step_up import require_step_up
from cases import access
from cases.access import grants
from cases.access import identity as cards
from cases.choices import CaseState
from cases.compartments import Certainty, EntryKind, OpeningKind, OpeningReason
from cases.forms.grants import AskGrantForm
from cases.forms.identity import AskMoreForm, EntryForm, OpenCardForm
from cases.policies import opening_reasons
from cases.services import identity as service
from cases.services.casework import read_content
from cases.services.grants import read_refusals
from cases.views.asking import tell_asked
from cases.views.helpers import case_context, posted, require, title_context

HERE = "cases:case_identity"


@require_GET
def case_identity(request: StaffRequest, code: str) -> HttpResponse:
    return card_page(request, access.get_case(request.user, code))


def card_page(request: StaffRequest, opened: access.OpenedCase, form: Any = None) -> HttpResponse:
    """The card, locked or open, and below it who looked; `form` is the one that was refused."""
    gone = opened.case.state == CaseState.ERASED
    may = not gone and cards.may_identify(request.user, opened.case)
    until = cards.open_until(opened.case) if may else None
    kinds = [] if may else grants.kinds_to_ask(request.user, opened)
    page = cards.list_openings(opened, page=page_number(request))
    content = read_content(case=opened.case, records=[look.pk for look in page], by=request.user)
    reasons = content.texts if content else {}
    left = cards.budget_left(OpeningKind.CARD) if may and not until else None
    past = grants.list_past(opened)
    refusals = read_refusals(case=opened.case, grants=past, by=request.user)
    for one in past:
        one.why_refused = refusals.get(one.pk, "")
    context = {
        **case_context(opened, content, HERE),
        "gone": gone,
        "may": may,
        "until": until,
        "seconds": _seconds_left(until),
        "empty": may and not until and cards.is_empty(opened),
        "card": _card(request, opened) if until else None,
        "left": left,
        "one_more": cards.one_more(request.user, opened.case) if left == 0 else None,
        "open_form": form if isinstance(form, OpenCardForm) else OpenCardForm(reasons=_reasons(opened)),
        "more_form": form if isinstance(form, AskMoreForm) else AskMoreForm(),
        "ask_form": form if isinstance(form, AskGrantForm) else kinds and AskGrantForm(kinds=kinds),
        "grants": grants.list_current(opened),
        "past_grants": past,
        "form": form,
        "page": page,
        "looks": [(look, reasons.get(look.pk, "")) for look in page],
    }
    return render(request, "cases/case_identity.html", context, status=422 if form else 200)


def _seconds_left(until: datetime | None) -> int:
    """How long the card stays open, rounded up: the page closes when PostgreSQL does."""
    return max(0, ceil((until - timezone.now()).total_seconds())) if until else 0


def _reasons(opened: access.OpenedCase) -> list[OpeningReason]:
    return opening_reasons(opened.actions, opened.case.state)


def _card(request: StaffRequest, opened: access.OpenedCase) -> dict[str, Any]:
    """What the template shows of an open card: entries by kind, those taken off, the original words."""
    card = service.read_card(case=opened.case, by=request.user)
    kinds, certain = dict(EntryKind.choices), dict(Certainty.choices)
    found = card.of(cards.list_entries(opened))
    twice = service.doubles(row for row in found if row[0].removed_at is None)
    rows: list[dict[str, Any]] = [
        {
            "entry": entry,
            "twice": entry.pk in twice,
            "kind": kinds.get(said["kind"], said["kind"]),
            "certainty": certain.get(said["certainty"], said["certainty"]),
            "said": said,
        }
        for entry, said in found
    ]
    order = list(kinds)
    rows.sort(key=lambda row: order.index(row["said"]["kind"]) if row["said"]["kind"] in order else len(order))
    return {
        "entries": [row for row in rows if row["entry"].removed_at is None],
        "removed": [row for row in rows if row["entry"].removed_at is not None],
        "words": card.words,
    }


@require_POST
def identity_open(request: StaffRequest, code: str) -> HttpResponse:
    """Open the card for five minutes, after "confirm it is you"."""
    opened = access.get_case(request.user, code)
    cards.require_may_identify(request.user, opened)
    form = OpenCardForm(request.POST, reasons=_reasons(opened))
    if not form.is_valid():
        return card_page(request, opened, form)
    require_step_up(request)
    reason, text = OpeningReason(form.cleaned_data["reason"]), form.cleaned_data.get("text", "")
    try:
        service.open_card(case=opened.case, reason=reason, text=text, by=request.user)
    except WrongState as error:
        form.add_error(None, error.message)
        return card_page(request, opened, form)
    return redirect(HERE, code=code)


@require_GET
def identity_still(request: StaffRequest, code: str) -> HttpResponse:
    """What the page of an open card asks by itself: 204 while it is open to her, else 205, whatever the reason."""
    return HttpResponse(status=204 if cards.is_open_still(request.user, code) else 205)


@require_POST
def identity_close(request: StaffRequest, code: str) -> HttpResponse:
    """Close the card before its time is over."""
    opened = access.get_case(request.user, code)
    service.close_card(case=opened.case, by=request.user)
    messages.success(request, _("The identity card is closed."))
    return redirect(HERE, code=code)


@require_POST
def identity_ask_more(request: StaffRequest, code: str) -> HttpResponse:
    """Ask a second person for one more opening within the day."""
    opened = access.get_case(request.user, code)
    cards.require_may_identify(request.user, opened)
    form = AskMoreForm(request.POST)
    if not form.is_valid():
        return card_page(request, opened, form)
    try:
        service.ask_for_more(case=opened.case, reason=form.cleaned_data["reason"], by=request.user)
    except WrongState as error:
        form.add_error(None, error.message)
        return card_page(request, opened, form)
    tell_asked(request, opened, _("A second person was asked. Once she agrees you can open the card."))
    return redirect(HERE, code=code)


@require_http_methods(["GET", "POST"])
def identity_add(request: StaffRequest, code: str) -> HttpResponse:
    """Add an entry; the card need not be open for it."""
    opened = require(access.get_case(request.user, code), "change_identity")
    form = EntryForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            service.add_entry(case=opened.case, nonce=form.cleaned_data["nonce"], values=form.values(), by=request.user)
        except WrongState as error:
            form.add_error("value", error.message)
        else:
            messages.success(request, _("Added to the identity card."))
            return redirect(HERE, code=code)
    return _entry_page(request, opened, {"form": form})


def _entry_page(request: StaffRequest, opened: access.OpenedCase, more: dict[str, Any]) -> HttpResponse:
    context = {**title_context(request, opened, HERE), **more}
    return render(request, "cases/identity_entry.html", context, status=422 if more["form"].errors else 200)


@require_http_methods(["GET", "POST"])
def identity_change(request: StaffRequest, code: str, entry_id: UUID) -> HttpResponse:
    """Correct an entry; its older versions stand below. To see them the card must be open; where it has closed since, she

    confirms that it is she, and what she typed is saved.
    """
    opened = require(access.get_case(request.user, code), "change_identity")
    entry = cards.get_entry(opened, entry_id)
    versions = service.entry_versions(case=opened.case, entry=entry, by=request.user)
    if request.method == "GET" and not versions:
        messages.info(request, service.closed())
        return redirect(HERE, code=code)
    newest = {**versions[0].value, "seen": versions[0].revision} if versions else {}
    form = EntryForm(posted(request), initial=newest)
    if request.method == "POST" and form.is_valid():
        if not versions:
            require_step_up(request)
        seen = form.cleaned_data["seen"]
        try:
            service.change_entry(case=opened.case, entry=entry, values=form.values(), seen=seen, by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
            form.data = {**request.POST.dict(), "seen": newest.get("seen", seen)}  # seen below; saved again it is meant
        else:
            messages.success(request, _("Saved. The older version is kept."))
            return redirect(HERE, code=code)
    left = _seconds_left(cards.open_until(opened.case))
    more = {"form": form, "entry": entry, "versions": _readable(versions), "seconds": left}
    return _entry_page(request, opened, more)


def _readable(versions: list[Any]) -> list[dict[str, Any]]:
    """Versions of an entry with words instead of codes."""
    kinds, certain = dict(EntryKind.choices), dict(Certainty.choices)
    return [
        {
            "version": one,
            "kind": kinds.get(one.value["kind"], one.value["kind"]),
            "certainty": certain.get(one.value["certainty"], one.value["certainty"]),
        }
        for one in versions
    ]


@require_POST
def identity_remove(request: StaffRequest, code: str, entry_id: UUID) -> HttpResponse:
    """Take an entry off the open card, or put it back."""
    opened = require(access.get_case(request.user, code), "change_identity")
    entry = cards.get_entry(opened, entry_id)
    back = bool(request.POST.get("back"))
    act = service.restore_entry if back else service.remove_entry
    try:
        act(case=opened.case, entry=entry, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        off = _("Taken off the card. It stays in the history, and you can put it back.")
        messages.success(request, _("It stands on the card again.") if back else off)
    return redirect(HERE, code=code)
