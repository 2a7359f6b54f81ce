"""Forms about key keepers, recovery by them, and small teams. They check shape only."""

import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import crypto, quorum
from accounts.forms import CODE_HINT, PasswordForm
from accounts.models import User
from accounts.plain_forms import PlainForm
from accounts.rendering import OneTimeCodeInput

WORDS_HINT = _("Six words of five letters, in order. Latin or Cyrillic letters, blanks or dashes: all the same.")
CASE_CODE = re.compile(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}")


def _login_name() -> forms.CharField:
    attrs = {"autocomplete": "username", "autocapitalize": "none"}
    return forms.CharField(label=_("Sign-in name"), max_length=60, widget=forms.TextInput(attrs=attrs))


class KeeperAddForm(PlainForm):
    """A key keeper to be named."""

    name = forms.CharField(label=_("Name"), help_text=_("As your organisation writes it."), min_length=2, max_length=80)
    address = forms.EmailField(
        label=_("E-mail address"),
        help_text=_(
            "If she wants to be told when something runs. One constant sentence, never a name. May stay empty."
        ),
        required=False,
        max_length=200,
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class KeeperWordsForm(PlainForm):
    """The six words that a keeper reads from her paper."""

    words = forms.CharField(label=_("The six words, as she reads them to you"), help_text=WORDS_HINT, max_length=200)


class KeeperForm(PlainForm):
    """A keeper at her page: her code, and the words that somebody read to her."""

    code = forms.CharField(
        label=_("The code on your paper"),
        help_text=_("13 groups of four letters and digits. Blanks and dashes do not matter."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )
    words = forms.CharField(
        label=_("The six words that were read to you"),
        help_text=_("Leave it empty to see what runs, and to stop it."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )


class AskKeepersForm(PasswordForm):
    """Somebody who has lost everything: her name, and the password that she will have."""

    login_name = _login_name()  # type: ignore[assignment]  # the field; what is typed there is set below
    field_order = ["login_name", "offered", "password", "password_again"]

    def clean_login_name(self) -> str:
        name: str = self.cleaned_data["login_name"].lower()
        self.login_name = name  # type: ignore[assignment]  # what the rule of passwords compares with
        return name


class FinishKeepersForm(PlainForm):
    """Both keepers have given their codes: her name and the password that she chose."""

    login_name = _login_name()
    password = forms.CharField(
        label=_("The password that you chose when you asked"),
        max_length=crypto.MAX_SECRET_LENGTH,
        strip=False,
        widget=forms.PasswordInput,
    )

    def clean_login_name(self) -> str:
        return self.cleaned_data["login_name"].lower()


class NewFactorForm(PlainForm):
    """The first code of a new second factor."""

    code = forms.CharField(label=_("Code"), help_text=CODE_HINT, max_length=20, widget=OneTimeCodeInput)


class SuccessorForm(PlainForm):
    """Who takes over the key of somebody who has left."""

    successor = forms.ChoiceField(label=_("Who takes over"))
    protected = forms.CharField(
        label=_("Codes of protected cases that go with it"),
        help_text=_(
            "One code a line. A protected case that is not named here stays closed. Sidro does not say here whether a"
            " code exists: compare each one with what the lead or backup of the case tells you."
        ),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "autocapitalize": "characters"}),
    )

    def __init__(self, *args: object, people: list[User], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        self.people = {str(person.pk): person for person in people}
        field = self.fields["successor"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(pk, person.display_name) for pk, person in self.people.items()]

    def clean_protected(self) -> list[str]:
        codes = self.cleaned_data["protected"].upper().split()
        if wrong := [code for code in codes if not CASE_CODE.fullmatch(code)]:
            raise ValidationError(
                gettext("“%(code)s” is no code. A code looks like K7MX-42QB.") % {"code": wrong[0][:40]}
            )
        return codes


class AnnounceForm(PlainForm):
    """An act that one person announces."""

    rule = forms.ChoiceField(choices=[(rule.code, rule.what) for rule in quorum.RULES if rule.delay_hours])
    record = forms.UUIDField()
