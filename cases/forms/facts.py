"""Forms of the facts of a case: codes, texts in versions, closing, links."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from cases.choices import CaseState, ContactLanguage, MinorFlag, Stage
from cases.codes import AgeBand, ClosureReason, Gender, LegalOutcome, LinkKind, PersonCategory
from cases.forms.fields import (
    LONG_TEXT,
    SMALL,
    STEPS_FIRST,
    STEPS_READ,
    coming_day,
    days_in_order,
    form_nonce,
    long_text,
    one_line_end,
    past_day,
    plausible_past_day,
)
from cases.forms.seen import SeenForm
from cases.services.facts import UNDER_18

LINE = 300  # characters of one line


def _open(codes: type[TextChoices]) -> list[tuple[str, Any]]:
    """What can be chosen: not that it is sealed."""
    return [(code, label) for code, label in codes.choices if code != "sealed"]


class FactsForm(SeenForm):
    """Coded facts. Each field carries what she saw, so that only what she changed is written."""

    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices)
    person_category = forms.ChoiceField(label=_("She comes to us as"), choices=_open(PersonCategory))
    age_band = forms.ChoiceField(label=_("Age"), choices=_open(AgeBand))
    gender = forms.ChoiceField(label=_("Gender, as she says it"), choices=_open(Gender))
    language = forms.ChoiceField(label=_("Language"), choices=ContactLanguage.choices)
    offence_learned_on = past_day(label=_("Day she found out"))
    suspect_learned_on = past_day(label=_("Day she learned who did it"))
    next_review_on = forms.DateField(label=_("Next review"), required=False, widget=DateInput)
    on_duty_may_call = forms.BooleanField(
        label=_("Whoever is on call may call her"), required=False, help_text=_("Only if she said so.")
    )

    minor_steps_read = forms.BooleanField(label=STEPS_READ, required=False)
    FACTS = ("stage", "person_category", "age_band", "gender", "language", "offence_learned_on", "suspect_learned_on",
             "next_review_on", "on_duty_may_call")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "facts_%s", **kwargs})
        if self.initial.get("flagged"):
            del self.fields["minor_steps_read"]  # the case says so already
        if self.initial and "on_duty_may_call" not in self.initial:
            del self.fields["on_duty_may_call"]  # a protected case: whoever is on call does not
        self.carry(*(name for name in self.FACTS if name in self.fields))

    def clean(self) -> None:
        """An age under 18 is the hard stop of the log form: it marks the case."""
        chosen = self.cleaned_data.get("age_band") in UNDER_18 and "age_band" in self.changed_data
        if chosen and "minor_steps_read" in self.fields and not self.cleaned_data.get("minor_steps_read"):
            self.add_error("minor_steps_read", STEPS_FIRST)
        days_in_order(self)

    def facts(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FACTS if name in self.fields]

    def clean_offence_learned_on(self) -> date | None:
        return plausible_past_day(self.cleaned_data["offence_learned_on"])

    def clean_suspect_learned_on(self) -> date | None:
        return plausible_past_day(self.cleaned_data["suspect_learned_on"])

    def clean_next_review_on(self) -> date | None:
        day = self.cleaned_data["next_review_on"]
        return coming_day(day) if "next_review_on" in self.changed_data else day


class TextForm(PlainForm):
    """The next version of a text; `seen` is the version it was written on."""

    seen = forms.IntegerField(min_value=0, max_value=100_000, widget=forms.HiddenInput)
    text = long_text(_("Text"), rows=10)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "text_%s", **kwargs})
        field = self.fields["text"]
        if name == "title":
            self.fields["text"] = forms.CharField(
                label=_("Working title"),
                max_length=200,
                help_text=_("No name of hers, no number: the title is on lists."),
            )
        elif name == "told":
            field.label, field.required = _("Already told, do not ask again"), False
            field.help_text = _("One line for each thing.")
        else:
            field.label = _("What happened, looked through")
            field.help_text = _("No names or numbers, please: everybody on the case reads this.")

    def clean_text(self) -> str:
        return one_line_end(self.cleaned_data["text"])


class ToldForm(PlainForm):
    """One more line of what she has told already."""

    line = forms.CharField(
        label=_("Add a line"),
        max_length=LINE,
        help_text=_("Without names or numbers, for example: “how she found the pictures”."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "told_%s", **kwargs})

    def clean_line(self) -> str:
        return " ".join(self.cleaned_data["line"].split())


class MinorForm(PlainForm):
    """Whether she or somebody in the material is under 18."""

    flag = forms.ChoiceField(
        label=_("Is she, or somebody in the material, under 18?"),
        choices=MinorFlag.choices,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why it is taken back"),
        max_length=LONG_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed only to take it back: a second person reads it and decides."),
    )

    def __init__(self, *args: Any, flagged: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flagged = flagged
        if not flagged:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        taken_back = self.flagged and values.get("flag") in {MinorFlag.NO, MinorFlag.UNKNOWN}
        if taken_back and not values.get("reason"):
            self.add_error("reason", _("Say why. A second person reads it."))
        return values


class CloseForm(PlainForm):
    """How and why a case ends."""

    state = forms.ChoiceField(
        label=_("How it ends"),
        choices=[choice for choice in CaseState.choices if choice[0] not in {CaseState.OPEN, CaseState.ERASED}],
        initial=CaseState.CLOSED,
        widget=forms.RadioSelect(attrs=SMALL),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose")), *ClosureReason.choices])
    outcome = forms.ChoiceField(label=_("What came of legal steps"), choices=[("", _("Choose")), *LegalOutcome.choices])
    text = long_text(_("What a colleague should know later"), rows=4, required=False)

    def __init__(self, *args: Any, second: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if second:
            self.fields["text"].required = True
            self.fields["text"].label = _("Why it can be closed, for the second person")


class ReopenForm(PlainForm):
    """Why a closed case is opened again."""

    nonce = form_nonce()
    text = long_text(_("Why it is opened again"), rows=3)


class LinkForm(PlainForm):
    """Another case by its code."""

    code = forms.CharField(label=_("Code of the other case"), max_length=20)
    kind = forms.ChoiceField(label=_("What they have in common"), choices=LinkKind.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "link_%s", **kwargs})

    def clean_code(self) -> str:
        typed = "".join(self.cleaned_data["code"].upper().split()).replace("-", "")
        return f"{typed[:4]}-{typed[4:]}"
