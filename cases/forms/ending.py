"""Forms of the end of a case: her copy, her wish to stop, how long it is kept, a legal hold."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from cases.compartments import HoldReason, Withdrawal
from cases.forms.fields import PersonField, coming_day

PAGE, HTML, TEXT = "page", "html", "text"


class ExportForm(PlainForm):
    """In which language and how she gets her copy."""

    language = forms.ChoiceField(label=_("Language of the headings"), choices=settings.LANGUAGES)
    how = forms.ChoiceField(
        label=_("How she gets it"),
        choices=(
            (PAGE, _("A page to print")),
            (HTML, _("A file that a browser opens")),
            (TEXT, _("A plain text file")),
        ),
        initial=PAGE,
        widget=forms.RadioSelect,
    )


class WithdrawForm(PlainForm):
    """What she chose, after she has heard what stops."""

    choice = forms.ChoiceField(label=_("What does she want?"), choices=Withdrawal.choices, widget=forms.RadioSelect)
    date = forms.ChoiceField(label=_("Which date stays"), required=False)

    def __init__(
        self, *args: Any, dates: list[tuple[UUID, str]], erasable: bool, pausable: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        gone = set() if erasable else {Withdrawal.DATE, Withdrawal.CASE}
        gone |= set() if dates else {Withdrawal.DATE}
        gone |= set() if pausable else {Withdrawal.PAUSE}
        choices = [(code, label) for code, label in Withdrawal.choices if code not in gone]
        cast(forms.ChoiceField, self.fields["choice"]).choices = choices
        if Withdrawal.DATE in gone:
            del self.fields["date"]
        else:
            shown = [(str(pk), text) for pk, text in dates]
            cast(forms.ChoiceField, self.fields["date"]).choices = [("", _("Choose")), *shown]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("choice") == Withdrawal.DATE and not values.get("date"):
            self.add_error("date", _("Choose the date that stays."))
        if values.get("choice") == Withdrawal.CASE and values.get("date"):
            said = {"all": Withdrawal.CASE.label, "but_one": Withdrawal.DATE.label}
            self.add_error("date", _("“%(all)s” keeps no date. Choose “%(but_one)s”, or leave this empty.") % said)
        return values

    @property
    def kept(self) -> UUID | None:
        """The date that stays, where one does."""
        return UUID(self.cleaned_data["date"]) if self.cleaned_data["choice"] == Withdrawal.DATE else None


class KeepForm(PlainForm):
    """Until when a closed case is kept."""

    until = forms.DateField(label=_("Keep it until"), widget=DateInput)

    def clean_until(self) -> Any:
        return coming_day(self.cleaned_data["until"])


class GiveDateForm(PlainForm):
    """Who is to hold what was left of an erased case."""

    person = PersonField(
        label=_("To whom"),
        empty_label=_("Choose somebody"),
        error_messages={"invalid_choice": _("She cannot be given this date. Choose somebody else.")},
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PersonField, self.fields["person"]).queryset = people


class HoldForm(PlainForm):
    """Why nothing of a case may be erased."""

    reason = forms.ChoiceField(label=_("Why nothing may be erased"), choices=[("", _("Choose")), *HoldReason.choices])
