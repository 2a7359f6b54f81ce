"""Forms of new requests: logging and accepting. Those of answering are in answers.py."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from accounts.rendering import DateTimeInput
from cases.choices import About, Channel, ContactLanguage, MinorFlag
from cases.codes import Duration, LogKind
from cases.forms.fields import SMALL, form_nonce, long_text, not_in_the_future, past_day, plausible_past_day
from cases.services.requests import NewRequest

CONTACT_FIELDS = ("phone", "other_contact", "safe_hours", "neutral_word", "who_else_reads")


class RequestForm(PlainForm):
    """A request for help typed while somebody is on the phone. Only the words are required, and the page says so."""

    mark_optional = False
    nonce = form_nonce()
    restricted = forms.TypedChoiceField(
        label=_("Who may read it?"),
        choices=[("no", _("Everybody on intake")), ("yes", _("Not for everybody: restricted intake only"))],
        coerce=lambda value: value == "yes",
        initial="no",
        widget=forms.RadioSelect(attrs={**SMALL, "autofocus": True}),
        help_text=_("Choose restricted if she knows somebody who works here, or says who must not read it."),
    )
    phone = forms.CharField(label=_("Safe number or address to reach her"), max_length=200, required=False)
    other_contact = forms.CharField(label=_("Another way"), max_length=200, required=False)
    safe_hours = forms.CharField(label=_("When is it safe to call?"), max_length=200, required=False)
    neutral_word = forms.CharField(
        label=_("Neutral word"),
        max_length=60,
        required=False,
        help_text=_("What to say if somebody else answers, for example “library”."),
    )
    who_else_reads = forms.CharField(
        label=_("Who else reads her phone or hears the call?"), max_length=200, required=False
    )
    in_danger_now = forms.BooleanField(label=_("She is in danger now"), required=False)
    thinks_of_ending_life = forms.BooleanField(label=_("She thinks of ending her life"), required=False)
    minor = forms.ChoiceField(
        label=_("Is she, or is anybody in the material, under 18?"),
        choices=MinorFlag.choices,
        initial=MinorFlag.UNKNOWN,
        widget=forms.RadioSelect(attrs=SMALL),
    )
    minor_steps_read = forms.BooleanField(
        label=_("I have read the steps for somebody under 18 and follow them"), required=False
    )
    about = forms.ChoiceField(
        label=_("Who is it about?"), choices=About.choices, initial=About.SELF, widget=forms.RadioSelect(attrs=SMALL)
    )
    words = long_text(_("What happened, in her words"), rows=8)
    channel = forms.ChoiceField(label=_("How it reached us"), choices=Channel.choices, initial=Channel.PHONE)
    language = forms.ChoiceField(label=_("Language"), choices=ContactLanguage.choices, initial=ContactLanguage.SR)
    received_at = forms.DateTimeField(label=_("When"), widget=DateTimeInput, initial=timezone.localtime)
    offence_learned_on = past_day(
        label=_("Day she found out"), help_text=_("Some rights end three months after this day.")
    )
    suspect_learned_on = past_day(label=_("Day she learned who did it"))
    consent = forms.TypedChoiceField(
        label=_("Does she agree that we work with her? Read it out, then note what she says."),
        choices=[
            ("not_asked", _("Not asked yet")),
            ("yes", _("Yes")),
            ("guardian", _("Yes, said by her guardian")),
            ("no", _("No")),
        ],
        initial="not_asked",
        required=False,
        empty_value="not_asked",
        widget=forms.RadioSelect(attrs=SMALL),
    )

    def clean(self) -> None:
        """Under 18 is a hard stop: the steps come first. And nobody agrees for another grown woman."""
        values = self.cleaned_data
        if values.get("minor") in {MinorFlag.NOW, MinorFlag.MATERIAL} and not values.get("minor_steps_read"):
            self.add_error(
                "minor_steps_read", _("Somebody under 18 is concerned: read the steps first, then tick here.")
            )
        if values.get("consent") in {"yes", "no"} and values.get("about") == About.OTHER:
            self.add_error(
                "consent", _("This is about somebody else: only she can agree or refuse. Choose “Not asked yet”.")
            )

    def clean_received_at(self) -> Any:
        return not_in_the_future(self.cleaned_data["received_at"], timezone.now() + timedelta(minutes=5))

    def clean_offence_learned_on(self) -> Any:
        return plausible_past_day(self.cleaned_data["offence_learned_on"])

    def clean_suspect_learned_on(self) -> Any:
        return plausible_past_day(self.cleaned_data["suspect_learned_on"])

    def new_request(self) -> NewRequest:
        """The cleaned values as the service wants them; contacts are kept apart from the words."""
        values = {name: self.cleaned_data[name] for name in NewRequest.__dataclass_fields__ if name != "contacts"}
        contacts = {name: self.cleaned_data[name] for name in CONTACT_FIELDS if self.cleaned_data[name]}
        return NewRequest(contacts=contacts, **values)


class PasteForm(PlainForm):
    """A conversation copied from a messenger. Nothing of it is stored by this form."""

    conversation = long_text(
        _("Paste a conversation"),
        rows=14,
        help_text=_("The whole text becomes her words. A number, address or name that is recognised is proposed."),
    )


class ContactForm(PlainForm):
    """A call that leaves no request. The length is the button that sends it."""

    nonce = form_nonce()
    kind = forms.ChoiceField(label=_("What was it?"), choices=LogKind.choices, widget=forms.RadioSelect(attrs=SMALL))
    duration = forms.ChoiceField(label=_("How long?"), choices=Duration.choices)
    channel = forms.ChoiceField(label=_("How it reached us"), choices=Channel.choices, initial=Channel.PHONE)
    language = forms.ChoiceField(label=_("Language"), choices=ContactLanguage.choices, initial=ContactLanguage.SR)


class AcceptForm(PlainForm):
    """What everybody on the case may read: a working title and her words without names."""

    title = forms.CharField(
        label=_("Working title"), max_length=120, help_text=_("For people on the case only. No names.")
    )
    looked_through = long_text(
        _("Her words, looked through"),
        rows=10,
        help_text=_(
            "Lawyers on the case read this version. Take out names, numbers, addresses and where she works. "
            "The original is kept apart, under the identity key."
        ),
    )
    nothing_to_take_out = forms.BooleanField(
        label=_("I have read it: there is nothing in it to take out"), required=False
    )

    def __init__(self, *args: Any, original: str, **kwargs: Any) -> None:
        """`original`: her words as they came; taken over word for word only by somebody who says that she read them."""
        super().__init__(*args, **{"initial": {"looked_through": original}, **kwargs})
        self.original = original

    def clean(self) -> None:
        text = self.cleaned_data.get("looked_through", "")
        same = text.split() == self.original.split()
        if text and same and not self.cleaned_data.get("nothing_to_take_out"):
            self.add_error(
                "looked_through",
                _(
                    "This is word for word what she said. Take out what shows who she is, or tick that there is nothing."
                ),
            )
