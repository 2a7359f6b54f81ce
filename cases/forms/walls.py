"""Forms of "must not see" and of protection."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.plain_forms import PlainForm
from cases.compartments import WallReason
from cases.forms.fields import LONG_TEXT, SMALL, long_text


class WallForm(PlainForm):
    """Who must not see it, and why. Whoever holds all keys is kept out by two, who need the reason in words."""

    person = forms.ModelChoiceField(label=_("Who must not see it?"), queryset=User.objects.none())
    reason = forms.ChoiceField(label=_("Why"), choices=WallReason.choices, widget=forms.RadioSelect(attrs=SMALL))
    text = forms.CharField(
        label=_("In a few words"),
        required=False,
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Read by lead and backup only, and by whoever is asked as second person."),
    )

    def __init__(self, *args: Any, people: Any, of_request: bool = False, words: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["person"]).queryset = people
        if of_request:
            self.fields["text"].help_text = _("Read by whoever may read the request.")
        if not words:  # a closed case takes none
            del self.fields["text"]

    def ask_for_words(self) -> None:
        """A second person is asked: she reads why."""
        if "text" in self.fields and not self.cleaned_data["text"].strip():
            self.add_error("text", _("She holds all keys of this case: a second person is asked, and reads why."))


class LiftForm(PlainForm):
    """Why somebody may see a case again, or why it needs no protection any more: the second person reads it."""

    text = long_text(_("Why"), rows=4)

    def __init__(self, *args: Any, words: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not words:  # a closed case takes none
            del self.fields["text"]
