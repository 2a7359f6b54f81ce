"""Somebody besides lead and backup opens an identity: asked, looked at, answered, confirmed, ended."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from accounts.requests import StaffRequest
from accounts.templatetags.sidro import short_time
from cases import access
from cases.access import grants, second
from cases.choices import HOLDERS
from cases.compartments import GrantKind, GrantReason, GrantState
from cases.forms.grants import ApproveGrantForm, AskGrantForm
from cases.services import casework
from cases.services import grants as service
from cases.services.consents import read_recipients
from cases.views import asking
from cases.views.helpers import case_context
from cases.views.identity import HERE, card_page
from cases.views.panel import NextStep, Panel

OPEN_NOW = gettext_lazy("It is open to her now. Everybody on the case sees it.")
ONE_MORE = gettext_lazy("You agreed. Another holder has to agree, too: this case is protected.")


@require_POST
def grant_ask(request: StaffRequest, code: str) -> HttpResponse:
    """Ask, from the identity page."""
    opened = access.get_case(request.user, code)
    form = AskGrantForm(request.POST, kinds=grants.kinds_to_ask(request.user, opened) or list(GrantKind))
    if "ask_grant" not in opened.actions:
        raise NotAllowed
    if not form.is_valid():
        return card_page(request, opened, form)
    values = form.cleaned_data
    kind, reason = GrantKind(values["kind"]), GrantReason(values["reason"])
    try:
        service.ask_grant(case=opened.case, kind=kind, reason=reason, text=values["text"], by=request.user)
    except WrongState as error:
        form.add_error(None, error.message)
        return card_page(request, opened, form)
    messages.success(request, _("Asked. Lead and backup see it on their desks."))
    return redirect(HERE, code=code)


@require_GET
def grant_detail(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """Who asks, for what, which consents cover it, and what she can do about it."""
    opened = access.get_case(request.user, code)
    return detail_page(request, opened, grants.get_grant(opened, grant_id))


def detail_page(
    request: StaffRequest, opened: access.OpenedCase, grant: Any, form: ApproveGrantForm | None = None
) -> HttpResponse:
    content = casework.read_content(case=opened.case, records=[grant.pk], by=request.user)
    may = grants.may_answer(request.user, opened, grant)
    asked = grant.state == GrantState.ASKED
    waits = may and grants.agreed_last(request.user, grant)
    besides = [request.user.pk, grant.asked_by_id, grant.person_id]
    here, away = second.here_and_away(opened, besides=besides, roles=HOLDERS) if waits else ([], [])
    context = {
        **case_context(opened, content, HERE),
        "grant": grant,
        "text": content.texts.get(grant.pk, "") if content else "",
        "waits": waits,
        "seconds": here,
        "away": away,
        "nobody": asking.nobody_answers(opened),
        "needs_two": grants.needs_two(opened.case),
        "may_answer": may and asked and not waits,
        "approve_form": form or (_approve_form(request, opened, grant) if may and asked else None),
        "form": form,
        "only_spoken": may and asked and grants.is_only_spoken(grant),
        "may_confirm": may
        and not waits
        and grant.state == GrantState.ACTIVE
        and grant.kind == GrantKind.REPRESENTATION,
        "may_end": grants.may_end(request.user, opened, grant),
    }
    return render(request, "cases/grant_detail.html", context, status=422 if form else 200)


def _approve_form(request: StaffRequest, opened: access.OpenedCase, grant: Any, data: Any = None) -> ApproveGrantForm:
    rows = grants.covering(grant)
    agreed = None
    if grants.another_agreed(request.user, grant, rows):  # she has chosen the consent, and the longest time
        rows = [row for row in rows if row.pk == grant.consent_id]
        agreed = (grant.approved_by.display_name, grant.hours)
    recipients = read_recipients(case=opened.case, consents=rows, by=request.user)
    consents = [(str(row.pk), _say(row, recipients.get(row.pk, ""))) for row in rows]
    return ApproveGrantForm(data, consents=consents, for_hours=grant.kind == GrantKind.GRANT, agreed=agreed)


def _say(consent: Any, recipient: str) -> str:
    """A consent in one line, with the day on the paper where there is one."""
    how = consent.get_how_display()
    if consent.signed_on:
        how = f"{how} ({_('day on the paper: %(day)s') % {'day': short_time(consent.signed_on)}})"
    words = {
        "purpose": f"{consent.get_purpose_display()} ({recipient})" if recipient else consent.get_purpose_display(),
        "how": how,
        "time": short_time(consent.noted_at),
        "who": consent.noted_by.display_name,
    }
    return _("%(purpose)s – %(how)s, noted %(time)s by %(who)s") % words


@require_POST
def grant_approve(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """Agree: the key is sealed to her with this click; of a protected case with that of the second holder."""
    opened = access.get_case(request.user, code)
    grant = grants.get_grant(opened, grant_id)
    if not grants.may_answer(request.user, opened, grant):
        raise NotAllowed
    if grant.state != GrantState.ASKED:
        return _answered_already(request, code, grant)
    form = _approve_form(request, opened, grant, request.POST)
    if not form.is_valid():
        return detail_page(request, opened, grant, form)
    consent = next(row for row in grants.covering(grant) if str(row.pk) == form.cleaned_data["consent"])
    hours = form.cleaned_data.get("hours", 1)
    try:
        state = service.approve_grant(grant=grant, consent=consent, hours=hours, by=request.user)
    except WrongState as error:
        form.add_error(None, error.message)
        return detail_page(request, opened, grant, form)
    if state == GrantState.ACTIVE:
        messages.success(request, OPEN_NOW)
    else:
        asking.tell_asked(request, opened, str(ONE_MORE), roles=HOLDERS)
    return redirect("cases:grant_detail", code=code, grant_id=grant_id)


def _answered_already(request: StaffRequest, code: str, grant: Any) -> HttpResponse:
    """A second click of whoever agreed says the same again; anybody else is told that she was late."""
    if grant.state == GrantState.ACTIVE and request.user.pk in {grant.approved_by_id, grant.second_by_id}:
        messages.success(request, OPEN_NOW)
    else:
        messages.error(request, service.REASONS["answered"]())
    return redirect("cases:grant_detail", code=code, grant_id=grant.pk)


@require_POST
def grant_decline(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """Say no."""
    return _done(request, code, grant_id, service.decline_grant, _("Refused. She sees that on the case."))


@require_POST
def grant_confirm(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """She still represents her."""
    return _done(request, code, grant_id, service.confirm_grant, _("Confirmed for another 90 days."))


@require_POST
def grant_end(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """End it, or take back what was asked."""
    return _done(request, code, grant_id, service.end_grant, _("Ended. The identity is closed to her at once."))


def _done(request: StaffRequest, code: str, grant_id: UUID, act: Any, words: str) -> HttpResponse:
    opened = access.get_case(request.user, code)
    try:
        act(grant=grants.get_grant(opened, grant_id), by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, words)
    return redirect("cases:grant_detail", code=code, grant_id=grant_id)


def card(user: User) -> Panel | None:
    """For a holder's desk: who asks to open an identity, and representations to confirm soon."""
    found = grants.list_waiting(user)
    if not found:
        return None
    return Panel("cases/desk/grants.html", {"grants": found}, NextStep(24, _("Answer who may open an identity")))
