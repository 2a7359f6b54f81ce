"""Forms about people on a case: which role, who, why it ends."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import CaseRole, EndReason


class RoleForm(forms.Form):
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


class PersonForm(forms.Form):
    """Who is asked for a role that was chosen."""

    person = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), empty_label=_("Choose somebody"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["person"]).queryset = people


class EndAssignmentForm(forms.Form):
    """Why a role on a case ends, or why an offer is taken back."""

    reason = forms.ChoiceField(label=_("Why does it end?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, live: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = {EndReason.DEACTIVATED, EndReason.OFFER_WITHDRAWN if live else EndReason.WORK_DONE}
        cast(forms.ChoiceField, self.fields["reason"]).choices = [
            choice for choice in EndReason.choices if choice[0] not in left_out
        ]
