"""Forms of the accounts app. They check shape only; what is right is decided by the services."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import crypto
from accounts.choices import ALLOWED_ROLES, Role, TeamKind
from accounts.plain_forms import PlainForm
from accounts.rendering import OneTimeCodeInput
from accounts.services.passwords import check_password

NAME_SHAPE = RegexValidator(
    r"^[a-z][a-z0-9._-]{1,39}$", _("Use 2 to 40 small letters without accents, digits, dots or dashes; a letter first.")
)
CODE_HINT = _("Six digits from the app on your phone.")


def _code_field() -> forms.CharField:
    return forms.CharField(label=_("Code"), help_text=CODE_HINT, max_length=20, widget=OneTimeCodeInput)


class FactorForm(PlainForm):
    """The second factor: a code, or what a passkey answered. The script of the page fills the hidden fields."""

    code = _code_field()
    passkey = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    challenge = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("passkey"):
            self.fields["code"].required = False


class SignInForm(FactorForm):
    """Name, password and second factor together."""

    login_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"), max_length=crypto.MAX_SECRET_LENGTH, strip=False, widget=forms.PasswordInput
    )
    field_order = ["login_name", "password", "code"]

    def clean_login_name(self) -> str:
        return self.cleaned_data["login_name"].lower()


class ConfirmForm(FactorForm):
    """The second factor again."""


class CodeForm(PlainForm):
    """A new app for codes; `sealed` holds the secret that the QR picture shows."""

    sealed = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    code = _code_field()


class PasskeyForm(PlainForm):
    """What she calls a passkey."""

    name = forms.CharField(
        label=_("Name of the device"),
        help_text=_("So that you know it again, such as “blue key on my ring”. Nothing about a case."),
        max_length=60,
    )


class PasswordForm(PlainForm):
    """A new password, typed twice; `offered` is the phrase the page proposed, so that it stays the same."""

    offered = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    password = forms.CharField(
        label=_("Password"),
        help_text=_("14 characters or more. The phrase above is a good one."),
        strip=False,
        max_length=crypto.MAX_SECRET_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        max_length=crypto.MAX_SECRET_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, login_name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.login_name = login_name

    def clean_password(self) -> str:
        check_password(self.cleaned_data["password"], login_name=self.login_name)
        return self.cleaned_data["password"]

    def clean(self) -> dict:
        found = super().clean() or {}
        if "password" in found and "password_again" in found and found["password"] != found["password_again"]:
            self.add_error("password_again", gettext("The two passwords differ. Type both again."))
        return found


class PasswordChangeForm(PasswordForm):
    """A new password by somebody signed in, who shows that she knows the present one: a desk may be left open."""

    present = forms.CharField(
        label=_("Your present password"),
        strip=False,
        max_length=crypto.MAX_SECRET_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ProofForm(PasswordForm):
    """A new password and a new second factor; `sealed` holds the secret that the QR picture shows."""

    sealed = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    code = _code_field()


class RecoverForm(PlainForm):
    """Who has lost password or phone: name and printed code."""

    login_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    recovery_code = forms.CharField(
        label=_("Recovery code"),
        help_text=_("From your printed page: 13 groups of four letters and digits. Blanks and dashes do not matter."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocapitalize": "characters"}),
    )

    def clean_login_name(self) -> str:
        return self.cleaned_data["login_name"].lower()


class KeptForm(PlainForm):
    """Shows that the printed code was kept."""

    sealed = forms.CharField(max_length=2000, widget=forms.HiddenInput)
    last_group = forms.CharField(
        label=_("The last four signs of the code"),
        help_text=_("Read them from your paper, not from the screen."),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "autocapitalize": "characters"}),
    )


class InviteForm(PlainForm):
    """A person to be invited."""

    display_name = forms.CharField(
        label=_("Name"), help_text=_("As her colleagues know her."), min_length=2, max_length=80
    )
    login_name = forms.CharField(
        label=_("Sign-in name"),
        help_text=_("Small letters, for example her first name. It cannot be changed later."),
        max_length=60,
        validators=[NAME_SHAPE],
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
    )
    address = forms.EmailField(
        label=_("E-mail address"),
        help_text=_(
            "Only for two constant sentences: something is due, or something is new. Never anything of a case."
        ),
        max_length=200,
    )
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def clean_roles(self) -> list[str]:
        roles = self.cleaned_data["roles"]
        if frozenset(roles) not in ALLOWED_ROLES:
            raise ValidationError(
                gettext(
                    "These roles cannot be held together. Possible is one role, caseworker with coordinator, or"
                    " caseworker with administrator."
                )
            )
        return roles


class SearchForm(PlainForm):
    """Looks for people by name. Sent by POST, because names do not belong into addresses."""

    name = forms.CharField(label=_("Look for a name"), max_length=80)


class VouchForm(PlainForm):
    """The six words that the person reads out from her own account page."""

    words = forms.CharField(
        label=_("The six words, as she reads them to you"),
        help_text=_("Six words of five letters, in order. Latin or Cyrillic letters, blanks or dashes: all the same."),
        max_length=200,
    )


class TeamAddForm(PlainForm):
    """Somebody to be let into a team."""

    kind = forms.ChoiceField(label=_("Team"), choices=TeamKind.choices, widget=forms.RadioSelect)
    person = forms.ChoiceField(label=_("Person"))

    def __init__(self, *args: Any, people: list, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        persons, teams = self.fields["person"], self.fields["kind"]
        if isinstance(persons, forms.ChoiceField) and isinstance(teams, forms.ChoiceField):
            persons.choices = [(str(person.pk), person.display_name) for person in people]
            teams.choices = [(kind, label) for kind, label in TeamKind.choices if kind in kinds]


class SecondAddressForm(PlainForm):
    """Where urgent texts go as well."""

    second = forms.EmailField(
        label=_("Second address for urgent texts"),
        required=False,
        max_length=200,
        help_text=_(
            "Such as an address that sends a message to your phone. One constant sentence goes there, nothing of a case."
            " Leave it empty to take it away."
        ),
    )


class LanguageForm(PlainForm):
    """The language of the pages."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


class ThemeForm(PlainForm):
    """Light, dark, or as the device says."""

    theme = forms.ChoiceField(choices=[("light", ""), ("dark", ""), ("auto", "")])
