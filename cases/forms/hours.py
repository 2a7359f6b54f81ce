"""Forms of the opening hours."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from cases.forms.fields import coming_day
from cases.forms.plan import TimeInput


class HoursForm(PlainForm):
    """From and to for each weekday. Each field carries what she saw, so that only days she changed are written."""

    mark_optional = False

    def __init__(self, *args: Any, hours: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "hours_%s", **kwargs})
        for row in hours:
            day = {"day": WEEKDAYS[row.weekday]}
            opens, closes = _("%(day)s, from") % day, _("%(day)s, to") % day
            for name, label, value in (("opens", opens, row.opens_at), ("closes", closes, row.closes_at)):
                self.fields[f"{name}_{row.weekday}"] = forms.TimeField(
                    label=label, required=False, initial=value, widget=TimeInput, show_hidden_initial=True
                )

    def days(self) -> list[tuple[Any, Any]]:
        """From and to, Monday first."""
        return [(self[f"opens_{day}"], self[f"closes_{day}"]) for day in self._weekdays()]

    def clean(self) -> Any:
        values = super().clean() or self.cleaned_data
        for day in self._weekdays():
            if f"opens_{day}" in values and f"closes_{day}" in values:
                self._check(day, values[f"opens_{day}"], values[f"closes_{day}"])
        return values

    def _check(self, day: int, opens: time | None, closes: time | None) -> None:
        if (opens is None) != (closes is None):
            missing = "opens" if opens is None else "closes"
            self.add_error(f"{missing}_{day}", _("Give both times, or empty both where the helpline is closed."))
        elif opens and closes and closes <= opens:
            self.add_error(
                f"closes_{day}", _("This lies before it opens. For a night, end at 23:59 and begin at 00:00.")
            )

    def changed_hours(self) -> dict[int, tuple[time, time] | None]:
        """The days she changed."""
        days = sorted({int(name.rpartition("_")[2]) for name in self.changed_data})
        spans = {day: (self.cleaned_data[f"opens_{day}"], self.cleaned_data[f"closes_{day}"]) for day in days}
        return {day: span if span[0] else None for day, span in spans.items()}

    def _weekdays(self) -> list[int]:
        return [int(name.removeprefix("opens_")) for name in self.fields if name.startswith("opens_")]


class ClosedDayForm(PlainForm):
    """A day on which the helpline does not work."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=DateInput)

    def clean_day(self) -> date:
        return coming_day(self.cleaned_data["day"])
