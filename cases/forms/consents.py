"""Forms of consents: what she said, and what is printed for her."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from cases.choices import ContactLanguage
from cases.codes import ConsentBy, ConsentHow, ConsentPurpose
from cases.forms.fields import SMALL, AsksFirst, coming_day, form_nonce, long_text, past_day, plausible_past_day
from cases.forms.plan import TimeInput
from cases.services.consents import TO_SOMEBODY, WITH_LAST_DAY, NewConsent


class ConsentForm(AsksFirst):
    """What she said to one purpose."""

    field_order = ("nonce", "given", "recipient", "anyway")
    anyway = forms.BooleanField(label=_("This is somebody else"), required=False)
    nonce = form_nonce()
    given = forms.ChoiceField(
        label=_("What did she say?"),
        choices=[("yes", _("Yes, she agrees")), ("no", _("No, she does not"))],
        widget=forms.RadioSelect,
    )
    recipient = forms.CharField(
        label=_("To whom"),
        max_length=200,
        help_text=_("The service or the lawyer. It is sealed like a note."),
    )
    how = forms.ChoiceField(
        label=_("How did she say it?"),
        choices=[one for one in ConsentHow.choices if one[0] != ConsentHow.FORM],
        widget=forms.RadioSelect(attrs=SMALL),
    )
    signed_on = past_day(
        label=_("Day on the paper"),
        help_text=_("Only where it was given in writing. Empty: today."),
    )
    signed_time = forms.TimeField(
        label=_("At what time did she sign it?"),
        required=False,
        widget=TimeInput,
        help_text=_("Asked because she took this back on the same day."),
    )
    given_by = forms.ChoiceField(
        label=_("Who said it?"),
        choices=ConsentBy.choices,
        initial=ConsentBy.HERSELF,
        widget=forms.RadioSelect(attrs=SMALL),
    )
    language = forms.ChoiceField(label=_("In which language was it read to her?"), choices=ContactLanguage.choices)
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DateInput,
        help_text=_("After it the consent counts no more. Empty: until she takes it back."),
    )

    def __init__(self, *args: Any, purpose: ConsentPurpose, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purpose = purpose
        if purpose not in TO_SOMEBODY:
            del self.fields["recipient"]
        if purpose not in WITH_LAST_DAY:
            del self.fields["last_day"]
        self.order = list(self.fields)
        self.question = {name: self.fields.pop(name) for name in ("anyway", "asked_about")}
        if self.data.get("asked_about"):
            self.fields.update(self.question)
        self.time_field = self.fields.pop("signed_time")
        if "signed_time" in self.data:  # it was asked for
            self._show_time()
        self.order_fields(self.order)

    def ask_who(self, words: str, about: Iterable[UUID], *, time: bool) -> None:
        """Whether it is somebody else than a name that she took back: shown only then; `time`: or a younger paper."""
        self.fields.update(self.question)
        if time:
            self._show_time()
        self.order_fields(self.order)
        self.ask_anew(about)
        self.add_error("anyway", words)

    def _show_time(self) -> None:
        self.fields["signed_time"] = self.time_field
        self.order_fields(self.order)

    def ask_time(self, words: str) -> None:
        """The time of the day on the paper is wanted: shown only then."""
        self._show_time()
        self.time_field.required = True
        self.add_error("signed_time", words)

    def clean_last_day(self) -> Any:
        return coming_day(self.cleaned_data["last_day"])

    def clean_signed_on(self) -> Any:
        return plausible_past_day(self.cleaned_data["signed_on"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        how = values.get("how")
        if how == ConsentHow.WRITTEN:
            if "signed_on" in values:  # else what was typed is no day
                values["signed_on"] = values["signed_on"] or timezone.localdate()
        elif how and values.get("signed_on"):
            self.add_error("signed_on", _("Only a consent in writing has a day on the paper. Leave this empty."))
        self._clean_time(values, written=how == ConsentHow.WRITTEN)
        return values

    def _clean_time(self, values: dict[str, Any], *, written: bool) -> None:
        """The time goes with a day on the paper; where it was asked for, it is shown as wanted."""
        self.time_field.required = written  # whether it really misses, the service says: the day may be another by now
        if not written:
            values["signed_time"] = None
        day, hour, now = values.get("signed_on"), values.get("signed_time"), timezone.localtime()
        if day and hour and (day, hour) > (now.date(), now.time()):
            self.add_error("signed_time", _("This lies in the future."))

    def new(self) -> NewConsent:
        values = self.cleaned_data
        return NewConsent(
            nonce=values["nonce"],
            purpose=self.purpose,
            given=values["given"] == "yes",
            how=ConsentHow(values["how"]),
            given_by=ConsentBy(values["given_by"]),
            language=values["language"],
            last_day=values.get("last_day"),
            recipient=values.get("recipient", ""),
            signed_on=values["signed_on"],
            signed_time=values.get("signed_time"),
            somebody_else=frozenset(self.answered()),
        )


class ErrorForm(PlainForm):
    """Why it was noted as withdrawn in error."""

    nonce = form_nonce()
    reason = long_text(
        _("How did it happen?"), rows=3, help_text=_("The wrong line, the wrong case. Everybody on the case reads it.")
    )


class WithdrawForm(PlainForm):
    """What she takes back together: a yes to the same purpose that says to whom is chosen, every other one goes along."""

    alike = forms.MultipleChoiceField(
        label=_("She has said yes to this more than once. Which go along?"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small"}),
        help_text=_("Those to the same are ticked. What is not ticked counts on."),
    )

    def __init__(self, *args: Any, others: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if others:
            self.fields["alike"].choices = others  # type: ignore[attr-defined]  # stubs know Field only
        else:
            del self.fields["alike"]


class SheetForm(PlainForm):
    """What is printed, and in which language."""

    language = forms.ChoiceField(label=_("Language of the sheet"), choices=settings.LANGUAGES)
    purposes = forms.MultipleChoiceField(
        label=_("What she is asked on it"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small"}),
        error_messages={"required": _("Choose at least one.")},
    )

    def __init__(self, *args: Any, purposes: list[ConsentPurpose], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "sheet_%s", **kwargs})
        self.fields["purposes"].choices = [(one.value, one.label) for one in purposes]  # type: ignore[attr-defined]  # stubs know Field only
