"""Forms of new requests: logging and accepting. Those of answering are in answers.py."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.plain_forms import PlainForm
from accounts.rendering import DateTimeInput
from cases.choices import About, Channel, ContactLanguage, MinorFlag
from cases.codes import Duration, LogKind
from cases.forms.contact import ContactFields
from cases.forms.fields import (
    SMALL,
    STEPS_FIRST,
    STEPS_READ,
    days_in_order,
    form_nonce,
    long_text,
    not_in_the_future,
    past_day,
    plausible_past_day,
)
from cases.services.requests import CONTACT_FIELDS, NewRequest

CONSENT = [
    ("not_asked", _("Not asked yet")),
    ("yes", _("Yes")),
    ("guardian", _("Yes, said by her guardian")),
    ("no", _("No")),
]


class RequestForm(ContactFields):
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
    must_not_see = forms.ModelMultipleChoiceField(
        label=_("Who must not read it?"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever is ticked here meets no trace of this request, nor of the case it becomes."),
    )
    wall_text = forms.CharField(label=_("Why, in her words"), max_length=500, required=False)
    protected = forms.BooleanField(
        label=_("She needs special protection"),
        required=False,
        help_text=_("A journalist, somebody who works here, or somebody many know: the case is protected."),
    )
    in_danger_now = forms.BooleanField(label=_("She is in danger now"), required=False)
    thinks_of_ending_life = forms.BooleanField(label=_("She thinks of ending her life"), required=False)
    minor = forms.ChoiceField(
        label=_("Is she, or is anybody in the material, under 18?"),
        choices=MinorFlag.choices,
        initial=MinorFlag.UNKNOWN,
        widget=forms.RadioSelect(attrs=SMALL),
    )
    minor_steps_read = forms.BooleanField(label=STEPS_READ, required=False)
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
        choices=CONSENT,
        initial="not_asked",
        required=False,
        empty_value="not_asked",
        widget=forms.RadioSelect(attrs=SMALL),
    )

    def __init__(self, *args: Any, people: Any = (), **kwargs: Any) -> None:
        """`people`: colleagues whom she may name as those who must not read it."""
        super().__init__(*args, **kwargs)
        if people != ():
            cast(forms.ModelMultipleChoiceField, self.fields["must_not_see"]).queryset = people

    def clean(self) -> None:
        """Under 18 is a hard stop: the steps come first. And nobody agrees for another grown woman."""
        values = self.cleaned_data
        if values.get("minor") in {MinorFlag.NOW, MinorFlag.MATERIAL} and not values.get("minor_steps_read"):
            self.add_error("minor_steps_read", STEPS_FIRST)
        if values.get("consent") in {"yes", "no"} and values.get("about") == About.OTHER:
            self.add_error(
                "consent", _("This is about somebody else: only she can agree or refuse. Choose “Not asked yet”.")
            )
        days_in_order(self)

    def clean_received_at(self) -> Any:
        return not_in_the_future(self.cleaned_data["received_at"], timezone.now() + timedelta(minutes=5))

    def clean_offence_learned_on(self) -> Any:
        return plausible_past_day(self.cleaned_data["offence_learned_on"])

    def clean_suspect_learned_on(self) -> Any:
        return plausible_past_day(self.cleaned_data["suspect_learned_on"])

    def new_request(self) -> NewRequest:
        """The cleaned values as the service wants them; contacts are kept apart from the words."""
        values = {name: self.cleaned_data[name] for name in NewRequest.__dataclass_fields__ if name != "contacts"}
        values["must_not_see"] = tuple(person.pk for person in values["must_not_see"])
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

    for_the_card = ("card_name",)
    card_name = forms.CharField(
        label=_("Her name, if she said it"),
        max_length=200,
        required=False,
        help_text=_("Goes onto the identity card and nowhere else."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    card_contacts = forms.BooleanField(
        label=_("Put the number and addresses she left onto the identity card"), required=False
    )

    def __init__(self, *args: Any, original: str, about: str = About.SELF, **kwargs: Any) -> None:
        """`original`: her words as they came; taken over word for word only by somebody who says that she read them.

        `about`: who left the contacts; those of somebody who writes for her are not hers.
        """
        initial = {"looked_through": original, "card_contacts": about == About.SELF}
        super().__init__(*args, **{"initial": initial, **kwargs})
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
