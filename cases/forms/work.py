"""Forms of work on a case: notes and dates."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from cases.choices import NoteType, Severity
from cases.forms.fields import PersonField, coming_day, form_nonce, long_text


class NoteForm(PlainForm):
    """A note on a case."""

    nonce = form_nonce()
    type = forms.ChoiceField(label=_("Kind of note"), choices=NoteType.choices)
    text = long_text(_("Note"), help_text=_("No names or numbers, please: everybody on the case reads notes."))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "note_%s", **kwargs})
        own = (NoteType.CASE_NOTE, NoteType.LEGAL_NOTE) if user.has("lawyer") else (NoteType.CASE_NOTE,)
        kinds = [(kind.value, kind.label) for kind in own]
        cast(forms.ChoiceField, self.fields["type"]).choices = kinds
        self.fields["type"].initial = kinds[-1][0]
        if len(kinds) == 1:
            self.fields["type"].widget = forms.HiddenInput()


class DeadlineForm(PlainForm):
    """A due date on a case."""

    nonce = form_nonce()
    due_on = forms.DateField(label=_("Due on"), widget=DateInput)
    text = forms.CharField(label=_("What is due"), max_length=300)
    severity = forms.ChoiceField(
        label=_("How much hangs on it"),
        choices=Severity.choices,
        initial=Severity.IMPORTANT,
        help_text=_("Reminders begin 30 days before, 7 days before, or the day before."),
    )
    assignee = PersonField(label=_("Who does it"), required=False, empty_label=_("Lead and backup"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "deadline_%s", **kwargs})
        cast(PersonField, self.fields["assignee"]).queryset = people

    def clean_due_on(self) -> Any:
        return coming_day(self.cleaned_data["due_on"])
