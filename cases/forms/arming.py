"""Forms of reach armed for whoever is on call."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from accounts.rendering import DateTimeInput
from cases.codes import ArmReason, CallResult


class ArmForm(PlainForm):
    """Why whoever is on call may reach her, and until when."""

    reason = forms.ChoiceField(label=_("Why"), choices=ArmReason.choices, widget=forms.RadioSelect)
    until = forms.DateTimeField(label=_("Until"), widget=DateTimeInput, help_text=_("At most 48 hours."))


class DutyCallForm(PlainForm):
    """How a call by whoever is on call ended."""

    result = forms.ChoiceField(label=_("How did it end?"), choices=CallResult.choices, widget=forms.RadioSelect)
