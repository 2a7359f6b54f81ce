"""Words for codes that pages of the cases app get from functions of the database."""

from django import template
from django.utils.translation import gettext as _

from cases.choices import CaseRole, Risk, Stage
from cases.codes import ArmReason
from cases.models import HelpRequest

register = template.Library()


@register.filter
def case_role(code: str) -> str:
    """Words for a role on a case."""
    return str(CaseRole(code).label)


@register.filter
def stage_label(code: str) -> str:
    return str(Stage(code).label)


@register.filter
def risk_label(code: str) -> str:
    return str(Risk(code).label)


@register.filter
def arm_reason(code: str) -> str:
    """Why whoever is on call may reach her."""
    return str(ArmReason(code).label)


@register.filter
def urgency(request: HelpRequest) -> str:
    """What makes a request urgent, in words."""
    if request.in_danger_now and request.thinks_of_ending_life:
        return _("In danger now; thinks of ending her life")
    return _("In danger now") if request.in_danger_now else _("Thinks of ending her life")


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
