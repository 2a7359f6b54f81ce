"""What several forms of the desk share: the form's number, days in the past, long texts."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
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


class PersonField(forms.ModelChoiceField):
    """Somebody of a list of people; whoever is away today is marked, and may be chosen all the same."""

    who = "pk"  # where the id of the person stands in a row of the list

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=User.objects.none(), **options)

    @cached_property
    def _away(self) -> dict:
        return away_until(self.queryset.values_list(self.who, flat=True)) if self.queryset is not None else {}

    def label_from_instance(self, obj: Any) -> str:
        until = self._away.get(obj.pk)
        if until is None:
            return obj.display_name
        words = {"name": obj.display_name, "day": short_time(until)}
        return gettext("%(name)s – away until %(day)s") % words


def one_line_end(text: str) -> str:
    """Text with the line ends that it is stored with; browsers send others."""
    return text.replace("\r\n", "\n")
