"""Forms of the identity card."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from cases.compartments import Certainty, EntryKind, OpeningReason
from cases.forms.fields import form_nonce, long_text


class OpenCardForm(PlainForm):
    """Why a card is opened; everybody on the case reads it."""

    reason = forms.ChoiceField(label=_("Why do you open it?"), choices=OpeningReason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In your words"),
        max_length=500,
        required=False,
        help_text=_("Needed for “Another reason”. Everybody on the case reads it: no names."),
    )

    def __init__(self, *args: Any, words: bool = True, **kwargs: Any) -> None:
        """`words`: whether the case still takes texts; a closed one does not."""
        super().__init__(*args, **kwargs)
        if not words:
            del self.fields["text"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == OpeningReason.OTHER and "text" in self.fields and not cleaned.get("text"):
            self.add_error("text", _("Say in a few words why you open it."))
        return cleaned


class AskMoreForm(PlainForm):
    """Why one more identity is needed within a day."""

    reason = long_text(
        _("Why do you need one more today?"),
        rows=2,
        help_text=_("The second person and everybody on the case read it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "more_%s", **kwargs})


class EntryForm(PlainForm):
    """One entry of the card."""

    nonce = form_nonce()
    seen = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    kind = forms.ChoiceField(label=_("What is it?"), choices=EntryKind.choices)
    value = long_text(_("What it says"), rows=2)
    certainty = forms.ChoiceField(
        label=_("How sure is it?"), choices=Certainty.choices, initial=Certainty.SAID, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("To know with it"),
        max_length=500,
        required=False,
        help_text=_("For example whose number it is, since when, or that it must not be used."),
    )

    def values(self) -> dict[str, str]:
        """What is sealed."""
        return {name: self.cleaned_data[name] for name in ("kind", "value", "certainty", "note")}
