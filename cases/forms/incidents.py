"""Forms of what happened. Choices are those of the knowledge files, in the reader's language."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from cases.codes import Country, CountryReason, Entity
from cases.forms.fields import STEPS_FIRST, STEPS_READ, form_nonce, long_text, one_line_end, plausible_past_day
from cases.knowledge import incident_types, label
from cases.services.incidents import stops

# Field of an incident -> attribute of the images in the knowledge file.
ATTRIBUTES = {
    "age_at_capture": "age_at_capture",
    "consent_to_make": "consent_to_make",
    "consent_to_share": "consent_to_share",
    "nature": "nature",
    "made_by_whom": "made_by",
}
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")
COLUMNS = {"class": "govuk-checkboxes--small choices--columns"}
Choices = list[tuple[str, str]]


class MonthInput(forms.DateInput):
    """The browser's own field for a month; plain text where it could not show what was typed."""

    input_type = "month"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "govuk-input--width-10", "placeholder": "2026-03"}, format="%Y-%m")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown and not MONTH.match(shown):
            context["widget"]["type"] = "text"
        return context


def _month(text: Any) -> forms.DateField:
    wrong = {"invalid": _("Type year and month, such as 2026-03.")}
    return forms.DateField(
        label=text, required=False, widget=MonthInput(), input_formats=["%Y-%m", "%Y-%m-%d"], error_messages=wrong
    )


def _first_day(day: date | None) -> date | None:
    plausible_past_day(day)
    return day and day.replace(day=1)


def _grouped(language: str) -> list[tuple[str, Choices]]:
    """Types of incidents under the names of their groups."""
    known = incident_types()
    return [
        (label(group, language), [(one.id, label(one, language)) for one in known.types if one.group == group.id])
        for group in known.groups
    ]


class TypesForm(PlainForm):
    """The first step: what it was. Before details are asked, the protocol for a child is shown where it applies."""

    types = forms.MultipleChoiceField(label=_("What happened"), widget=forms.CheckboxSelectMultiple(attrs=COLUMNS))
    age_at_capture = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        self.fields["types"].choices = _grouped(language)  # type: ignore[attr-defined]  # stubs know Field only
        for field, attribute in ATTRIBUTES.items():
            if field in self.fields:
                self._offer(field, attribute, language)

    def _offer(self, field: str, attribute: str, language: str) -> None:
        known = next(one for one in incident_types().image_attributes if one.id == attribute)
        self.fields[field].label = label(known, language)
        values = [(one.id, label(one, language)) for one in known.values]
        self.fields[field].choices = [("", _("Not asked")), *values]  # type: ignore[attr-defined]  # stubs know Field only


class IncidentForm(TypesForm):
    """Everything about one thing that happened."""

    nonce = form_nonce()
    consent_to_make = forms.ChoiceField(required=False)
    consent_to_share = forms.ChoiceField(required=False)
    nature = forms.ChoiceField(required=False)
    made_by_whom = forms.ChoiceField(required=False)
    contexts = forms.MultipleChoiceField(
        label=_("Context"), required=False, widget=forms.CheckboxSelectMultiple(attrs=COLUMNS)
    )
    platforms = forms.MultipleChoiceField(
        label=_("Where"), required=False, widget=forms.CheckboxSelectMultiple(attrs=COLUMNS)
    )
    outcomes = forms.MultipleChoiceField(
        label=_("What came of it"), required=False, widget=forms.CheckboxSelectMultiple(attrs=COLUMNS)
    )
    relation = forms.ChoiceField(label=_("The person who did this"), required=False)
    happened_in = _month(_("Month it happened"))
    learned_in = _month(_("Month she learned of it"))
    text = long_text(
        _("What happened, in words"),
        required=False,
        help_text=_("Sealed. Everybody on the case reads it: no names here."),
    )
    minor_steps_read = forms.BooleanField(label=STEPS_READ, required=False)
    names = forms.CharField(
        label=_("Names and handles of the alleged perpetrator"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Sealed apart. Needed so that a lawyer can say whether she knows them."),
    )
    CODES = (
        "types", "age_at_capture", "consent_to_make", "consent_to_share", "nature", "made_by_whom", "contexts",
        "platforms", "outcomes", "relation", "happened_in", "learned_in",
    )  # fmt: skip

    def __init__(self, *args: Any, flagged: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if flagged:
            del self.fields["minor_steps_read"]  # the case says so already
        language, known = get_language() or "en", incident_types()
        offers = {
            "contexts": known.contexts,
            "platforms": known.channels,
            "outcomes": known.outcomes,
            "relation": known.relations,
        }
        for name, entries in offers.items():
            choices: list[tuple[str, Any]] = [("", _("Not asked"))] if name == "relation" else []
            choices += [(one.id, label(one, language)) for one in entries]
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # stubs know Field only

    def clean_happened_in(self) -> date | None:
        return _first_day(self.cleaned_data["happened_in"])

    def clean_learned_in(self) -> date | None:
        return _first_day(self.cleaned_data["learned_in"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        happened, learned = values.get("happened_in"), values.get("learned_in")
        if happened and learned and learned < happened:
            self.add_error("learned_in", _("She cannot learn of it before it happens. Check both months."))
        if "minor_steps_read" in self.fields and not values.get("minor_steps_read") and self._stops():
            self.add_error("minor_steps_read", STEPS_FIRST)
        return values

    def _stops(self) -> bool:
        """The hard stop of the log form: what is chosen concerns a child."""
        return stops(self.cleaned_data.get("types", []), self.cleaned_data.get("age_at_capture", ""))

    def clean_text(self) -> str:
        return one_line_end(self.cleaned_data["text"])

    def clean_names(self) -> str:
        return one_line_end(self.cleaned_data["names"])

    def codes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.CODES}


class ChangeIncidentForm(IncidentForm):
    """The same, on what stands there: it carries what she saw of the codes and of both texts."""

    nonce = None  # type: ignore[assignment]  # takes the field out
    seen_text = forms.IntegerField(min_value=0, max_value=100_000, widget=forms.HiddenInput)
    seen_names = forms.IntegerField(min_value=0, max_value=100_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.CODES:
            self.fields[name].show_hidden_initial = True

    def _stops(self) -> bool:
        return bool({"types", "age_at_capture"} & set(self.changed_data)) and super()._stops()

    def changed_codes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.CODES}

    def changed_texts(self, known: dict[str, dict[int, str]]) -> dict[str, tuple[str, int]]:
        """Name -> (text, version it was written on), where it differs from that version; `known` holds them all."""
        values = self.cleaned_data
        return {
            name: (values[name], values[f"seen_{name}"])
            for name in ("text", "names")
            if values[name] != known[name].get(values[f"seen_{name}"], "")
        }


class CountryForm(PlainForm):
    """A country whose law may apply, and why."""

    country = forms.ChoiceField(label=_("Country"), choices=Country.choices)
    entity = forms.ChoiceField(
        label=_("Part of Bosnia and Herzegovina"), choices=Entity.choices, required=False, initial=""
    )
    reason = forms.ChoiceField(label=_("Why"), choices=CountryReason.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "country_%s", **kwargs})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("entity") and values.get("country") != Country.BA:
            self.add_error("entity", _("Only Bosnia and Herzegovina has these parts."))
        return values
