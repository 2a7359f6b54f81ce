"""What every form inherits: errors in plain words that name the field and say what to do.

Django's own sentences ("This field is required.") are replaced here, once; words that a form chose itself stay.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.choices import flatten_choices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DIGITS, CHOICES = (forms.IntegerField, forms.DecimalField), (forms.ChoiceField, forms.ModelChoiceField)


# Signs that nobody sees and nobody types: they turn the direction of what stands around them, or make two names differ
# that look the same. In longer texts some scripts need the marks of direction; only what overrides it is taken out.
TURNING = "\u202a-\u202e\u2066-\u2069"
UNSEEN, UNSEEN_IN_LINES = re.compile(f"[{TURNING}\u200b\u200e\u200f\u061c\ufeff]"), re.compile(f"[{TURNING}]")


class Label(NamedTuple):
    """What a field is called on its form; `lines`: it has more than one. Without words it takes no text of hers."""

    words: str
    lines: bool = False


_labels: ContextVar[dict[str, Label] | None] = ContextVar("labels", default=None)


@contextmanager
def noting_labels() -> Iterator[None]:
    """What the fields are called of every form that is read inside, by the name under which they were sent."""
    token = _labels.set({})
    try:
        yield
    finally:
        _labels.reset(token)


def noted_labels() -> dict[str, Label]:
    """What was noted so far; empty where nobody notes."""
    return _labels.get() or {}


class PlainForm(forms.Form):
    """A form that speaks plainly, and that lets go of the focus where its errors are to be read first."""

    for_the_card: ClassVar[tuple[str, ...]] = ()  # fields in which her name belongs: nobody asks about them
    in_short: ClassVar[tuple[str, ...]] = ()  # fields with room for lines that hold a name or a number all the same

    def full_clean(self) -> None:
        noted = _labels.get()
        if noted is not None and self.is_bound:
            noted.update({self.add_prefix(name): self._label(name) for name in self.fields})
        if self.is_bound:
            self._take_out_unseen()
        super().full_clean()

    def _take_out_unseen(self) -> None:
        """Text without signs that nobody sees; passwords stay as they were typed."""
        seen: dict[str, str] = {}
        for name, field in self.fields.items():
            key = self.add_prefix(name)
            typed = self.data.get(key)
            if not isinstance(field, forms.CharField) or isinstance(field.widget, forms.PasswordInput):
                continue
            lines = isinstance(field.widget, forms.Textarea) and name not in self.in_short
            unseen = UNSEEN_IN_LINES if lines else UNSEEN
            if isinstance(typed, str) and unseen.search(typed):
                seen[key] = unseen.sub("", typed)
        if seen:
            sent: Any = self.data
            data = sent.copy()
            for key, value in seen.items():
                data[key] = value
            self.data = data

    def _label(self, name: str) -> Label:
        field = self.fields[name]
        text = isinstance(field, forms.CharField) and not field.widget.is_hidden and name not in self.for_the_card
        return Label(str(field.label or "") if text else "", isinstance(field.widget, forms.Textarea))

    def add_error(self, field: str | None, error: Any) -> None:
        if field in self.fields and isinstance(error, ValidationError):
            error = ValidationError([_plain(self[field], one) for one in error.error_list])
        super().add_error(field, error)
        for one in self.fields.values():
            one.widget.attrs.pop("autofocus", None)


def codes_of_forms() -> Iterator[str]:
    """The codes of every closed list that a form offers, whichever record it is for."""
    kinds: list[Any] = [PlainForm]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        for field in kind.base_fields.values():
            if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
                choices: Any = field.choices
                found: Any = flatten_choices(choices)
                yield from (str(code) for code, _label in found)


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
