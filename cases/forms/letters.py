"""Forms of letters and phrases."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from cases.codes import TemplateKind
from cases.forms.fields import form_nonce, long_text

LONGEST = 10_000
PLACES = _(
    "The page fills in {code}, {date}, {helpline} and {person_who_writes}. No name and nothing of a case, please."
)


class ShowForm(PlainForm):
    """Which letters are shown."""

    kind = forms.ChoiceField(label=_("Kind"), choices=TemplateKind.choices, initial=TemplateKind.LETTER)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class TemplateTextForm(PlainForm):
    """Title and text of one of the organisation's own."""

    title = forms.CharField(label=_("Title"), max_length=120)
    body = forms.CharField(
        label=_("Text"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 14}), help_text=PLACES
    )
    seen = forms.DateTimeField(widget=forms.HiddenInput, required=False)


class TemplateForm(TemplateTextForm):
    """A new one."""

    nonce = form_nonce()
    kind = forms.ChoiceField(label=_("Kind"), choices=TemplateKind.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ("nonce", "kind", "language", "title", "body")


class LetterForm(PlainForm):
    """A letter on a case, filled in and open to be changed."""

    mark_optional = False
    nonce = form_nonce()
    template = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    filled_in = forms.ChoiceField(choices=settings.LANGUAGES, required=False, widget=forms.HiddenInput)
    before = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES, required=False)
    text = long_text(_("Text"), rows=20, help_text=_("Fill in what stands in [square brackets]."))

    as_it_is = forms.BooleanField(label=_("Keep it as it is"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "letter_%s", **kwargs})
