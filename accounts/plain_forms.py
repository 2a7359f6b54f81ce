"""What every form inherits: errors in plain words that name the field and say what to do.

Django's own sentences ("This field is required.") are replaced here, once; words that a form chose itself stay.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DIGITS, CHOICES = (forms.IntegerField, forms.DecimalField), (forms.ChoiceField, forms.ModelChoiceField)


class PlainForm(forms.Form):
    """A form that speaks plainly, and that lets go of the focus where its errors are to be read first."""

    def add_error(self, field: str | None, error: Any) -> None:
        if field in self.fields and isinstance(error, ValidationError):
            error = ValidationError([_plain(self[field], one) for one in error.error_list])
        super().add_error(field, error)
        for one in self.fields.values():
            one.widget.attrs.pop("autofocus", None)


def _messages() -> Iterator[Any]:
    """Every sentence that Django itself has for a wrong field."""
    kinds: list[Any] = [forms.Field, models.Field]  # the id of a person is read by the field of the model
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.startswith("django."):
            yield from getattr(kind, "default_error_messages", {}).values()
    for name in dir(validators):
        yield getattr(getattr(validators, name), "message", None)


_OF_DJANGO = {id(message): message for message in _messages() if isinstance(message, Promise)}


def _plain(field: forms.BoundField, error: ValidationError) -> ValidationError:
    """The same error in our words, or as it is where somebody chose the words."""
    if id(error.message) not in _OF_DJANGO:
        return error
    return ValidationError(_words(field, error.code or "", error.params or {}), code=error.code)


def _words(bound: forms.BoundField, code: str, given: dict[str, Any]) -> str:
    if bound.is_hidden:
        return _("This page is out of date. Open it once more in another tab and carry over what you typed.")
    words = {"label": bound.label, "limit": given.get("limit_value")}
    if code == "required":
        return _missing(bound.field) % words
    if code == "max_length" and "limit_value" in given:
        over = given["show_value"] - given["limit_value"]
        return ngettext(
            "Shorten “%(label)s” by %(over)d character. It may have %(limit)d.",
            "Shorten “%(label)s” by %(over)d characters. It may have %(limit)d.",
            over,
        ) % {**words, "over": over}
    if code == "min_length":
        return _("“%(label)s” is too short. It needs %(limit)d characters or more.") % words
    if code == "max_value":
        return _("Give a smaller number for “%(label)s”: %(limit)s at most.") % words
    if code == "min_value":
        return _("Give a larger number for “%(label)s”: %(limit)s at least.") % words
    return _misread(bound.field) % {**words, **_examples()}


def _missing(field: forms.Field) -> str:
    """What to do about a field that was left empty; the more special kinds come first."""
    asked = (
        (forms.FileField, _("Choose a file for “%(label)s”.")),
        (forms.BooleanField, _("Tick “%(label)s” to go on.")),
        (CHOICES, _("Choose an answer for “%(label)s”.")),
        (forms.DateTimeField, _("Give day and time for “%(label)s”.")),
        (forms.DateField, _("Give a day for “%(label)s”.")),
        (forms.TimeField, _("Give a time for “%(label)s”.")),
        (DIGITS, _("Give a number for “%(label)s”.")),
    )
    return next((words for kinds, words in asked if isinstance(field, kinds)), _("Fill in “%(label)s”."))


def _misread(field: forms.Field) -> str:
    """What to do about a field whose content cannot be understood."""
    asked = (
        (forms.FileField, _("Choose another file for “%(label)s”: this one is empty or cannot be read.")),
        (CHOICES, _("Choose one of the answers offered for “%(label)s”.")),
        (forms.DateTimeField, _("Write “%(label)s” as day and time, such as %(day)s %(time)s.")),
        (forms.DateField, _("Write “%(label)s” as a day, such as %(day)s.")),
        (forms.TimeField, _("Write “%(label)s” as a time, such as %(time)s.")),
        (DIGITS, _("Write “%(label)s” as a whole number in digits.")),
        (forms.EmailField, _("Write “%(label)s” as an e-mail address, such as name@example.org.")),
    )
    other = _("“%(label)s” cannot be kept as it stands. Look at it again.")
    return next((words for kinds, words in asked if isinstance(field, kinds)), other)


def _examples() -> dict[str, str]:
    now = timezone.localtime()
    return {"day": now.strftime("%Y-%m-%d"), "time": now.strftime("%H:%M")}
