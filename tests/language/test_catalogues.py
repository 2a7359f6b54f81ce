"""Catalogues: complete, in step with the source, with their placeholders, Latin made from Cyrillic, good words."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import localize
from django.utils.translation import gettext, ngettext

from accounts.templatetags.sidro import count_days, day_text, short_time, span_text
from config import translations
from config.launcher.folders import BASE
from config.launcher.translations import compile_all, problems, sources

CYRILLIC = translations.catalogue_of("sr")
LATIN = translations.catalogue_of("sr_Latn")
ALBANIAN = translations.catalogue_of("sq")

# A word of blame, of shame, or of somebody else's pleasure; in any language and any letters.
FORBIDDEN = re.compile(
    r"porn|порн|revenge|осветничк|osvetničk|осрамоћен|osramoćen|развратн|razvratn"
    r"|сама (?:је )?крива|sama (?:je )?kriva|њена кривица|njena krivica|faji i saj"
    r"|hakmarr|shthurur|turpëru|imoral|e ka fajin|fajtore"
    r"|\bvictim|жртв|\bžrtv|\bviktim",
    re.IGNORECASE,
)


# --- Complete and current ---------------------------------------------------------------------
def test_the_catalogues_are_what_the_source_says():
    assert list(translations.differences()) == []


@pytest.mark.parametrize("path", [CYRILLIC, LATIN, ALBANIAN], ids=lambda path: path.parent.parent.name)
def test_every_text_is_translated_with_its_placeholders_and_tags(path):
    assert list(problems(path)) == []


def test_there_is_a_catalogue_for_each_language_and_no_other():
    folders = {translation.to_locale(code) for code, _name in settings.LANGUAGES} - {"en"}
    assert folders == {path.parent.parent.name for path in sources()}


def test_the_latin_catalogue_is_the_cyrillic_one_letter_by_letter():
    cyrillic, latin = translations.entries(CYRILLIC), translations.entries(LATIN)
    assert list(cyrillic) == list(latin)
    for key in cyrillic.keys() - {(None, "")}:
        for name in (name for name in cyrillic[key] if name.startswith("str")):
            assert latin[key][name] == translations.latin(cyrillic[key][name])
    assert not re.search("[\u0400-\u04ff]", LATIN.read_text(encoding="utf-8"))


def test_writing_a_catalogue_anew_changes_nothing():
    for path, text in translations.current().items():
        again = [(entry, []) for entry in translations.parse(text)]
        assert translations.written(again) == re.sub(r"^#: .*\n", "", text, flags=re.MULTILINE), path


@pytest.mark.parametrize(("language", "forms"), [("sr", 3), ("sr_Latn", 3), ("sq", 2)])
def test_the_header_says_how_to_count_and_every_number_has_its_forms(language, forms):
    head, *rest = translations.entries(translations.catalogue_of(language)).values()
    assert f"Plural-Forms: nplurals={forms}; plural=(" in head["str0"]
    for entry in rest:
        assert sum(name.startswith("str") for name in entry) == (forms if "plural" in entry else 1), entry["id"]


# --- Extraction -------------------------------------------------------------------------------
def test_texts_of_code():
    source = """
_("One"); gettext_lazy("Two " "parts"); ngettext("%(n)d day", "%(n)d days", n); pgettext("box", "Case")
translation.gettext('Three'); _(variable); other("Four"); npgettext_lazy("c", "s", "p", 1)
"""
    assert list(translations.in_code(source)) == [
        {"id": "One"},
        {"id": "Two parts"},
        {"id": "%(n)d day", "plural": "%(n)d days"},
        {"context": "box", "id": "Case"},
        {"id": "Three"},
        {"context": "c", "id": "s", "plural": "p"},
    ]


def test_texts_of_templates():
    source = """{% load i18n %}gettext("not this") {% translate "It’s \\"one\\"" %}{{ _("Two")|lower }}
{% translate 'Show' context 'password' as show %}{% comment %}{% translate "gone" %}{% endcomment %}
{% blocktranslate trimmed count n=number %}
  One (of %)
{% plural %}{{ n }} ways
{% endblocktranslate %}"""
    source = source.replace('\\"', "'")
    assert list(translations.in_template(source)) == [
        {"id": "It’s 'one'"},
        {"id": "Two"},
        {"context": "password", "id": "Show"},
        {"id": "One (of %%)", "plural": "%(n)s ways"},
    ]


@pytest.mark.skipif(not shutil.which("xgettext"), reason="gettext is not installed: apt-get install gettext")
def test_the_tools_of_gettext_find_the_same(tmp_path: Path):
    """We read the texts ourselves so that no tool is needed; where the tool is, both must agree."""
    for folder in translations.FOLDERS:
        shutil.copytree(BASE / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(BASE / "manage.py", tmp_path)
    (tmp_path / "locale" / "sr").mkdir(parents=True)
    command = [sys.executable, "manage.py", "makemessages", "--locale", "sr", "--verbosity", "0"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    theirs = translations.entries(translations.catalogue_of("sr", tmp_path)).keys() - {(None, "")}
    assert theirs == translations.extracted(tmp_path).keys()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project whose only text is translated."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{% load i18n %}{% translate "Love" %}')
    translations.update(tmp_path)
    catalogue = translations.catalogue_of("sr", tmp_path)
    catalogue.write_text(catalogue.read_text().replace('msgid "Love"\nmsgstr ""', 'msgid "Love"\nmsgstr "Љубав"'))
    translations.update(tmp_path)
    return tmp_path


def test_update_keeps_what_is_translated_and_derives_latin(project: Path):
    assert list(translations.differences(project)) == []
    assert translations.update(project) == []
    assert 'msgstr "Ljubav"' in translations.catalogue_of("sr_Latn", project).read_text()
    assert compile_all(project) == 3


def test_a_new_text_an_old_text_and_a_latin_edit_are_found(project: Path):
    latin = translations.catalogue_of("sr_Latn", project)
    latin.write_text(latin.read_text().replace("Ljubav", "Ljubavi"))
    assert [line.split(": ")[1] for line in translations.differences(project)] == ["differs from what it is made of"]
    (project / "templates" / "page.html").write_text('{% load i18n %}{% translate "Peace" %}')
    found = {line.split(": ")[1] for line in translations.differences(project)}
    assert found == {"not in the catalogue", "no longer in the source"}


def test_notes_and_doubts_of_translators_are_kept(project: Path):
    catalogue = translations.catalogue_of("sr", project)
    catalogue.write_text(catalogue.read_text().replace("#: templates", "# Ask Mira.\n#, fuzzy\n#: templates"))
    translations.update(project)
    assert "# Ask Mira.\n" in catalogue.read_text()
    assert list(problems(catalogue)) == ["fuzzy: 'Love'"]


def test_a_text_that_gets_a_number_is_translated_anew(project: Path):
    text = "{% load i18n %}{% blocktranslate count n=n %}Love{% plural %}{{ n }} loves{% endblocktranslate %}"
    (project / "templates" / "page.html").write_text(text)
    translations.update(project)
    forms = {
        language: translations.catalogue_of(language, project).read_text().count('] ""') for language in ("sr", "sq")
    }
    assert forms == {"sr": 3, "sq": 2}


@pytest.mark.parametrize(
    ("given", "fault"),
    [("<b>Здраво</b> %(name)s", None), ("Здраво %(name)s", "other tags"), ("<b>Здраво</b>", "lost placeholder")],
)
def test_tags_and_placeholders_are_compared(tmp_path: Path, given, fault):
    catalogue = tmp_path / "django.po"
    catalogue.write_text(f'msgid "<b>Hello</b> %(name)s"\nmsgstr "{given}"\n', encoding="utf-8")
    assert [line.split(": ")[0] for line in problems(catalogue)] == ([fault] if fault else [])


# --- Letters ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Љубав", "Ljubav"),
        ("ЉУБАВ", "LJUBAV"),
        ("љубав, њен, џеп", "ljubav, njen, džep"),
        ("Њен КОЊ и Џеп", "Njen KONJ i Džep"),
        ("Ђорђе Ћирић, чаша, шуме, жица", "Đorđe Ćirić, čaša, šume, žica"),
        (
            '%(name)s је на <b lang="en">Sidro</b>: https://пример.example/a',
            '%(name)s je na <b lang="en">Sidro</b>: https://пример.example/a',
        ),
        ("Веб-образац, QR, 14 дана", "Veb-obrazac, QR, 14 dana"),
        ("", ""),
    ],
)
def test_latin_letters(cyrillic, latin):
    assert translations.latin(cyrillic) == latin


def test_a_letter_of_another_alphabet_is_refused():
    with pytest.raises(ValueError, match="not a letter of Serbian Cyrillic"):
        translations.latin("подъезд")


def test_no_word_mixes_two_alphabets():
    """A Latin а in a Cyrillic word looks right and is not found by a search."""
    mixed = re.compile(r"[\u0400-\u04FF][A-Za-z]|[A-Za-z][\u0400-\u04FF]")
    for key, entry in translations.entries(CYRILLIC).items():
        for name in (name for name in entry if name.startswith("str")):
            assert not mixed.search(entry[name]), key


def test_albanian_is_in_latin_letters_with_one_kind_of_apostrophe():
    for key, entry in translations.entries(ALBANIAN).items():
        text = " ".join(value for name, value in entry.items() if name.startswith("str"))
        assert not re.search("[\u0400-\u04ff'´`]", text), key


# --- Numbers ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "cyrillic", "latin"),
    [
        (1, "1 сат", "1 sat"),
        (2, "2 сата", "2 sata"),
        (4, "4 сата", "4 sata"),
        (5, "5 сати", "5 sati"),
        (11, "11 сати", "11 sati"),
        (14, "14 сати", "14 sati"),
        (21, "21 сат", "21 sat"),
        (22, "22 сата", "22 sata"),
        (111, "111 сати", "111 sati"),
        (0, "0 сати", "0 sati"),
    ],
)
def test_plural_forms(number, cyrillic, latin):
    for language, wanted in (("sr", cyrillic), ("sr-latn", latin)):
        with translation.override(language):
            assert ngettext("%(count)d hour", "%(count)d hours", number) % {"count": number} == wanted


@pytest.mark.parametrize(("number", "wanted"), [(0, "0 minuta"), (1, "1 minutë"), (2, "2 minuta"), (21, "21 minuta")])
def test_plural_forms_in_albanian(number, wanted):
    with translation.override("sq"):
        assert ngettext("%(count)d minute", "%(count)d minutes", number) % {"count": number} == wanted


def test_moments_and_due_dates_in_albanian():
    with translation.override("sq"), timezone.override("Europe/Belgrade"):
        assert short_time(datetime(2024, 11, 21, 13, 5, tzinfo=UTC)) == "21 nën 2024, 14:05 CET"
        assert short_time(date(2024, 12, 3)) == "3 dhj 2024"
        assert [day_text(days) for days in (-3, 0, 1, 21)] == ["3 ditë vonesë", "sot", "nesër", "edhe 21 ditë"]
        assert localize(1234.5) == "1234,5"


def test_due_dates_in_words():
    with translation.override("sr"):
        assert [day_text(days) for days in (-3, -1, 0, 1, 21)] == [
            "касни 3 дана",
            "касни 1 дан",
            "данас",
            "сутра",
            "за 21 дан",
        ]
        assert span_text(timedelta(minutes=61)) == "61 минут"
        assert count_days(5) == "5 дана"


# --- Words ------------------------------------------------------------------------------------
def test_no_forbidden_word_in_any_text():
    texts = [entry for path in sources() for entry in translations.entries(path).values()]
    assert not [entry for entry in texts if FORBIDDEN.search(" ".join(entry.values()))]


def test_no_forbidden_word_in_templates_and_scripts():
    files = [*BASE.glob("templates/**/*.html"), *BASE.glob("static/js/**/*.js"), *BASE.glob("static/css/**/*.css")]
    assert not [path for path in files if FORBIDDEN.search(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    ("path", "rude"),
    [
        (CYRILLIC, "сачувај|пријави се|одјави се|покушај поново|врати се|упиши|унеси|изабери"),
        (
            ALBANIAN,
            "ruaje|hyr|dil|provo|kthehu|shkruaje|zgjidhe?|shiko|dërgo|prano|hape|prit|të lutem|ti|yt|jote|tënde?",
        ),
    ],
    ids=["sr", "sq"],
)
def test_one_person_is_addressed_politely(path, rude):
    """“Sačuvajte”, not “sačuvaj”: buttons and advice speak to her with the polite form."""
    words = re.compile(rf"\b(?:{rude})\b", re.IGNORECASE)
    for key, entry in translations.entries(path).items():
        assert not words.search(" ".join(value for name, value in entry.items() if name.startswith("str"))), key


# --- Django's own texts -----------------------------------------------------------------------
class EveryError(forms.Form):
    word = forms.CharField(max_length=3, min_length=2)
    number = forms.IntegerField(min_value=1, max_value=9)
    day = forms.DateField()
    moment = forms.DateTimeField()
    mail = forms.EmailField()
    one = forms.ChoiceField(choices=[("a", "a")])
    many = forms.MultipleChoiceField(choices=[("a", "a")])
    nonce = forms.UUIDField()


@pytest.mark.parametrize("language", ["sr", "sr-latn", "sq"])
@pytest.mark.parametrize("typed", ["", "x", "xxxxxx"])
def test_errors_of_form_fields_are_translated(language, typed):
    data = dict.fromkeys(EveryError.base_fields, typed)
    with translation.override("en"):
        english = [error for errors in EveryError(data).errors.values() for error in errors]
    with translation.override(language):
        translated = [error for errors in EveryError(data).errors.values() for error in errors]
    assert len(translated) == len(english) > 5
    assert not set(english) & set(translated)
    assert all(bool(re.search("[а-џ]", error)) == (language == "sr") for error in translated)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [("sr", ["енглески", "српски (ћирилица)", "албански"]), ("sq", ["anglisht", "serbisht (cirilik)", "shqip"])],
)
def test_language_names_are_not_english(language, wanted):
    with translation.override(language):
        assert [gettext(name) for name in ("English", "Serbian (Cyrillic)", "Albanian")] == wanted
