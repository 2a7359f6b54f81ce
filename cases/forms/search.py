"""Forms of search: what is typed goes in the body of a POST, never into an address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
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
