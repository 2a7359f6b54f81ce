"""Consents of a case: asked one purpose at a time, withdrawn, printed to be signed."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.exceptions import WrongState
from accounts.requests import StaffRequest
from accounts.templatetags.sidro import short_time
from cases import access
from cases.access import consents as found
from cases.codes import ConsentPurpose, ConsentState
from cases.forms.consents import ConsentForm, ErrorForm, SheetForm, WithdrawForm
from cases.knowledge import consents as texts
from cases.policies import ERROR_MINUTES, consent_state
from cases.services import consents as service
from cases.services import withdrawn_in_error
from cases.services.letters import language_for
from cases.services.recipient_names import same_name
from cases.views.helpers import posted, require, title_context

if TYPE_CHECKING:
    from cases.models import Consent  # for the annotation only: views never ask a model

HERE = "cases:consent_list"


@require_GET
def consent_list(request: StaffRequest, code: str) -> HttpResponse:
    """What she said to each purpose, in the order in which it is asked."""
    return list_page(request, access.get_case(request.user, code))


def list_page(request: StaffRequest, opened: access.OpenedCase, form: SheetForm | None = None) -> HttpResponse:
    rows, now = list(found.list_consents(opened)), timezone.now()
    recipients = service.read_recipients(case=opened.case, consents=rows, by=request.user)
    reasons = withdrawn_in_error.read_reasons(case=opened.case, consents=rows, by=request.user)
    in_error = withdrawn_in_error.offered(consents=rows, recipients=recipients, by=request.user)
    lines: list[dict[str, Any]] = [
        {
            "consent": row,
            "state": consent_state(row, now),
            "recipient": recipients.get(row.pk, ""),
            "reason": reasons.get(row.pk, ""),
            "in_error": row.pk in in_error,
        }
        for row in rows
    ]
    asked: list[dict[str, Any]] = [
        {
            "purpose": purpose,
            "lines": [line for line in lines if line["consent"].purpose == purpose],
            "not_now": service.not_now(case=opened.case, purpose=purpose),
        }
        for purpose in service.purposes()
    ]
    printable = [row["purpose"] for row in asked if not row["not_now"]]
    context = {
        **title_context(request, opened, HERE),
        "asked": asked,
        "sheet_form": form or SheetForm(purposes=printable, initial=_sheet(opened)),
        "form": form,
        "draft": not texts().review.reviewed,
    }
    return render(request, "cases/consent_list.html", context, status=422 if form else 200)


def _sheet(opened: access.OpenedCase) -> dict[str, Any]:
    return {"language": language_for(case=opened.case, screen=get_language() or "en")}


@require_http_methods(["GET", "POST"])
def consent_note(request: StaffRequest, code: str, purpose: str) -> HttpResponse:
    """Ask her one thing: the wording to read aloud, and what she said."""
    opened = require(access.get_case(request.user, code), "note_consent")
    if purpose not in ConsentPurpose.values:
        raise Http404
    asked = ConsentPurpose(purpose)
    form = ConsentForm(posted(request), purpose=asked, initial={"language": opened.case.language})
    if request.method == "POST" and form.is_valid():
        try:
            service.note_consent(case=opened.case, new=form.new(), by=request.user)
        except service.TimeWanted as error:
            form.ask_time(error.message)
        except service.WhoWanted as error:
            form.ask_who(error.message, error.about, time=error.time)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Noted as she said it."))
            return redirect(HERE, code=code)
    context = {**title_context(request, opened, HERE), **_asking(opened, asked), "form": form}
    return render(request, "cases/consent_note.html", context, status=422 if form.errors else 200)


def _asking(opened: access.OpenedCase, purpose: ConsentPurpose) -> dict[str, Any]:
    """What is read to her."""
    return {
        "purpose": purpose,
        "not_now": service.not_now(case=opened.case, purpose=purpose),
        "wordings": _wordings(purpose),
        "text_version": texts().purpose(purpose).version,
        "draft": not texts().review.reviewed,
    }


def _wordings(purpose: ConsentPurpose) -> list[tuple[str, str, str]]:
    """Code and name of each language of the pages, and the wording in it; that of the screen first."""
    screen = get_language() or "en"
    languages = sorted(settings.LANGUAGES, key=lambda one: one[0] != screen)
    return [(code, str(name), service.wording(purpose=purpose, language=code)) for code, name in languages]


@require_http_methods(["GET", "POST"])
def consent_withdraw(request: StaffRequest, code: str, consent_id: UUID) -> HttpResponse:
    """She takes it back. The page says first what will stop."""
    opened = require(access.get_case(request.user, code), "withdraw_consent")
    consent = found.get_consent(opened, consent_id)
    others = service.other_yes(consent=consent)
    recipients = service.read_recipients(case=opened.case, consents=[consent, *others], by=request.user)
    form = _together(request, consent, others, recipients)
    if request.method == "POST" and form.is_valid():
        alike = [UUID(one) for one in form.cleaned_data.get("alike", [])]
        hung = found.grants_on([consent, *others]).count()
        service.withdraw_consent(consent=consent, alike=alike, by=request.user)
        left = [grant.person.display_name for grant in found.grants_on([consent, *others])]
        _say_withdrawn(request, ended=hung > len(left), left=left)
        return redirect(HERE, code=code)
    if consent_state(consent, timezone.now()) not in {ConsentState.GIVEN, ConsentState.EXPIRED}:
        messages.info(request, _("There is nothing to withdraw: this is not a yes that counts."))
        return redirect(HERE, code=code)
    context = {
        **title_context(request, opened, HERE),
        "consent": consent,
        "form": form,
        "others": [] if form.fields else others,
        "recipient": recipients.get(consent.pk, ""),
        "error_minutes": ERROR_MINUTES,
        "stops": service.what_stops(consent=consent, language=get_language() or "en"),
        "grants": list(found.grants_on([consent] if form.fields else [consent, *others])),
        "other_grants": list(found.grants_on(others)) if form.fields and others else [],
    }
    return render(request, "cases/consent_withdraw.html", context, status=422 if form.errors else 200)


def _say_withdrawn(request: StaffRequest, *, ended: bool, left: list[str]) -> None:
    """Only what really ended; and who still opens the identity on another yes to the same."""
    messages.success(request, _("Withdrawn. What hung on it has ended.") if ended or not left else _("Withdrawn."))
    if left:
        said = _("Another yes still stands, and opens the identity to: %(names)s")
        messages.warning(request, said % {"names": ", ".join(left)})


def _together(
    request: StaffRequest, consent: "Consent", others: list["Consent"], recipients: dict[UUID, str]
) -> WithdrawForm:
    """Where a yes says to whom she chooses; those to the same are ticked."""
    if consent.purpose not in service.TO_SOMEBODY:
        return WithdrawForm(posted(request), others=[])
    named = [
        (str(one.pk), ", ".join(filter(None, (recipients.get(one.pk, ""), str(short_time(one.noted_at))))))
        for one in others
    ]
    said = same_name(recipients.get(consent.pk, ""))
    same = [str(one.pk) for one in others if said and same_name(recipients.get(one.pk, "")) == said]
    return WithdrawForm(posted(request), others=named, initial={"alike": same})


@require_http_methods(["GET", "POST"])
def consent_error(request: StaffRequest, code: str, consent_id: UUID) -> HttpResponse:
    """The withdrawal was noted in error: whoever noted it puts it right, within minutes and with a reason."""
    opened = require(access.get_case(request.user, code), "note_consent")
    consent = found.get_consent(opened, consent_id)
    late = withdrawn_in_error.why_not(consent=consent, by=request.user)
    if consent.withdrawn_at is None or (late and request.method == "GET"):
        messages.info(request, late)
        return redirect(HERE, code=code)
    form = ErrorForm(posted(request))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            withdrawn_in_error.put_right(consent=consent, by=request.user, **values)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(
                request, _("Put right: her yes counts again. What ended with it has to be asked for anew.")
            )
            return redirect(HERE, code=code)
    together = withdrawn_in_error.withdrawn_together(consent=consent)
    recipients = service.read_recipients(case=opened.case, consents=together, by=request.user)
    context = {
        **title_context(request, opened, HERE),
        "consent": consent,
        "rows": [(row, recipients.get(row.pk, "")) for row in together],
        "form": form,
    }
    return render(request, "cases/consent_error.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def consent_print(request: StaffRequest, code: str) -> HttpResponse:
    """The sheet that she signs, in her language; loaded anew without a choice it leads back to where one chooses."""
    opened = access.get_case(request.user, code)
    if request.method == "GET":
        return redirect(HERE, code=code)
    purposes = [one for one in service.purposes() if not service.not_now(case=opened.case, purpose=one)]
    form = SheetForm(request.POST, purposes=purposes)
    if not form.is_valid():
        return list_page(request, opened, form)
    language, chosen = form.cleaned_data["language"], form.cleaned_data["purposes"]
    paragraphs = service.print_sheet(case=opened.case, chosen=chosen, language=language, by=request.user)
    with translation.override(language):
        context = {
            "case": opened.case,
            "paragraphs": paragraphs,
            "day": date_format(timezone.localdate(), "DATE_FORMAT"),
            "draft": not texts().review.reviewed,
            "handed_over_by": request.user.display_name,
        }
        sheet = render_to_string("cases/consent_sheet.html", context)
    return render(request, "cases/consent_print.html", {"case": opened.case, "sheet": sheet})
