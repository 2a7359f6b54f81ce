"""Knowledge files: complete in three languages, and refused with a clear message when anything in them is off."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from django.apps import apps

from cases import knowledge
from cases.knowledge import KnowledgeError, checks, label
from cases.knowledge.common import Entry
from cases.knowledge.consents import Consents
from cases.knowledge.incidents import IncidentTypes
from cases.knowledge.letters import Letters
from cases.knowledge.reading import read
from cases.knowledge.screen import RiskScreen
from tests.language.test_catalogues import FORBIDDEN

FILES = {
    "incident_types.yaml": (IncidentTypes, checks.in_incident_types),
    "risk_screen.yaml": (RiskScreen, checks.in_risk_screen),
    "letters.yaml": (Letters, checks.in_letters),
    "consents.yaml": (Consents, checks.in_consents),
}
SHIPPED = knowledge.FOLDER
SCREEN, INCIDENTS, CONSENTS = "risk_screen.yaml", "incident_types.yaml", "consents.yaml"
BRANDS = {"Telegram", "TikTok", "Facebook", "Instagram", "Messenger", "WhatsApp", "Viber", "Snapchat", "X (Twitter)"}
PERSISTENT = re.compile("упорно|uporno", re.IGNORECASE)  # a harmless word with a forbidden one inside
BRANDS |= {"Discord", "YouTube"}


def labels(part) -> Iterator[dict]:
    """Every text in several languages, at any depth."""
    if isinstance(part, tuple):
        for one in part:
            yield from labels(one)
    elif is_dataclass(part):
        for field in fields(part):
            yield from labels(getattr(part, field.name))
    elif hasattr(part, "keys") and "en" in part and "sr-latn" in part:
        yield part


SHOWN = [*labels(knowledge.risk_screen()), *labels(knowledge.incident_types()), *labels(knowledge.letters())]
SHOWN += labels(knowledge.consents())
SCREEN_QUESTIONS = knowledge.risk_screen().questions


# --- What people read -------------------------------------------------------------------------
def test_nothing_is_marked_reviewed():
    for file in (knowledge.risk_screen(), knowledge.incident_types()):
        assert (file.review.status, file.review.reviewed) == ("draft", False)
        assert set(file.label_confidence_by_language) == {"en", "sr", "bs", "hr", "sq", "mk"}


def test_every_label_is_there_in_english_serbian_and_albanian():
    assert len(SCREEN_QUESTIONS) == 29
    assert len(SHOWN) > 200
    for words in SHOWN:
        assert all(words[code].strip() for code in ("en", "sr", "sr-latn", "sq"))


def test_serbian_is_written_in_cyrillic_and_its_latin_is_derived():
    for words in SHOWN:
        assert words["en"] in BRANDS or re.search("[\u0400-\u04ff]", words["sr"]), words["sr"]
        assert not re.search("[\u0400-\u04ff]", words["sr-latn"] + words["sq"] + words["en"])


def test_a_translation_is_not_the_english_text():
    for words in SHOWN:
        assert words["en"] in BRANDS or words["sq"] != words["en"], words["en"]
        assert "'" not in words["sq"], words["sq"]  # the apostrophe of the catalogue is ’


def test_a_question_is_a_question_in_every_language():
    for question in SCREEN_QUESTIONS:
        assert all(text.endswith("?") for text in question.label.values()), question.id


def test_no_word_of_blame_and_no_search_synonym_is_shown():
    synonyms = [one.casefold() for one in knowledge.incident_types().synonyms_search_only]
    for text in (text for words in SHOWN for text in words.values()):
        assert not FORBIDDEN.search(PERSISTENT.sub("", text)), text
        assert not any(one in text.casefold() for one in synonyms), text


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "Hidden recording"),
        ("sr", "Тајно снимање"),
        ("sr-latn", "Tajno snimanje"),
        ("sr-Latn", "Tajno snimanje"),
        ("sq", "Incizim i fshehtë"),
        ("mk", "Тајно снимање"),
        ("ro", "Hidden recording"),
    ],
)
def test_the_words_in_a_language(code, expected):
    assert label(knowledge.incident_types().type("voyeurism_hidden_recording"), code) == expected


def test_words_without_a_code_have_a_language_too():
    intro = next(section.intro for section in knowledge.risk_screen().sections if section.intro)
    assert label(intro, "sr-latn").startswith("Kada se dogodi")
    assert label(intro, "hr") == intro["en"]


def test_what_is_loaded_cannot_be_changed():
    entry = knowledge.incident_types().types[0]
    with pytest.raises(AttributeError):
        entry.id = "other"
    with pytest.raises(TypeError):
        entry.label["en"] = "other"
    assert isinstance(entry, Entry)
    assert knowledge.incident_types() is knowledge.incident_types()


# --- Broken files -----------------------------------------------------------------------------
# File, what is replaced (once), by what, and what the message says.
BREAKAGES = {
    "unknown name": (SCREEN, "    human_now: true", "    human_nwo: true", "unknown name 'human_nwo'"),
    "missing name": (SCREEN, "    order: 4\n", "", "'order' is missing"),
    "empty value": (SCREEN, "    rescreen_hours: 24", "    rescreen_hours:", "has no value"),
    "comma not quoted": (INCIDENTS, '{en: "Other", sr', "{en: Other, or not, sr", "the language 'or not' is unknown"),
    "bare yes as a value": (SCREEN, '{id: "yes", label', "{id: yes, label", "put text in quotes"),
    "bare no as a name": (INCIDENTS, "frameworks:\n", "frameworks:\n  no: x\n", "the name 'no' is not text"),
    "number as a name": (INCIDENTS, "frameworks:\n", "frameworks:\n  1: x\n", "the name '1' is not text"),
    "list as a name": (INCIDENTS, "frameworks:\n", "frameworks:\n  [a]: x\n", "is not text"),
    "boolean that is no field": (SCREEN, "needs: ", "needs: true # ", "put text in quotes"),
    "yes for a declared boolean": (SCREEN, "human_now: true", "human_now: yes", "true or false is wanted"),
    "text for a boolean": (SCREEN, "human_now: true", 'human_now: "true"', "true or false is wanted"),
    "text for a number": (SCREEN, "order: 4", 'order: "4"', "a whole number is wanted"),
    "octal number": (SCREEN, "rescreen_hours: 24", "rescreen_hours: 024", "a whole number is wanted"),
    "text for a date": (SCREEN, "as_of: 2026-11-21", 'as_of: "soon"', "a date is wanted"),
    "a day that is none": (SCREEN, "as_of: 2026-11-21", "as_of: 2026-02-30", "day is out of range"),
    "number for text": (SCREEN, 'title: "Author\'s own wording and knowledge"', "title: 7", "text is wanted"),
    "empty text": (SCREEN, '{en: "Yes"', '{en: ""', "text is wanted"),
    "name given twice": (SCREEN, "    order: 4\n", "    order: 4\n    order: 5\n", "'order' stands here twice"),
    "id given twice": (INCIDENTS, "- id: grooming", "- id: minor_csam", "'minor_csam' stands in this list twice"),
    "question given twice": (SCREEN, "- id: co1\n", "- id: su1\n", "the name 'su1' is taken twice"),
    "value given twice": (SCREEN, "[sc1, ag1,", "[sc1, sc1, ag1,", "'sc1' stands in this list twice"),
    "id with odd letters": (INCIDENTS, "- id: grooming", "- id: Grooming!", "an id of small letters"),
    "merged mapping": (INCIDENTS, "frameworks:\n", "frameworks:\n  <<: {a: b}\n", "the name '<<' is not text"),
    "made-up tag": (SCREEN, "order: 4", "order: !!python/object/apply:os.getpid []", "a whole number is wanted"),
    "tagged mapping": (SCREEN, "\ntriage:\n", "\ntriage: !other\n", "names with values are wanted"),
    "list for names": (SCREEN, "\nstaff_care:\n", "\nstaff_care: []\nprinciples_old:\n", "unknown name"),
    "empty list": (SCREEN, "[sc1, ag1, su2, ph2, ph3]", "[]", "the list is empty"),
    "no list": (SCREEN, "[sc1, ag1, su2, ph2, ph3]", "sc1", "a list is wanted"),
    "second document": (SCREEN, "\ntriage:\n", "\n---\ntriage:\n", "expected a single document"),
    "not YAML": (SCREEN, "levels:\n", "levels: [\n", "line "),
    "other schema": (SCREEN, "kb.risk_screen/1", "kb.risk_screen/2", "is not one of kb.risk_screen/1"),
    "unknown confidence": (INCIDENTS, "label_confidence: medium", "label_confidence: sure", "'sure' is not one of"),
    "language missing": (SCREEN, ', sq: "Po"}', "}", "the language 'sq' is missing"),
    "not Serbian Cyrillic": (SCREEN, 'sr: "Да"', 'sr: "Ды"', "not a letter of Serbian Cyrillic"),
    "review that contradicts itself": (SCREEN, "status: draft", "status: reviewed", "say different things"),
    "rule about no question": (SCREEN, "su5 == 'yes'", "su9 == 'yes'", "'su9', which is no question"),
    "rule about a structured question": (SCREEN, "su5 == 'yes'", "sc3 == 'yes'", "'sc3', which is no question"),
    "rule that is code": (SCREEN, "su5 == 'yes'", "__import__('os')", "is not understood"),
    "rule with or": (SCREEN, "ph2 == 'yes' and ph3", "ph2 == 'yes' or ph3", "is not understood"),
    "rule about not asked": (SCREEN, "su5 == 'yes'", "su5 == 'not_asked'", "is not understood"),
    "rule that denies": (SCREEN, "su5 == 'yes'", "su5 != 'yes'", "is not understood"),
    "rule asking twice": (SCREEN, "ph2 == 'yes' and ph3 ==", "ph3 == 'no' and ph3 ==", "asked twice"),
    "no of a danger": (SCREEN, "su5 == 'yes'", "su5 == 'no'", "only a protective question counts by its no"),
    "yes of a protection": (SCREEN, "co1 == 'no'", "co1 == 'yes'", "only a protective question"),
    "rule that never decides": (SCREEN, "su3 == 'yes'", "su5 == 'yes' and su3 == 'yes'", "never decides"),
    "rule of no level": (SCREEN, "- level: immediate", "- level: urgent", "the level 'urgent' is not there"),
    "level that the cases do not know": (SCREEN, "- id: elevated", "- id: raised", "the levels must be"),
    "level answered later than the one below": (SCREEN, "minutes: 15\n", "minutes: 150\n", "be answered sooner"),
    "unknown above a rating": (SCREEN, "order: 0", "order: 9", "the lowest levels must be"),
    "action that is not there": (SCREEN, "actions: [information,", "actions: [informing,", "'informing', which is not"),
    "prompt that is not there": (SCREEN, "on_yes: minor_protocol", "on_yes: minors", "'minors', which is not there"),
    "condition before its question": (
        SCREEN,
        "ask_if: \"su6 == 'yes'\"",
        "ask_if: \"co3 == 'yes'\"",
        "not asked before",
    ),
    "core question not there": (SCREEN, "[sc1, ag1,", "[sc9, ag1,", "the core question 'sc9' is not there"),
    "core question not for everybody": (SCREEN, "[sc1, ag1,", "[su3, ag1,", "not a question for everybody"),
    "answers in other words": (SCREEN, "id: not_asked, label", "id: unasked, label", "the answers must be"),
    "group that is not there": (INCIDENTS, "group: journalists", "group: law", "the group 'law', which is not there"),
    "framework that is not there": (INCIDENTS, "map: {swgfl:", "map: {swgffl:", "the framework 'swgffl'"),
    "consent to something else": (CONSENTS, "- id: media", "- id: press", "the purposes must be"),
    "statistics before the last": (CONSENTS, "- id: media", "- id: statistics", "stands in this list twice"),
    "version with a space": (
        CONSENTS,
        'version: "2026-11"',
        'version: "November 2026"',
        "has the version 'November 2026'",
    ),
    "placeholder that nobody fills in": (
        CONSENTS,
        "I agree that {helpline}",
        "I agree that {name}",
        "'{name}', which nobody",
    ),
    "dimension that is not there": (INCIDENTS, "{id: relations,", "{id: relatives,", "the dimensions must be"),
}


def broken(folder, file, old, new):
    text = (SHIPPED / file).read_text(encoding="utf-8")
    assert old in text
    path = folder / file
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(("file", "old", "new", "message"), BREAKAGES.values(), ids=BREAKAGES)
def test_a_broken_file_is_refused(tmp_path, file, old, new, message):
    with pytest.raises(KnowledgeError, match=re.escape(message)) as refusal:
        read(broken(tmp_path, file, old, new), *FILES[file])
    assert file in str(refusal.value)


@pytest.mark.parametrize("file", FILES)
def test_an_unbroken_file_is_read(tmp_path, file):
    assert read(broken(tmp_path, file, "schema", "schema"), *FILES[file]).schema.startswith("kb.")


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text\n", "null\n"])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    (tmp_path / SCREEN).write_text(text)
    with pytest.raises(KnowledgeError, match=SCREEN):
        read(tmp_path / SCREEN, *FILES[SCREEN])


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty folder in place of the files; what was loaded before comes back afterwards."""

    def forget():
        knowledge.risk_screen.cache_clear()
        knowledge.incident_types.cache_clear()

    monkeypatch.setattr(knowledge, "FOLDER", tmp_path)
    forget()
    yield tmp_path
    forget()


def test_a_broken_file_stops_the_start_and_says_where(elsewhere):
    broken(elsewhere, INCIDENTS, "schema", "schema")
    broken(elsewhere, SCREEN, "rescreen_hours: 24", "rescreen_hours: no")
    with pytest.raises(KnowledgeError, match=r"risk_screen\.yaml cannot be used: line \d+: 'no' is yes, no, on, off"):
        apps.get_app_config("cases").ready()


def test_a_missing_file_stops_the_start(elsewhere):
    with pytest.raises(KnowledgeError, match=r"incident_types\.yaml cannot be used: .*No such file"):
        apps.get_app_config("cases").ready()
