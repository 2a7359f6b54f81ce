"""Translations compile without any tool of the system, and the check finds what is missing."""

import gettext
from pathlib import Path

import pytest

from config.launcher import translations

TEXT = r"""# A comment
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\n"

#: somewhere.py:1
msgid "Case"
msgstr "Slučaj"

msgctxt "a box"
msgid "Case"
msgstr "Kutija"

#, python-format
msgid "%(count)s day"
msgid_plural "%(count)s days"
msgstr[0] "%(count)s dan"
msgstr[1] "%(count)s dana"
msgstr[2] "%(count)s dana\n"

msgid ""
"Two "
"lines \"quoted\""
msgstr "Dva reda „navodnici“"

#, fuzzy
msgid "Guess"
msgstr "Pogodak"

msgid "Nothing yet"
msgstr ""

#~ msgid "Old"
#~ msgstr "Staro"
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "locale" / "sr_Latn" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def catalogue(base: Path) -> gettext.GNUTranslations:
    assert translations.compile_all(base) == 1
    with (base / "locale" / "sr_Latn" / "LC_MESSAGES" / "django.mo").open("rb") as handle:
        return gettext.GNUTranslations(handle)


def test_texts_contexts_and_plurals(catalogue: gettext.GNUTranslations) -> None:
    assert catalogue.gettext("Case") == "Slučaj"
    assert catalogue.pgettext("a box", "Case") == "Kutija"
    assert catalogue.gettext('Two lines "quoted"') == "Dva reda „navodnici“"
    assert [catalogue.ngettext("%(count)s day", "%(count)s days", n) for n in (1, 22, 5)] == [
        "%(count)s dan",
        "%(count)s dana",
        "%(count)s dana\n",
    ]


def test_fuzzy_empty_and_obsolete_texts_stay_in_english(catalogue: gettext.GNUTranslations) -> None:
    assert [catalogue.gettext(text) for text in ("Guess", "Nothing yet", "Old")] == ["Guess", "Nothing yet", "Old"]


def test_a_compiled_file_is_not_compiled_again(base: Path) -> None:
    assert [translations.compile_all(base), translations.compile_all(base)] == [1, 0]


def test_check_names_what_is_missing(base: Path) -> None:
    found = list(translations.problems(base / "locale" / "sr_Latn" / "LC_MESSAGES" / "django.po"))
    assert found == ["fuzzy: 'Guess'", "not translated: 'Nothing yet'"]
    assert translations.check(base) == 1


@pytest.mark.parametrize(
    ("translated", "problem"), [("%(nmae)s", "unknown"), ("", "not translated"), ("Zdravo", "lost")]
)
def test_check_sees_broken_placeholders(tmp_path: Path, translated: str, problem: str) -> None:
    folder = tmp_path / "locale" / "sr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(f'msgid "Hello %(name)s"\nmsgstr "{translated}"\n', encoding="utf-8")
    assert any(line.startswith(problem) for line in translations.problems(folder / "django.po"))


def test_a_broken_file_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 2 is not understood"):
        list(translations.parse('msgid "a"\nmsgstr a\n'))
