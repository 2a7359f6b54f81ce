"""Forms about somebody besides lead and backup who opens an identity."""

from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from cases.compartments import GRANT_DAYS, GrantKind, GrantReason
from cases.forms.fields import long_text

HOURS = ((4, _("4 hours")), (24, _("1 day")), (72, _("3 days")), (GRANT_DAYS * 24, _("7 days")))


class AskGrantForm(PlainForm):
    """What she asks for, and why."""

    kind = forms.ChoiceField(label=_("For how long do you need it?"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("What do you need it for?"), choices=GrantReason.choices, widget=forms.RadioSelect
    )
    text = long_text(
        _("In your words"), rows=2, help_text=_("Lead, backup and everybody on the case read it: no names.")
    )

    def __init__(self, *args: Any, kinds: list[GrantKind], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "ask_%s", "initial": {"kind": GrantKind.GRANT}, **kwargs})
        self.fields["kind"].choices = [(one.value, one.label) for one in kinds]  # type: ignore[attr-defined]  # stubs know Field only


class ApproveGrantForm(PlainForm):
    """Which consent covers it, and for how long."""

    doubtful: list[str]
    consent = forms.ChoiceField(label=_("Which consent covers it?"), widget=forms.RadioSelect)
    hours = forms.TypedChoiceField(
        label=_("For how long?"), choices=HOURS, coerce=int, initial=24, widget=forms.RadioSelect
    )

    def __init__(
        self,
        *args: Any,
        consents: list[tuple[str, str]],
        for_hours: bool,
        chosen: str = "",
        agreed: tuple[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        """`chosen`: the consent that is ticked from the start, where there is nothing to think about.

        `agreed`: who has agreed already, and to how many hours; the shorter time counts, so no longer one is offered.
        """
        super().__init__(*args, **kwargs)
        self.fields["consent"].choices = consents  # type: ignore[attr-defined]  # stubs know Field only
        self.doubtful = []
        self.fields["consent"].initial = chosen
        if not for_hours:
            del self.fields["hours"]
        elif agreed:
            self._shorten(*agreed)

    def ask_about(self, doubtful: list[str], name: str) -> None:
        """Of these consents only the survivor can say whether they mean her: whoever chooses one says that she asked."""
        self.doubtful = doubtful
        if doubtful:
            label = _("I have asked the survivor: she means %(name)s") % {"name": name}
            self.fields["sure"] = forms.BooleanField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("consent") in self.doubtful and not cleaned.get("sure"):
            self.add_error(
                "sure", _("Ask the survivor whether she means her, then tick it; or choose another consent.")
            )
        return cleaned

    def _shorten(self, name: str, most: int) -> None:
        hours = self.fields["hours"]
        hours.choices = [(one, label) for one, label in HOURS if one <= most]  # type: ignore[attr-defined]  # stubs know Field only
        hours.initial = min(most, hours.initial)
        words = {"name": name, "time": dict(HOURS).get(most, "")}
        hours.help_text = escape(_("%(name)s agreed to %(time)s: it opens for no longer than that.") % words)


class DeclineGrantForm(PlainForm):
    """Why somebody is not given the key."""

    text = long_text(
        _("Why not, if you want to say it"),
        rows=2,
        required=False,
        help_text=_("Whoever asked and everybody on the case read it: no names."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "decline_%s", **kwargs})
