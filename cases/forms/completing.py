"""The form that completes a request: the fields of the log form, and a further piece of her words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.choices import About, MinorFlag
from cases.forms.fields import STEPS_FIRST, days_in_order, long_text
from cases.forms.requests import RequestForm
from cases.forms.seen import SeenForm
from cases.services.completing import FACTS, NOT_ASKED, Change
from cases.services.requests import CONTACT_FIELDS

UNDER_18 = {MinorFlag.NOW, MinorFlag.MATERIAL}


class ChangeRequestForm(SeenForm, RequestForm):
    """What can follow after a request was logged. Who may read it, and how and when it came, stay as they are."""

    nonce = restricted = must_not_see = wall_text = protected = channel = received_at = None  # type: ignore[assignment]  # taken out
    seen_words = forms.IntegerField(min_value=0, max_value=100_000, widget=forms.HiddenInput)
    words = long_text(
        _("Her answer, or what else she says"),
        required=False,
        help_text=_("It is added under what stands there already, with day and hour. Nothing is overwritten."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("in_danger_now", "thinks_of_ending_life"):
            if self.initial[name]:
                del self.fields[name]  # it stays: eased on the case only, by two people
        self.carry(*(name for name in (*CONTACT_FIELDS, *FACTS, "consent") if name in self.fields))

    def clean_minor(self) -> str:
        """Never eased here. Somebody else may have marked it since her page was made; that stays."""
        minor, now = self.cleaned_data["minor"], self.initial["minor"]
        if now not in UNDER_18 or minor in UNDER_18:
            return minor
        if self.seen("minor") == minor:
            return now
        raise forms.ValidationError(_("That somebody is under 18 is taken back on the case only, by two people."))

    def clean_consent(self) -> str:
        said, now = self.cleaned_data["consent"], self.initial["consent"]
        if said == now or now == NOT_ASKED:
            return said
        if said == NOT_ASKED:
            return now if self.seen("consent") == NOT_ASKED else said
        if said == "no":
            raise forms.ValidationError(
                _("She has agreed before. If she wants no work any more, end the request: it is her wish.")
            )
        return said

    def clean(self) -> None:
        """The hard stop of the log form, where it was not passed before; and who may agree for whom."""
        values = self.cleaned_data
        new = values.get("minor") in UNDER_18 and self.initial["minor"] not in UNDER_18
        if new and not values.get("minor_steps_read"):
            self.add_error("minor_steps_read", STEPS_FIRST)
        said = values.get("consent")
        if said in {"yes", "no"} and said != self.initial["consent"] and values.get("about") == About.OTHER:
            self.add_error(
                "consent", _("This is about somebody else: only she can agree or refuse. Choose “Not asked yet”.")
            )
        if said == NOT_ASKED and self.initial["consent"] != NOT_ASKED:
            self.add_error("consent", _("What she said stays noted. Choose what she says now."))
        days_in_order(self)

    def change(self) -> Change:
        return Change(
            words=self.cleaned_data["words"],
            seen_words=self.cleaned_data["seen_words"],
            lines={name: (self.seen(name), wanted) for name, wanted in self.changed_values().items()},
        )
