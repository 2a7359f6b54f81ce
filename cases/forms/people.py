"""Forms about people on a case: which role, who, why, until when, why it ends; and the conflict slip of a lawyer."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from cases.choices import CaseRole, EndReason
from cases.codes import AskReason
from cases.forms.fields import PersonField, coming_day
from cases.services.slips import Slip

# Why somebody is usually asked for a role: chosen already, and easily changed.
USUAL: dict[str, AskReason] = {
    CaseRole.BACKUP: AskReason.SECOND_HOLDER,
    CaseRole.LAWYER: AskReason.LEGAL_ADVICE,
    CaseRole.SUPERVISOR: AskReason.SUPERVISION,
    CaseRole.INTERPRETER: AskReason.LANGUAGE,
    CaseRole.CASEWORKER: AskReason.WORKLOAD,
}


class RoleForm(PlainForm):
    """Which role somebody is wanted for."""

    role = forms.ChoiceField(
        label=_("Role on this case"),
        widget=forms.RadioSelect,
        initial=CaseRole.LAWYER,
        choices=[
            (role.value, role.label)
            for role in (
                CaseRole.BACKUP,
                CaseRole.LAWYER,
                CaseRole.SUPERVISOR,
                CaseRole.CASEWORKER,
                CaseRole.INTERPRETER,
            )
        ],
    )

    def __init__(self, *args: Any, protected: bool, **kwargs: Any) -> None:
        """Of a protected case a deputy can be named."""
        super().__init__(*args, **kwargs)
        if protected:
            field = cast(forms.ChoiceField, self.fields["role"])
            field.choices = [*cast(list, field.choices), (CaseRole.DEPUTY.value, CaseRole.DEPUTY.label)]
            field.help_text = _("A deputy reads nothing. She is told when nobody else on the case answers.")


class SlipForm(PlainForm):
    """What a lawyer must know to say whether she knows the other side. "Not known" is an answer."""

    names = forms.CharField(
        label=_("Names of the person or people who did this"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only she can read them, and they are destroyed with her answer. Not the survivor’s name."),
    )
    town = forms.CharField(label=_("Town"), max_length=200, required=False)
    lawyer = forms.CharField(label=_("Lawyer of the other side"), max_length=200, required=False)
    not_known = forms.BooleanField(label=_("The names are not known"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.slip_is_due() and "names" in values and not values["names"].strip() and not values.get("not_known"):
            self.add_error("names", _("Write the names, or tick that they are not known."))
        return values

    def slip_is_due(self) -> bool:
        return True

    def slip(self) -> Slip:
        return Slip(**{name: self.cleaned_data[name] for name in ("names", "town", "lawyer", "not_known")})


class AskForm(PlainForm):
    """Who is asked for a role that was chosen, why and until when."""

    person = forms.ModelChoiceField(
        label=_("Who"),
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose somebody from the list.")},
    )
    reason = forms.ChoiceField(label=_("Why is she asked?"), choices=AskReason.choices)
    until_on = forms.DateField(
        label=_("Until when"),
        required=False,
        widget=DateInput,
        help_text=_("After this day her access ends by itself. Empty: until somebody ends it."),
    )
    anyway = forms.BooleanField(label=_("I have spoken with her: she takes this one all the same"), required=False)

    def __init__(self, *args: Any, role: str, people: Any, held_back: set, vouched: set, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["person"]).queryset = people
        self.fields["reason"].initial = USUAL.get(role, AskReason.OTHER)
        self._held_back, self._vouched = held_back, vouched
        if role == CaseRole.BACKUP:
            del self.fields["until_on"]
        if not held_back:
            del self.fields["anyway"]

    def clean_until_on(self) -> Any:
        return coming_day(self.cleaned_data["until_on"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        person = values.get("person")
        if person and person.pk in self._held_back and not values.get("anyway"):
            self.add_error("anyway", _("She is away or takes no new cases. Speak with her first."))
        return values


class AskLawyerForm(AskForm, SlipForm):
    """The same for a lawyer, with her conflict slip; whoever waits for keys gets it with the keys."""

    field_order = ("person", "reason", "until_on", "names", "town", "lawyer", "not_known", "anyway")

    def clean(self) -> dict[str, Any]:
        """Nothing can be sealed to somebody without a vouched key: what was typed for her would be lost."""
        values = super().clean()
        typed = [name for name in ("names", "town", "lawyer") if values.get(name)]
        if typed and values.get("person") and not self.slip_is_due():
            self.add_error(
                typed[0],
                _(
                    "Nobody has vouched for her key yet, so this cannot be sealed to her. Vouch for her first; or empty"
                    " the slip and ask her now: you write it when you give her the keys."
                ),
            )
        return values

    def slip_is_due(self) -> bool:
        person = self.cleaned_data.get("person")
        return person is not None and person.pk in self._vouched


class UntilForm(PlainForm):
    """How long somebody stays on a case."""

    until_on = forms.DateField(
        label=_("Until when"), required=False, widget=DateInput, help_text=_("Empty: until somebody ends it.")
    )

    def clean_until_on(self) -> Any:
        return coming_day(self.cleaned_data["until_on"])


class BackupField(PersonField):
    """The same where the list is of roles on a case."""

    who = "user_id"

    def label_from_instance(self, obj: Any) -> str:
        return super().label_from_instance(obj.user)


class HandOverForm(PlainForm):
    """Which backup leads from now on."""

    backup = BackupField(
        label=_("Who leads this case from now on?"),
        widget=forms.RadioSelect,
        empty_label=None,
    )

    def __init__(self, *args: Any, backups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(BackupField, self.fields["backup"]).queryset = backups


class EndAssignmentForm(PlainForm):
    """Why a role on a case ends, or why an offer is taken back."""

    reason = forms.ChoiceField(label=_("Why does it end?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, live: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = {
            EndReason.DEACTIVATED,
            EndReason.TIME_OVER,
            EndReason.OFFER_WITHDRAWN if live else EndReason.WORK_DONE,
        }
        cast(forms.ChoiceField, self.fields["reason"]).choices = [
            choice for choice in EndReason.choices if choice[0] not in left_out
        ]
