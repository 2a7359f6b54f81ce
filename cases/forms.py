"""Forms of the desk: they check shape, never write."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rendering import DateInput, DateTimeInput
from cases.choices import (
    About,
    CaseRole,
    Channel,
    ContactLanguage,
    EndReason,
    MinorFlag,
    NoteType,
    RequestState,
    Severity,
)
from cases.services.requests import NewRequest

SMALL = {"class": "govuk-radios--inline govuk-radios--small"}
LONG_TEXT = 20_000  # characters: a long conversation; PostgreSQL and the page stay quick
OLDEST_YEARS, FARTHEST_YEARS = 60, 20
CONTACT_FIELDS = ("phone", "other_contact", "safe_hours", "neutral_word", "who_else_reads")


def _nonce() -> forms.UUIDField:
    """One form, one record: the number travels with the form and is unique in the database."""
    return forms.UUIDField(
        initial=uuid4, widget=forms.HiddenInput, error_messages={"required": _("Load the page again.")}
    )


def _past_day(**options: Any) -> forms.DateField:
    return forms.DateField(required=False, widget=DateInput, **options)


def _text(label: Any, rows: int = 6, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": rows}), **options)


class RequestForm(forms.Form):
    """A request for help typed while somebody is on the phone. Only the words are required, and the page says so."""

    mark_optional = False
    nonce = _nonce()
    restricted = forms.TypedChoiceField(
        label=_("Who may read it?"),
        choices=[("no", _("Everybody on intake")), ("yes", _("Not for everybody: restricted intake only"))],
        coerce=lambda value: value == "yes",
        initial="no",
        widget=forms.RadioSelect(attrs=SMALL),
        help_text=_("Choose restricted if she knows somebody who works here, or says who must not read it."),
    )
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
    in_danger_now = forms.BooleanField(label=_("She is in danger now"), required=False)
    thinks_of_ending_life = forms.BooleanField(label=_("She thinks of ending her life"), required=False)
    minor = forms.ChoiceField(
        label=_("Is she, or is anybody in the material, under 18?"),
        choices=MinorFlag.choices,
        initial=MinorFlag.UNKNOWN,
        widget=forms.RadioSelect(attrs=SMALL),
    )
    about = forms.ChoiceField(
        label=_("Who is it about?"), choices=About.choices, initial=About.SELF, widget=forms.RadioSelect(attrs=SMALL)
    )
    words = _text(_("What happened, in her words"), rows=8)
    channel = forms.ChoiceField(label=_("How it reached us"), choices=Channel.choices, initial=Channel.PHONE)
    language = forms.ChoiceField(label=_("Language"), choices=ContactLanguage.choices, initial=ContactLanguage.SR)
    received_at = forms.DateTimeField(label=_("When"), widget=DateTimeInput, initial=timezone.localtime)
    offence_learned_on = _past_day(
        label=_("Day she found out"), help_text=_("Some rights end three months after this day.")
    )
    suspect_learned_on = _past_day(label=_("Day she learned who did it"))

    def clean_received_at(self) -> Any:
        return _not_in_the_future(self.cleaned_data["received_at"], timezone.now() + timedelta(minutes=5))

    def clean_offence_learned_on(self) -> Any:
        return _plausible_past_day(self.cleaned_data["offence_learned_on"])

    def clean_suspect_learned_on(self) -> Any:
        return _plausible_past_day(self.cleaned_data["suspect_learned_on"])

    def new_request(self) -> NewRequest:
        """The cleaned values as the service wants them; contacts are kept apart from the words."""
        values = {name: self.cleaned_data[name] for name in NewRequest.__dataclass_fields__ if name != "contacts"}
        contacts = {name: self.cleaned_data[name] for name in CONTACT_FIELDS if self.cleaned_data[name]}
        return NewRequest(contacts=contacts, **values)


def _not_in_the_future(value: Any, limit: Any) -> Any:
    if value > limit:
        raise forms.ValidationError(_("This lies in the future."))
    if value < timezone.now() - timedelta(days=366 * OLDEST_YEARS):
        raise forms.ValidationError(_("This lies too far back. Check the year."))
    return value


def _plausible_past_day(day: Any) -> Any:
    if day is None:
        return None
    today = timezone.localdate()
    if day > today:
        raise forms.ValidationError(_("This lies in the future."))
    if day.year < today.year - OLDEST_YEARS:
        raise forms.ValidationError(_("This lies too far back. Check the year."))
    return day


class EndRequestForm(forms.Form):
    """How a request ends that does not become a case."""

    state = forms.ChoiceField(
        label=_("How does it end?"),
        widget=forms.RadioSelect,
        choices=[
            (choice.value, choice.label)
            for choice in (
                RequestState.INFORMATION_GIVEN,
                RequestState.WITHDRAWN,
                RequestState.NOT_ELIGIBLE,
                RequestState.SPAM,
            )
        ],
    )


class AcceptForm(forms.Form):
    """What everybody on the case may read: a working title and her words without names."""

    title = forms.CharField(
        label=_("Working title"), max_length=120, help_text=_("For people on the case only. No names.")
    )
    looked_through = _text(
        _("Her words, looked through"),
        rows=10,
        help_text=_(
            "Lawyers on the case read this version. Take out names, numbers, addresses and where she works. "
            "The original is kept apart, under the identity key."
        ),
    )
    nothing_to_take_out = forms.BooleanField(
        label=_("I have read it: there is nothing in it to take out"), required=False
    )

    def __init__(self, *args: Any, original: str, **kwargs: Any) -> None:
        """`original`: her words as they came; taken over word for word only by somebody who says that she read them."""
        super().__init__(*args, **{"initial": {"looked_through": original}, **kwargs})
        self.original = original

    def clean(self) -> None:
        text = self.cleaned_data.get("looked_through", "")
        same = text.split() == self.original.split()
        if text and same and not self.cleaned_data.get("nothing_to_take_out"):
            self.add_error(
                "looked_through",
                _(
                    "This is word for word what she said. Take out what shows who she is, or tick that there is nothing."
                ),
            )


class NoteForm(forms.Form):
    """A note on a case."""

    nonce = _nonce()
    type = forms.ChoiceField(label=_("Kind of note"), choices=NoteType.choices)
    text = _text(_("Note"), help_text=_("No names or numbers, please: everybody on the case reads notes."))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "note_%s", **kwargs})
        kinds = NoteType.choices if user.has("lawyer") else [(NoteType.CASE_NOTE, NoteType.CASE_NOTE.label)]
        self.fields["type"].choices = kinds  # type: ignore[attr-defined]
        self.fields["type"].initial = kinds[-1][0]
        if len(kinds) == 1:
            self.fields["type"].widget = forms.HiddenInput()


class DeadlineForm(forms.Form):
    """A due date on a case."""

    nonce = _nonce()
    due_on = forms.DateField(label=_("Due on"), widget=DateInput)
    text = forms.CharField(label=_("What is due"), max_length=300)
    severity = forms.ChoiceField(
        label=_("How much hangs on it"),
        choices=Severity.choices,
        initial=Severity.IMPORTANT,
        help_text=_("Reminders begin 30 days before, 7 days before, or the day before."),
    )
    assignee = forms.ModelChoiceField(
        label=_("Who does it"), queryset=User.objects.none(), required=False, empty_label=_("Lead and backup")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "deadline_%s", **kwargs})
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]

    def clean_due_on(self) -> Any:
        day, today = self.cleaned_data["due_on"], timezone.localdate()
        if day < today:
            raise forms.ValidationError(_("This day has passed. Choose today or later."))
        if day.year > today.year + FARTHEST_YEARS:
            raise forms.ValidationError(_("This lies too far ahead. Check the year."))
        return day


class RoleForm(forms.Form):
    """Which role somebody is wanted for."""

    role = forms.ChoiceField(
        label=_("Role on this case"),
        widget=forms.RadioSelect,
        initial=CaseRole.LAWYER,
        choices=[
            (role.value, role.label)
            for role in (
                CaseRole.BACKUP,
                CaseRole.LAWYER,
                CaseRole.SUPERVISOR,
                CaseRole.CASEWORKER,
                CaseRole.INTERPRETER,
            )
        ],
    )


class PersonForm(forms.Form):
    """Who is asked for a role that was chosen."""

    person = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), empty_label=_("Choose somebody"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class EndAssignmentForm(forms.Form):
    """Why a role on a case ends, or why an offer is taken back."""

    reason = forms.ChoiceField(label=_("Why does it end?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, live: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = {EndReason.DEACTIVATED, EndReason.OFFER_WITHDRAWN if live else EndReason.WORK_DONE}
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            choice for choice in EndReason.choices if choice[0] not in left_out
        ]
