"""How somebody is reached safely: asked at the request, and kept up on the case."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm


class ContactFields(PlainForm):
    """The fields that both forms have; their templates place them."""

    phone = forms.CharField(label=_("Safe number or address to reach her"), max_length=200, required=False)
    other_contact = forms.CharField(label=_("Another way"), max_length=200, required=False)
    safe_hours = forms.CharField(label=_("When is it safe to call?"), max_length=200, required=False)
    neutral_word = forms.CharField(
        label=_("Neutral word"),
        max_length=60,
        required=False,
        help_text=_("What to say if somebody else answers, for example “library”."),
    )
    who_else_reads = forms.CharField(
        label=_("Who else reads her phone or hears the call?"), max_length=200, required=False
    )
