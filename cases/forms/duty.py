"""Forms of the rota and of days away."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput, DateTimeInput
from cases.access.absence import away_between
from cases.forms.fields import AsksFirst, PersonField, coming_day, form_nonce, long_text
from cases.services.duty import Planned

MOST_WEEKS = 12
FARTHEST = timedelta(days=366)


class TimeInput(forms.TimeInput):
    """The browser's own field for a time of the day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "govuk-input--width-10"}, format="%H:%M")


class AsksOfAway(AsksFirst):
    """A form that names somebody for some days: where she is away then, it asks before it goes on."""

    anyway = forms.BooleanField(label=_("I have spoken with her: she takes it all the same"), required=False)
    asks = False

    def ask_of_away(self, people: Iterable[User | None], first: date, last: date) -> None:
        """`asks` shows the box from now on; without a tick in it the form is refused."""
        names = {person.pk: person.display_name for person in people if person}
        away = {row.user_id for row in away_between(names, first, last)}
        self.asks = bool(away)
        answered = self.answered()
        if left := {person for person in away if str(person) not in answered}:
            said = gettext("%(names)s: away then. Choose somebody else, or speak with her first.")
            self.add_error("anyway", said % {"names": ", ".join(sorted(names[person] for person in left))})
            self.ask_anew(away)

    def _without(self, values: dict[str, Any]) -> dict[str, Any]:
        """What was typed, without the question and its answer."""
        return {name: value for name, value in values.items() if name not in ("anyway", "asked_about")}


class ShiftForm(AsksOfAway):
    """One shift."""

    starts_at = forms.DateTimeField(label=_("Begins"), widget=DateTimeInput)
    ends_at = forms.DateTimeField(label=_("Ends"), widget=DateTimeInput)
    on_call = PersonField(label=_("On call"), empty_label=_("Choose somebody"))
    second = PersonField(label=_("Second on call"), required=False, empty_label=_("Nobody"))

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("on_call", "second"):
            cast(PersonField, self.fields[name]).queryset = people

    def clean_ends_at(self) -> Any:
        if self.cleaned_data["ends_at"] > timezone.now() + FARTHEST:
            raise forms.ValidationError(_("This lies too far ahead. Check the year."))
        return self.cleaned_data["ends_at"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "starts_at" in values and "ends_at" in values:
            days = timezone.localdate(values["starts_at"]), timezone.localdate(values["ends_at"])
            self.ask_of_away([values.get("on_call"), values.get("second")], *days)
        return self._without(values)


class WeekForm(PlainForm):
    """A week of shifts that repeats: who is on call on which weekday, from when to when, for how many weeks."""

    mark_optional = False
    first_day = forms.DateField(label=_("From this day on"), widget=DateInput)
    weeks = forms.IntegerField(
        label=_("For how many weeks"), min_value=1, max_value=MOST_WEEKS, initial=4,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )  # fmt: skip
    begins = forms.TimeField(label=_("Each shift begins at"), widget=TimeInput)
    ends = forms.TimeField(
        label=_("and ends at"), widget=TimeInput, help_text=_("The same time or an earlier one: on the next day.")
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        names = [(pk, person.display_name) for pk, person in self.people.items()]
        for day in WEEKDAYS:
            words = {"day": WEEKDAYS[day]}
            self.fields[f"day_{day}"] = forms.ChoiceField(
                label=gettext("%(day)s: on call") % words, required=False, choices=[("", gettext("No shift")), *names]
            )
            self.fields[f"second_{day}"] = forms.ChoiceField(
                label=gettext("%(day)s: second on call") % words,
                required=False,
                choices=[("", gettext("Nobody")), *names],
            )

    def days(self) -> list[tuple]:
        """The two fields of each weekday, for the page."""
        return [(self[f"day_{day}"], self[f"second_{day}"]) for day in WEEKDAYS]

    def clean_first_day(self) -> Any:
        return coming_day(self.cleaned_data["first_day"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not any(values.get(f"day_{day}") for day in WEEKDAYS):
            self.add_error("day_0", gettext("Choose somebody for one day at least."))
        for day in WEEKDAYS:
            if values.get(f"day_{day}") and values.get(f"day_{day}") == values.get(f"second_{day}"):
                self.add_error(f"second_{day}", gettext("Choose another person as second on call."))
        return values

    def shifts(self) -> list[Planned]:
        """What the form stands for."""
        values, found = self.cleaned_data, []
        for offset in range(values["weeks"] * 7):
            day: date = values["first_day"] + timedelta(days=offset)
            on_call = self.people.get(values[f"day_{day.weekday()}"])
            if on_call is None:
                continue
            last = day if values["ends"] > values["begins"] else day + timedelta(days=1)
            found.append(
                Planned(
                    timezone.make_aware(datetime.combine(day, values["begins"])),
                    timezone.make_aware(datetime.combine(last, values["ends"])),
                    on_call,
                    self.people.get(values[f"second_{day.weekday()}"]),
                )
            )
        return found


class AbsenceForm(PlainForm):
    """Days away."""

    person = PersonField(label=_("Who"), empty_label=None)
    from_on = forms.DateField(label=_("First day"), widget=DateInput)
    until_on = forms.DateField(label=_("Last day"), widget=DateInput)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PersonField, self.fields["person"]).queryset = people

    def clean_until_on(self) -> Any:
        return coming_day(self.cleaned_data["until_on"])


class HandoverForm(AsksOfAway):
    """To whom a shift is handed over, and what the list does not say."""

    nonce = form_nonce()
    to = PersonField(label=_("To whom"), empty_label=_("Choose somebody"))
    words = long_text(
        _("What else she should know"),
        required=False,
        help_text=_("Only the two of you can read it, for seven days."),
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PersonField, self.fields["to"]).queryset = people

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self.ask_of_away([values.get("to")], timezone.localdate(), timezone.localdate())
        return self._without(values)
