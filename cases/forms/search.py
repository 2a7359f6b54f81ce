"""Forms of search: what is typed goes in the body of a POST, never into an address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from cases.services import matching
from cases.services.folding import words_of


class SearchForm(PlainForm):
    """Words in her open cases."""

    words = forms.CharField(
        label=_("Words in my open cases"),
        max_length=200,
        help_text=_("All words must stand in the same text. Capitals, accents and the script do not matter."),
    )

    def clean_words(self) -> Any:
        typed = self.cleaned_data["words"]
        if max(len(word) for word in words_of(typed)) < 2:
            raise forms.ValidationError(_("Type at least two letters."))
        return typed


class ExactForm(PlainForm):
    """Exactly one value of an identity card."""

    typed = forms.CharField(
        label=_("Whose is this?"),
        max_length=200,
        help_text=_(
            "A whole phone number, e-mail address, name on a platform or full name. Capitals, accents, spaces and the "
            "script do not matter. Needs your second factor; the log says that you searched, not for what."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_typed(self) -> Any:
        typed = self.cleaned_data["typed"]
        contacts, name = matching.typed(typed)
        if not contacts and len(name) < matching.SHORTEST_NAME:
            raise forms.ValidationError(_("Type a whole number, address or name."))
        return typed
