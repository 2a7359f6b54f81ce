"""Words for codes that pages of the cases app get from functions of the database."""

from collections.abc import Callable

from django import template
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.parts import clock, risk
from cases.choices import CaseRole, RequestState, Risk, Stage
from cases.codes import ArmReason, AskReason, MoveReason, MoveState
from cases.models import HelpRequest
from cases.services.running import running

register = template.Library()

TAG = '<strong class="govuk-tag govuk-tag--{}">{}</strong>'


# Filters that say a code in words: `{{ row.role|case_role }}`. No code, no words.
LISTS: dict[str, type[TextChoices]] = {
    "case_role": CaseRole,
    "ask_reason": AskReason,
    "move_reason": MoveReason,
    "move_state": MoveState,
    "stage_label": Stage,
    "risk_label": Risk,
    "arm_reason": ArmReason,
}


def _in_words(choices: type[TextChoices]) -> Callable[[str], str]:
    return lambda code: str(choices(code).label) if code else ""


for _name, _choices in LISTS.items():
    register.filter(_name, _in_words(_choices))


@register.filter
def urgency(request: HelpRequest) -> str:
    """What makes a request urgent, in words."""
    if request.in_danger_now and request.thinks_of_ending_life:
        return _("In danger now; thinks of ending her life")
    return _("In danger now") if request.in_danger_now else _("Thinks of ending her life")


@register.simple_tag
def request_tags(request: HelpRequest) -> SafeString:
    """What stands out on a request, as coloured words: urgency or risk, somebody under 18, restricted."""
    tags = []
    if request.is_urgent:
        tags.append(risk(Risk.IMMEDIATE, urgency(request)))
    elif request.risk in {Risk.IMMEDIATE, Risk.HIGH}:
        tags.append(risk(request.risk, request.get_risk_display()))
    if request.concerns_minor:
        tags.append(format_html(TAG, "purple", _("Under 18")))
    if request.restricted:
        tags.append(format_html(TAG, "grey", _("Restricted")))
    if request.protected:
        tags.append(format_html(TAG, "purple", _("Protected")))
    return format_html_join(" ", "{}", ((tag,) for tag in tags))


@register.simple_tag
def request_clock(request: HelpRequest) -> SafeString:
    """Which clock matters now: the first answer, what was promised, or how long the three months have been running."""
    parts: list[tuple[str, str]] = []
    if request.ended_at is None and request.acknowledged_at is None:
        parts.append((_("Answer by:"), clock(request.respond_by)))
    if request.promise:
        parts.append((_("Promised:"), clock(request.promise)))
    if request.waiting_until and request.state == RequestState.AWAITING_PERSON:
        parts.append((_("Look again:"), clock(request.waiting_until)))
    runs = running(request.offence_learned_on, request.suspect_learned_on, timezone.localdate())
    if runs and request.is_open:
        says = _("Day %(number)s since she knows who") if runs.knows_who else _("Day %(number)s since she found out")
        css = "running running--near" if runs.is_near else "running"
        parts.append((format_html('<span class="{}">{}</span>', css, says % {"number": runs.day}), ""))
    return format_html_join(mark_safe("<br>"), "{} {}", parts)


@register.filter
def contact_label(name: str) -> str:
    """Words for a contact field."""
    labels = {
        "phone": _("Safe number or address"),
        "other_contact": _("Another way"),
        "safe_hours": _("When is it safe to call?"),
        "neutral_word": _("Neutral word"),
        "who_else_reads": _("Who else reads her phone or hears the call?"),
    }
    return labels.get(name, name)
