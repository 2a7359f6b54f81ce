"""Forms of answering a request: waiting, giving it to somebody, the core questions, and its endings."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput, DateTimeInput
from cases.choices import ReferralAnswer, RequestState
from cases.codes import CallResult, RequestReason
from cases.forms.fields import SMALL, PersonField, coming_day, form_nonce, long_text
from cases.knowledge import label, risk_screen
from cases.services.answering import IN_WRITING, REASONS

STACKED = {"class": "govuk-radios--small"}
FARTHEST = timedelta(days=366)


class AskBackForm(PlainForm):
    """She was asked something; when do we look whether she has answered?"""

    look_again_on = forms.DateField(label=_("Look again on"), widget=DateInput)

    def clean_look_again_on(self) -> Any:
        return coming_day(self.cleaned_data["look_again_on"])


class PromiseForm(PlainForm):
    """What she was promised."""

    until = forms.DateTimeField(label=_("Day and hour promised to her"), widget=DateTimeInput)

    def clean_until(self) -> Any:
        until, now = self.cleaned_data["until"], timezone.now()
        if until < now:
            raise forms.ValidationError(_("This moment has passed."))
        if until > now + FARTHEST:
            raise forms.ValidationError(_("This lies too far ahead. Check the year."))
        return until


class AssignForm(PlainForm):
    """Who does it: members of the team who may read it."""

    person = PersonField(label=_("Give it to"), empty_label=_("Choose"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "assign_%s", **kwargs})
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # stubs know Field only


class CallEndForm(PlainForm):
    """How the attempt to reach her ended."""

    result = forms.ChoiceField(
        label=_("How did it end?"), choices=CallResult.choices, widget=forms.RadioSelect(attrs=STACKED)
    )


class ReferralAnswerForm(PlainForm):
    """What came of it that she was sent on; `seen`: what stood there when she looked."""

    seen = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label=_("Did they take her in?"), choices=ReferralAnswer.choices, widget=forms.RadioSelect(attrs=STACKED)
    )


class RiskForm(PlainForm):
    """The core questions in the reader's language; what is not chosen was not asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        screen, language = risk_screen(), translation.get_language() or "en"
        answers = [(answer.id, label(answer, language)) for answer in screen.answers]
        for code in screen.triage.core_questions:
            self.fields[code] = forms.ChoiceField(
                label=label(screen.question(code), language),
                choices=answers,
                initial="not_asked",
                widget=forms.RadioSelect(attrs=SMALL),
            )


class EndingForm(PlainForm):
    """How a request ends that does not become a case."""

    state = forms.ChoiceField(
        label=_("How does it end?"),
        widget=forms.RadioSelect,
        choices=[(state, RequestState(state).label) for state in REASONS],
    )


class EndForm(PlainForm):
    """The chosen ending with what it asks for: a reason, the day in writing, to whom, or which other one it is."""

    nonce = form_nonce()
    reason = forms.ChoiceField(label=_("Why?"), widget=forms.RadioSelect)
    to_whom = long_text(
        _("To whom?"), rows=3, help_text=_("Service, person and what was agreed. Only the team can read it.")
    )
    refer_by = forms.DateField(label=_("Until when do they answer?"), widget=DateInput)
    other = forms.CharField(label=_("Code of the other request or case"), max_length=9)
    note = long_text(
        _("Her words, looked through, as a note on that case"),
        rows=6,
        required=False,
        help_text=_("Only where the other one is a case that you work on. No names, no numbers."),
    )
    told_in_writing = forms.BooleanField(label=_("She has this in writing"), required=False)

    def __init__(self, *args: Any, state: str, must_tell: bool, **kwargs: Any) -> None:
        """`must_tell`: a day is known from which three months run."""
        super().__init__(*args, **kwargs)
        reasons = [(code, RequestReason(code).label) for code in REASONS[state]]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]  # stubs know Field only
        self.fields["reason"].initial = reasons[0][0] if len(reasons) == 1 else None
        self.must_tell = must_tell and state in IN_WRITING
        wanted = {"nonce"} | ({"reason"} if reasons else set()) | ({"told_in_writing"} if self.must_tell else set())
        wanted |= {"to_whom", "refer_by"} if state == RequestState.REFERRED_OUT else set()
        wanted |= {"other", "note"} if state == RequestState.DUPLICATE else set()
        for name in set(self.fields) - wanted:
            del self.fields[name]

    def clean_refer_by(self) -> Any:
        return coming_day(self.cleaned_data["refer_by"])

    def clean_other(self) -> str:
        return self.cleaned_data["other"].strip().upper()

    def clean_told_in_writing(self) -> bool:
        if not self.cleaned_data["told_in_writing"]:
            raise forms.ValidationError(
                _("A time limit may be running: give her the day in writing first, then tick it.")
            )
        return True
