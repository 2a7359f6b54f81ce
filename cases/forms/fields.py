"""What several forms of the desk share: the form's number, days in the past, long texts."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from accounts.templatetags.sidro import short_time
from cases.access.absence import away_until

SMALL = {"class": "govuk-radios--inline govuk-radios--small"}
# The hard stop where somebody under 18 is concerned: the steps come first.
STEPS_READ = _("I have read the steps for somebody under 18 and follow them")
STEPS_FIRST = _("Somebody under 18 is concerned: read the steps first, then tick here.")
LONG_TEXT = 20_000  # characters: a long conversation; PostgreSQL and the page stay quick
OLDEST_YEARS, FARTHEST_YEARS = 60, 20


def form_nonce() -> forms.UUIDField:
    """One form, one record: the number travels with the form and is unique in the database."""
    return forms.UUIDField(
        initial=uuid4, widget=forms.HiddenInput, error_messages={"required": _("Load the page again.")}
    )


class NonceForm(PlainForm):
    """What a form of one button carries: clicked twice it is one record."""

    nonce = form_nonce()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": False, **kwargs})


class AsksFirst(PlainForm):
    """A form that may ask before it goes on: the tick answers for what it was asked about, and for nothing else.

    Whoever inherits it gives the tick its words.
    """

    anyway = forms.BooleanField(required=False)
    asked_about = forms.CharField(widget=forms.HiddenInput, required=False)  # ids

    def answered(self) -> set[str]:
        """What the tick answers for, as ids."""
        values = self.cleaned_data
        return set(values.get("asked_about", "").split()) if values.get("anyway") else set()

    def ask_anew(self, about: Iterable[UUID]) -> None:
        """The page asks about all of them, with an empty box."""
        sent = cast(QueryDict, self.data).copy()
        sent.pop(self.add_prefix("anyway"), None)
        sent[self.add_prefix("asked_about")] = " ".join(sorted(map(str, about)))
        self.data = sent


def past_day(**options: Any) -> forms.DateField:
    return forms.DateField(required=False, widget=DateInput, **options)


def long_text(label: Any, rows: int = 6, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": rows}), **options)


def not_in_the_future(value: Any, limit: Any) -> Any:
    """A moment that is not later than `limit` and not absurdly long ago. Raises ValidationError."""
    if value > limit:
        raise forms.ValidationError(_("This lies in the future."))
    if value < timezone.now() - timedelta(days=366 * OLDEST_YEARS):
        raise forms.ValidationError(_("This lies too far back. Check the year."))
    return value


def plausible_past_day(day: Any) -> Any:
    """A day until today within a lifetime, or None. Raises ValidationError."""
    if day is None:
        return None
    today = timezone.localdate()
    if day > today:
        raise forms.ValidationError(_("This lies in the future."))
    if day.year < today.year - OLDEST_YEARS:
        raise forms.ValidationError(_("This lies too far back. Check the year."))
    return day


def days_in_order(form: forms.Form) -> None:
    """Nobody learns who did something before she knows that it was done. Called from `clean`."""
    values = form.cleaned_data
    found_out, knows_who = values.get("offence_learned_on"), values.get("suspect_learned_on")
    if found_out and knows_who and knows_who < found_out:
        form.add_error(
            "suspect_learned_on",
            _(
                "This is before the day she found out. Check both; if she knew who it was from the start, give one day twice."
            ),
        )


def coming_day(day: Any) -> Any:
    """A day from today on within a working life, or None. Raises ValidationError."""
    if day is None:
        return None
    today = timezone.localdate()
    if day < today:
        raise forms.ValidationError(_("This day has passed. Choose today or later."))
    if day.year > today.year + FARTHEST_YEARS:
        raise forms.ValidationError(_("This lies too far ahead. Check the year."))
    return day


class ReadAtOnce(ModelChoiceIterator):
    """Choices read in one query, and once a page: for a few rows Django would open a cursor on the server and close it."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for row in self.queryset or ():
            yield self.choice(row)


class RowField(forms.ModelChoiceField):
    """A row of a short list."""

    iterator = ReadAtOnce


class PersonField(RowField):
    """Somebody of a list of people; whoever is away today is marked, and may be chosen all the same."""

    who = "pk"  # where the id of the person stands in a row of the list

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=User.objects.none(), **options)

    @cached_property
    def _away(self) -> dict:
        return away_until([getattr(row, self.who) for row in self.queryset or ()])

    def label_from_instance(self, obj: Any) -> str:
        until = self._away.get(obj.pk)
        if until is None:
            return obj.display_name
        words = {"name": obj.display_name, "day": short_time(until)}
        return gettext("%(name)s – away until %(day)s") % words


def one_line_end(text: str) -> str:
    """Text with the line ends that it is stored with; browsers send others."""
    return text.replace("\r\n", "\n")
