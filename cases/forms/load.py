"""Forms about what a person can carry, where work moves, and reviews."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from cases.choices import CaseRole, ContactLanguage
from cases.codes import Country, MoveReason
from cases.forms.fields import PersonField, coming_day, form_nonce, long_text

REVIEW_EVERY = timedelta(days=30)
FULL_WEEK = 60  # hours: more is a slip of the pen
# A lawyer's account sees nobody else by name.
OF_THE_CASES = _(
    "She sees what lands on you, in numbers. You can choose among people on your cases; the coordinator can name"
    " anybody else."
)


class ProfileForm(PlainForm):
    """What somebody can carry. Countries only for lawyers, a supervisor only for those who work on cases."""

    accepting = forms.BooleanField(label=_("Takes new cases"), required=False)
    capacity = forms.IntegerField(
        label=_("Cases at once that are a full load"),
        min_value=1,
        max_value=200,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    hours_per_week = forms.IntegerField(
        label=_("Hours a week"),
        required=False,
        min_value=1,
        max_value=FULL_WEEK,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages she can work in"),
        required=False,
        choices=ContactLanguage.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries where she is admitted"),
        required=False,
        choices=Country.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Elsewhere she gives advice only."),
    )
    supervisor = PersonField(
        label=_("Supervisor"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("She sees what lands on this person, in numbers, so that she can look after her."),
    )

    def __init__(self, *args: Any, person: User, own: bool, supervisors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not person.has(Role.LAWYER):
            del self.fields["countries"]
        if not (person.has(Role.CASEWORKER) or person.has(Role.LAWYER)):
            del self.fields["supervisor"]
            return
        field = cast(PersonField, self.fields["supervisor"])
        field.queryset = supervisors
        if own and not person.has(Role.CASEWORKER):
            field.help_text = OF_THE_CASES


class MoveForm(PlainForm):
    """To whom work is to move."""

    person = PersonField(label=_("To whom"), empty_label=_("Choose somebody"))
    role = forms.ChoiceField(
        label=_("Role on this case"),
        choices=[(role.value, role.label) for role in CaseRole if role != CaseRole.DEPUTY],
        initial=CaseRole.LEAD,
    )
    reason = forms.ChoiceField(label=_("Why"), choices=MoveReason.choices)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PersonField, self.fields["person"]).queryset = people


class ReviewForm(PlainForm):
    """A review of a case."""

    nonce = form_nonce()
    text = long_text(
        _("Review"), help_text=_("What goes well, what is missing, what was agreed. Everybody on the case reads it.")
    )
    next_review_on = forms.DateField(
        label=_("Next review"), widget=DateInput, initial=lambda: timezone.localdate() + REVIEW_EVERY
    )

    def clean_next_review_on(self) -> Any:
        day = coming_day(self.cleaned_data["next_review_on"])
        if day == timezone.localdate():
            raise forms.ValidationError(_("Choose a day after today for the next review."))
        return day
