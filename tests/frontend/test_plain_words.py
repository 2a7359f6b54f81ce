"""Every form of every app answers in plain words that name the field, and nothing of Django's own is left."""

import copy
import importlib
import pkgutil

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

import cases.forms
from accounts.models import User
from accounts.plain_forms import PlainForm

MACHINE = (
    "This field",
    "Select a valid",
    "Enter a ",
    "Ensure this",
    "is not a valid",
    "The submitted file",
    "Null char",
)
ODD = ["", "\x00", "not-a-value", "9" * 30, "-5", "x" * 30_000]


def every_form() -> list[type[forms.BaseForm]]:
    importlib.import_module("accounts.forms")
    for module in pkgutil.iter_modules(cases.forms.__path__, "cases.forms."):
        importlib.import_module(module.name)
    found, waiting = [], list(forms.BaseForm.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith(("accounts.", "cases.", "referrals.")) and kind is not PlainForm:
            found.append(kind)
    return sorted(set(found), key=lambda kind: (kind.__module__, kind.__name__))


@pytest.mark.parametrize("kind", every_form(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_form_speaks_plainly(kind):
    assert issubclass(kind, PlainForm), "inherit from accounts.plain_forms.PlainForm"
    for name, field in kind.base_fields.items():
        field = copy.deepcopy(field)
        if isinstance(field, forms.ModelChoiceField) and field.queryset is None:
            field.queryset = User.objects.none()
        probe = type("Probe", (PlainForm,), {name: field})
        for value in ODD:
            form = probe({name: value}, {name: SimpleUploadedFile("empty.txt", b"")})
            for error in form.errors.get(name, []):
                assert not any(words in error for words in MACHINE), (name, value[:20], error)
                hidden = form[name].is_hidden
                own = any(error == str(words) for words in field.error_messages.values())
                own = own or any(error == str(getattr(one, "message", "")) for one in field.validators)
                assert hidden or own or str(form[name].label) in error, (name, error)


def test_what_is_missing_or_too_long_is_said_with_its_name():
    class Some(PlainForm):
        word = forms.CharField(label="Word", max_length=3)
        agreed = forms.BooleanField(label="She agrees")
        day = forms.DateField(label="Day")
        kind = forms.ChoiceField(label="Kind", choices=[("a", "A")])

    assert Some({}).errors == {
        "word": ["Fill in “Word”."],
        "agreed": ["Tick “She agrees” to go on."],
        "day": ["Give a day for “Day”."],
        "kind": ["Choose an answer for “Kind”."],
    }
    odd = Some({"word": "abcdef", "agreed": "on", "day": "yesterday", "kind": "<b>"})
    assert odd.errors["word"] == ["Shorten “Word” by 3 characters. It may have 3."]
    assert odd.errors["kind"] == ["Choose one of the answers offered for “Kind”."]
    assert odd.errors["day"][0].startswith("Write “Day” as a day, such as 20")
    with translation.override("sr"):
        assert "This field" not in str(Some({}).errors)


def test_words_that_a_form_chose_stay_and_the_summary_names_a_field_once():
    class Chosen(PlainForm):
        file = forms.FileField(label="File", error_messages={"required": "Choose the file."})
        text = forms.CharField(label="Text")

    form = Chosen({})
    assert form.errors["file"] == ["Choose the file."]
    html = forms.renderers.get_default_renderer().render("components/error_summary.html", {"form": form})
    assert '<a href="#id_file">File – Choose the file.</a>' in html
    assert '<a href="#id_text">Fill in “Text”.</a>' in html


def test_a_form_with_errors_lets_go_of_the_focus():
    class Focused(PlainForm):
        text = forms.CharField(widget=forms.TextInput(attrs={"autofocus": True}))

    assert "autofocus" in str(Focused())
    assert "autofocus" in str(Focused({"text": "x"}))
    assert "autofocus" not in str(Focused({}))
    late = Focused({"text": "x"})
    late.add_error(None, "Somebody was first.")
    assert "autofocus" not in str(late)
    assert "autofocus" in str(Focused())
