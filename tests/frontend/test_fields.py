"""The field template: what a screen reader, a keyboard and a person in a hurry need from every kind of field."""

import re
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import engines
from django.utils import translation

from accounts.rendering import DateInput, DateTimeInput, OneTimeCodeInput


def field_html(field: forms.Field, data: dict | None = None, initial=None) -> str:
    """One field as pages write it: {{ form.x.as_field_group }}."""
    form = type("OneField", (forms.Form,), {"x": field})(data, initial={"x": initial})
    return str(form["x"].as_field_group())


def tag(html: str, start: str) -> str:
    """The first tag that begins so."""
    return re.search(rf"<{start}[^>]*>", html).group()


@pytest.mark.parametrize(
    ("field", "start", "css"),
    [
        (forms.CharField(), 'input type="text"', "govuk-input"),
        (forms.EmailField(), 'input type="email"', "govuk-input"),
        (forms.CharField(widget=forms.Textarea), "textarea", "govuk-textarea"),
        (forms.ChoiceField(choices=[("a", "A")]), "select", "govuk-select"),
        (forms.FileField(), 'input type="file"', "govuk-file-upload"),
        (forms.BooleanField(), 'input type="checkbox"', "govuk-checkboxes__input"),
        (forms.DateField(widget=DateInput), 'input type="date"', "govuk-input"),
        (forms.DateTimeField(widget=DateTimeInput), 'input type="datetime-local"', "govuk-input"),
        (forms.CharField(widget=forms.PasswordInput), 'input type="password"', "govuk-js-password-input-input"),
    ],
)
def test_control_has_its_class_label_and_error(field, start, css):
    field.label, field.help_text = "Question", "A hint"
    blank, wrong = field_html(field), field_html(field, {})
    assert css in tag(blank, start).split('class="')[1].split('"')[0].split()
    assert '<label class="govuk-label' in blank
    assert 'for="id_x">Question</label>' in blank
    assert 'aria-describedby="id_x_helptext"' in tag(blank, start)
    assert "aria-invalid" not in blank
    assert 'aria-invalid="true"' in tag(wrong, start)
    assert 'aria-describedby="id_x_helptext id_x_error"' in tag(wrong, start)
    assert "--error" in tag(wrong, start)
    assert 'id="id_x_error" class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span>' in wrong
    assert wrong.count('id="id_x_helptext"') == 1


@pytest.mark.parametrize("widget", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_group_is_a_fieldset_with_legend_and_error(widget):
    kind = forms.ChoiceField if widget is forms.RadioSelect else forms.MultipleChoiceField
    field = kind(choices=[("a", "A"), ("b", "B")], widget=widget, label="Question", help_text="A hint")
    wrong = field_html(field, {})
    assert 'aria-describedby="id_x_helptext id_x_error"' in tag(wrong, "fieldset")
    assert '<legend class="govuk-fieldset__legend">Question</legend>' in wrong
    assert 'id="id_x_1"' in wrong
    assert 'for="id_x_1">B</label>' in wrong
    chosen = field_html(field, {"x": "b"} if widget is forms.RadioSelect else {"x": ["b"]})
    assert re.search(r'value="b" id="id_x_1" checked', chosen)


def test_only_optional_fields_are_marked():
    assert "(optional)" in field_html(forms.CharField(required=False))
    assert "(optional)" not in field_html(forms.CharField())
    assert "(optional)" not in field_html(forms.BooleanField(required=False))


def test_a_filter_form_can_leave_the_marks_out():
    filters = type("Filters", (forms.Form,), {"x": forms.CharField(required=False), "mark_optional": False})()
    assert "(optional)" not in str(filters["x"].as_field_group())


def test_nothing_cuts_or_keeps_or_sends_what_is_typed():
    html = field_html(forms.CharField(max_length=5))
    assert "maxlength" not in html
    assert 'autocomplete="off"' in html
    assert 'spellcheck="false"' in html
    own = field_html(
        forms.CharField(widget=forms.TextInput({"autocomplete": "username", "class": "govuk-input--width-20"}))
    )
    assert 'autocomplete="username"' in own
    assert 'class="govuk-input govuk-input--width-20"' in own


@pytest.mark.parametrize("language", ["en", "sr", "sr-latn", "sq"])
def test_native_pickers_get_iso_values_in_every_language(language):
    with translation.override(language):
        assert 'value="2026-11-21"' in field_html(forms.DateField(widget=DateInput), initial=date(2026, 11, 21))
        moment = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
        assert 'value="2026-11-21T14:05"' in field_html(forms.DateTimeField(widget=DateTimeInput), initial=moment)
        form = type("F", (forms.Form,), {"x": forms.DateTimeField(widget=DateTimeInput)})({"x": "2026-11-21T14:05"})
        assert form.is_valid()
        assert form.cleaned_data["x"] == moment


@pytest.mark.parametrize("typed", ["next Thursday", "2026-02-30"])
def test_a_date_that_is_none_stays_as_it_was_typed(typed):
    control = tag(field_html(forms.DateField(widget=DateInput), {"x": typed}), 'input type="text"')
    assert f'value="{typed}"' in control


def test_one_time_code():
    control = tag(field_html(forms.CharField(widget=OneTimeCodeInput)), "input")
    assert 'autocomplete="one-time-code"' in control
    assert 'inputmode="numeric"' in control


def test_password_is_never_sent_back():
    assert "a phrase" not in field_html(forms.CharField(widget=forms.PasswordInput), {"x": "a phrase"})


def test_text_from_people_is_escaped_everywhere():
    evil = "<script>alert(1)</script>"
    field = forms.ChoiceField(label=evil, help_text=evil, choices=[(evil, evil)], widget=forms.RadioSelect)
    assert "<script" not in field_html(field, {"x": evil + evil})
    assert "<script" not in field_html(forms.CharField(label=evil, max_length=3), {"x": evil})


def test_whole_form_and_formset_show_general_errors():
    def clean(self):
        raise forms.ValidationError("Changed meanwhile.")

    Odd = type(
        "Odd", (forms.Form,), {"x": forms.CharField(), "y": forms.CharField(widget=forms.HiddenInput), "clean": clean}
    )
    html = str(Odd({"x": "1", "y": "2"}))
    assert "Changed meanwhile." in html
    assert html.count('type="hidden"') == 1
    formset = forms.formset_factory(Odd, extra=2)()
    assert str(formset).count('class="formset__row"') == 2


def test_summary_names_each_field_and_leads_to_it():
    class Two(forms.Form):
        word = forms.CharField(label="Word")
        pick = forms.ChoiceField(label="Pick", choices=[("a", "A")], widget=forms.RadioSelect)
        code = forms.CharField(widget=forms.HiddenInput)

        def clean(self):
            raise forms.ValidationError("Not together.")

    template = engines["django"].from_string("{% include 'components/error_summary.html' with forms=forms only %}")
    html = template.render({"forms": [Two({}), Two({"word": "x", "pick": "a", "code": "1"})]})
    assert '<a href="#id_word">Word – This field is required.</a>' in html
    assert '<a href="#id_pick_0">Pick – This field is required.</a>' in html
    assert html.count("Not together.") == 2
    assert html.count('<li class="error-summary__general">This field is required.</li>') == 1
