"""Somebody besides lead and backup opens an identity: asked, looked at, answered, confirmed, ended."""

from contextlib import suppress
from functools import partial
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
from cases.forms.grants import ApproveGrantForm, AskGrantForm, DeclineGrantForm
from cases.services import casework
from cases.services import grants as service
from cases.services.sealed.keys import NotHeld
from cases.views import asking
from cases.views.helpers import case_context
from cases.views.identity import HERE, card_page
from cases.views.panel import NextStep, Panel

OPEN_NOW = gettext_lazy("It is open to her now. Everybody on the case sees it.")
ENDED = gettext_lazy(
    "Ended. She can open it no more. Where it is open on her screen it goes within seconds, without scripts within five"
    " minutes."
)
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
    request: StaffRequest,
    opened: access.OpenedCase,
    grant: Any,
    form: ApproveGrantForm | None = None,
    decline: DeclineGrantForm | None = None,
) -> HttpResponse:
    content = casework.read_content(case=opened.case, records=[grant.pk], by=request.user)
    may = grants.may_answer(request.user, opened, grant)
    asked = grant.state == GrantState.ASKED
    covers = _covers(request, grant) if may and asked else []
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
        "approve_form": form or (_approve_form(request, grant, covers) if may and asked else None),
        "others": [row.recipient for row in covers if row.names == service.Names.SOMEBODY_ELSE],
        "decline_form": decline or DeclineGrantForm(),
        "refusal": service.read_refusals(case=opened.case, grants=[grant], by=request.user).get(grant.pk, ""),
        "covered_by": _say_chosen(request, grant),
        "form": form or decline,
        "only_spoken": may and asked and grants.is_only_spoken(grant),
        "may_confirm": may
        and not waits
        and grant.state == GrantState.ACTIVE
        and grant.kind == GrantKind.REPRESENTATION
        and not grant.ends_with_consent,
        "ends_with_consent": grant.state == GrantState.ACTIVE and grant.ends_with_consent,
        "may_end": grants.may_end(request.user, opened, grant),
    }
    return render(request, "cases/grant_detail.html", context, status=422 if form or decline else 200)


def _approve_form(request: StaffRequest, grant: Any, covers: list[service.Cover], data: Any = None) -> ApproveGrantForm:
    rows = [row for row in covers if row.names != service.Names.SOMEBODY_ELSE]
    rows.sort(key=lambda row: not row.is_plain)  # what has to be looked at twice comes last
    agreed = None
    if grants.another_agreed(request.user, grant, [row.consent for row in rows]):
        rows = [row for row in rows if row.consent.pk == grant.consent_id]  # she has chosen it, and the longest time
        agreed = (grant.approved_by.display_name, grant.hours)
    consents = [(str(row.consent.pk), _say(row, grant)) for row in rows]
    chosen = consents[0][0] if len(rows) == 1 and rows[0].is_plain else ""
    for_hours = grant.kind == GrantKind.GRANT
    doubtful = [str(row.consent.pk) for row in rows if not row.is_plain]
    form = ApproveGrantForm(data, consents=consents, chosen=chosen, for_hours=for_hours, agreed=agreed)
    form.ask_about(doubtful, grant.person.display_name)
    return form


def _covers(request: StaffRequest, grant: Any) -> list[service.Cover]:
    """What is offered; nothing to whoever cannot read whom the consents name."""
    with suppress(NotHeld):
        return service.covers_of(grant=grant, by=request.user)
    return []


def _say_chosen(request: StaffRequest, grant: Any) -> str:
    """The consent on which it is open, or the first holder agreed; nothing where none was chosen yet."""
    if grant.consent is None:
        return ""
    return _say(service.cover_of(grant=grant, consent=grant.consent, by=request.user), grant)


def _say(cover: service.Cover, grant: Any) -> str:
    """A consent in one line: to whom, the day on the paper where there is one, who noted what she said."""
    consent, first = cover.consent, cover.noted_first
    how = consent.get_how_display()
    if consent.signed_on:
        how = f"{how} ({_('day on the paper: %(day)s') % {'day': short_time(consent.signed_on)}})"
    purpose = consent.get_purpose_display()
    words = {
        "purpose": f"{purpose} ({cover.recipient})" if cover.recipient else purpose,
        "how": how,
        "time": short_time(first.noted_at),
        "who": first.noted_by.display_name,
    }
    person = {"name": grant.person.display_name}
    said = [_("%(purpose)s – %(how)s, noted %(time)s by %(who)s") % words]
    if first.pk != consent.pk:
        anew = {"time": short_time(consent.noted_at), "who": consent.noted_by.display_name}
        said.append(_("put right %(time)s by %(who)s") % anew)
    if cover.names == service.Names.PERHAPS_HER:
        said.append(_("only if that is %(name)s") % person)
    if cover.by_asker:
        said.append(_("%(name)s noted it herself: ask the survivor") % person)
    return "; ".join(said)


@require_POST
def grant_approve(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """Agree: the key is sealed to her with this click; of a protected case with that of the second holder."""
    opened = access.get_case(request.user, code)
    grant = grants.get_grant(opened, grant_id)
    if not grants.may_answer(request.user, opened, grant):
        raise NotAllowed
    if grant.state != GrantState.ASKED:
        return _answered_already(request, code, grant)
    covers = _covers(request, grant)
    form = _approve_form(request, grant, covers, request.POST)
    if not form.is_valid():
        return detail_page(request, opened, grant, form)
    consent = next(row.consent for row in covers if str(row.consent.pk) == form.cleaned_data["consent"])
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
        if request.POST.get("consent", "") == str(grant.consent_id):
            messages.success(request, OPEN_NOW)
        else:
            messages.error(request, service.REASONS["agreed_otherwise"]())
    else:
        messages.error(request, service.REASONS["answered"]())
    return redirect("cases:grant_detail", code=code, grant_id=grant.pk)


@require_POST
def grant_decline(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """Say no, and why."""
    form = DeclineGrantForm(request.POST)
    if not form.is_valid():
        opened = access.get_case(request.user, code)
        return detail_page(request, opened, grants.get_grant(opened, grant_id), decline=form)
    act = partial(service.decline_grant, text=form.cleaned_data["text"])
    return _done(request, code, grant_id, act, _("Refused. She sees that on the case."))


@require_POST
def grant_confirm(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """She still represents her."""
    return _done(request, code, grant_id, service.confirm_grant, _("Confirmed. Until when stands below."))


@require_POST
def grant_end(request: StaffRequest, code: str, grant_id: UUID) -> HttpResponse:
    """End it, or take back what was asked."""
    opened = access.get_case(request.user, code)
    waits = grants.get_grant(opened, grant_id).state == GrantState.ASKED
    said = _("Withdrawn. Nobody is asked any more.") if waits else ENDED
    return _done(request, code, grant_id, service.end_grant, said)


def _done(request: StaffRequest, code: str, grant_id: UUID, act: Any, words: Any) -> HttpResponse:
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
