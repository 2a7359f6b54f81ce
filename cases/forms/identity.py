"""Forms of the identity card."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from cases.compartments import Certainty, EntryKind, OpeningReason
from cases.forms.fields import form_nonce, long_text

# Characters that a value of each kind may have; what is more is a story, and belongs into a note.
LONGEST = {
    EntryKind.NAME: 200, EntryKind.PHONE: 60, EntryKind.EMAIL: 254, EntryKind.HANDLE: 200, EntryKind.BORN: 60,
    EntryKind.OTHER: 2000,
}  # fmt: skip
LONGEST_OTHERWISE, FEWEST_DIGITS, OLDEST = 500, 3, 120
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_DAY_FIRST = re.compile(r"(?<!\d)(?P<day>\d{1,2})\s?[./-]\s?(?P<month>\d{1,2})\s?[./-]\s?(?P<year>\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


class OpenCardForm(PlainForm):
    """Why a card is opened; everybody on the case reads it."""

    reason = forms.ChoiceField(label=_("Why do you open it?"), choices=OpeningReason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In your words"),
        max_length=500,
        required=False,
        help_text=_("Needed for “Another reason”. Everybody on the case reads it: no names."),
    )

    def __init__(self, *args: Any, reasons: list[OpeningReason], **kwargs: Any) -> None:
        """`reasons`: those she may have here; without “Another reason” the case takes no words either."""
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(one.value, one.label) for one in reasons]  # type: ignore[attr-defined]  # stubs know Field only
        if OpeningReason.OTHER not in reasons:
            del self.fields["text"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == OpeningReason.OTHER and not cleaned.get("text"):
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

    in_short = ("value",)
    nonce = form_nonce()
    seen = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    kind = forms.ChoiceField(label=_("What is it?"), choices=EntryKind.choices)
    value = long_text(
        _("What it says"), rows=2, help_text=_("Of a date of birth the year is enough, also one that is not certain.")
    )
    certainty = forms.ChoiceField(
        label=_("How sure is it?"), choices=Certainty.choices, initial=Certainty.SAID, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("To know with it"),
        max_length=500,
        required=False,
        help_text=_("For example whose number it is, since when, or that it must not be used."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, value = cleaned.get("kind"), cleaned.get("value", "")
        unsure = cleaned.get("certainty") == Certainty.UNSURE
        surer = self.initial.get("certainty") == Certainty.UNSURE and not unsure
        same = (kind, value) == (self.initial.get("kind"), self.initial.get("value"))
        if kind and (not same or surer):  # what stood there stands
            try:
                _plausible(kind, value, unsure=unsure)
            except forms.ValidationError as error:
                self.add_error("value", error)
        return cleaned

    def values(self) -> dict[str, str]:
        """What is sealed."""
        return {name: self.cleaned_data[name] for name in ("kind", "value", "certainty", "note")}


def _plausible(kind: str, value: str, *, unsure: bool) -> None:
    """Help against a slip: what cannot be a number or a date belongs under "Something else". Raises ValidationError.

    Of what is not sure a part is enough: half a number, or an address without its end.
    """
    MaxLengthValidator(LONGEST.get(EntryKind(kind), LONGEST_OTHERWISE))(value)
    if kind == EntryKind.PHONE and value and sum(sign.isdigit() for sign in value) < (1 if unsure else FEWEST_DIGITS):
        raise forms.ValidationError(_("A phone number has digits, such as 060 123 45 67. Look at it again."))
    if kind == EntryKind.EMAIL and value and not unsure and not _ADDRESS.search(value):
        raise forms.ValidationError(
            _(
                "Write the whole e-mail address, such as name@example.org. If you have only a part of it, choose “Not sure”."
            )
        )
    if kind == EntryKind.BORN and value:
        _plausible_birth(value)


def _plausible_birth(value: str) -> None:
    """A day, or a text with a year: she may not know more. Raises ValidationError."""
    today = timezone.localdate()
    written = _DAY_FIRST.search(value) or _YEAR_FIRST.search(value)
    try:
        day = date(*(int(written[part]) for part in ("year", "month", "day"))) if written else None
    except ValueError:
        raise forms.ValidationError(_no_day()) from None
    years = [int(year) for year in _YEAR.findall(value)]
    if (day and day > today) or (years and min(years) > today.year):
        raise forms.ValidationError(
            _("This date of birth lies in the future. If you are not sure, write “about 1995”.")
        )
    if not any(today.year - OLDEST <= year <= today.year for year in years):
        raise forms.ValidationError(_no_day())


def _no_day() -> Any:
    return _("Write a date of birth as day, month and year, such as 14.3.1995, or the year alone: “about 1995”.")
