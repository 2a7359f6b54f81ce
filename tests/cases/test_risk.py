"""The risk screen: every rule decides, not asked is never no, one more yes to a danger never lowers anything."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.choices import Risk
from cases.knowledge import risk_screen
from cases.knowledge.risk import actions, assess, is_lower, next_questions, reassess_at
from cases.knowledge.screen import ANSWERS
from cases.services.clocks import TARGETS

SCREEN = risk_screen()
CORE = SCREEN.triage.core_questions
CHOICES = [question for question in SCREEN.questions if question.kind == "choice"]
NAMES = [*(question.id for question in CHOICES), *(flag.id for flag in SCREEN.staff_flags)]
DANGERS = [name for name in NAMES if name not in {question.id for question in CHOICES if question.protective}]
RULES = [(rules.level, condition) for rules in SCREEN.triage.rules for condition in rules.any_of]
CALM = {"sc1": "yes", "ag1": "no", "su2": "no", "ph2": "no", "ph3": "no"}

some_answers = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(ANSWERS))


def level(answers, minor=False):
    return assess(answers, minor=minor).level.id


# --- One list of levels -----------------------------------------------------------------------
def test_levels_and_targets_are_those_of_the_clocks():
    minutes = {level.id: level.first_response_minutes for level in SCREEN.levels}
    assert minutes == {"immediate": 15, "high": 120, "elevated": 480, "standard": 1440, "unknown": 120}
    assert {Risk(code): timedelta(minutes=number) for code, number in minutes.items()} == TARGETS


def test_the_core_questions():
    assert CORE == ("sc1", "ag1", "su2", "ph2", "ph3")


# --- Rules ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("code", "condition"), RULES, ids=[f"{code}: {rule.text}" for code, rule in RULES])
def test_every_rule_decides_a_level(code, condition):
    answers = CALM | {term.name: term.value for term in condition.terms if term.name != "minor"}
    found = assess(answers, minor=any(term.name == "minor" for term in condition.terms))
    assert found.level.id == code
    assert condition in [match.condition for match in found.matches if match.level.id == code]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, "unknown"),
        (CALM, "standard"),
        (CALM | {"sc1": "not_asked"}, "unknown"),
        (CALM | {"su2": "prefers_not_to_say"}, "unknown"),
        (CALM | {"su2": "yes"}, "elevated"),
        (CALM | {"su2": "yes", "su8": "no"}, "high"),
        (CALM | {"su2": "yes", "su8": "not_asked"}, "elevated"),
        (CALM | {"su2": "yes", "su8": "prefers_not_to_say"}, "elevated"),
        (CALM | {"ph2": "yes"}, "high"),
        (CALM | {"ph2": "yes", "ph3": "yes"}, "immediate"),
        (CALM | {"co1": "no"}, "elevated"),
        (CALM | {"co1": "not_asked"}, "standard"),
        (CALM | {"ag1": "yes"}, "elevated"),
        (CALM | {"ag1": "yes", "di1": "yes"}, "high"),
        ({"attempt_in_progress": "yes"}, "immediate"),
        ({"su5": "yes"}, "immediate"),
        ({"su3": "yes"}, "high"),
        ({"su1": "yes"}, "unknown"),
    ],
)
def test_levels_of_answers(answers, expected):
    assert level(answers) == expected


def test_a_level_says_why_the_highest_reason_first():
    found = assess(CALM | {"ph2": "yes", "ph3": "yes", "su1": "yes"})
    assert [(match.level.id, match.condition.text) for match in found.matches] == [
        ("immediate", "ph2 == 'yes' and ph3 == 'yes'"),
        ("high", "ph2 == 'yes'"),
        ("elevated", "su1 == 'yes'"),
    ]
    assert [term.name for term in found.matches[0].condition.terms] == ["ph2", "ph3"]


def test_a_reason_is_told_while_the_level_is_still_unknown():
    found = assess({"sc1": "yes", "su1": "yes"})
    assert [match.condition.text for match in found.matches] == ["su1 == 'yes'"]
    assert [question.id for question in found.missing] == ["ag1", "su2", "ph2", "ph3"]


def test_a_minor_who_is_known_need_not_be_asked():
    without = {name: value for name, value in CALM.items() if name != "ag1"}
    assert level(without) == "unknown"
    found = assess(without, minor=True)
    assert (found.level.id, found.missing) == ("elevated", ())
    assert [prompt.id for prompt in found.prompts] == ["minor_protocol"]
    assert level(without | {"di3": "yes"}, minor=True) == "high"
    assert level(CALM, minor=True) == "elevated"  # what is known beats an answer


def test_what_an_answer_calls_for_at_once():
    assert assess(CALM).prompts == ()
    assert [prompt.id for prompt in assess({"sc1": "no"}).prompts] == ["stop_and_offer_other_time"]
    assert [prompt.id for prompt in assess({"ag1": "yes"}).prompts] == ["minor_protocol"]


@pytest.mark.parametrize("answers", [{"su99": "yes"}, {"su2": "maybe"}, {"sc3": "yes"}, {"su2": ""}, {"minor": "yes"}])
def test_an_answer_that_is_none_is_an_error(answers):
    with pytest.raises(ValueError, match="an answer to no question"):
        assess(answers)


# --- Properties -------------------------------------------------------------------------------
@given(some_answers, st.booleans(), st.sampled_from(DANGERS))
def test_one_more_yes_to_a_danger_never_lowers_the_level(answers, minor, name):
    assert not is_lower(level(answers, minor), level(answers | {name: "yes"}, minor))


@given(some_answers, st.booleans(), st.sampled_from([name for name in DANGERS if name not in CORE]))
def test_one_more_yes_to_a_danger_never_makes_anybody_wait_longer(answers, minor, name):
    before, after = (assess(given, minor=minor).level for given in (answers, answers | {name: "yes"}))
    assert after.first_response_minutes <= before.first_response_minutes


@given(some_answers)
def test_knowing_that_she_is_a_minor_never_lowers_the_level(answers):
    assert not is_lower(level(answers), level(answers, minor=True))


@given(some_answers.flatmap(lambda answers: st.tuples(st.just(answers), st.permutations(list(answers)))))
def test_the_order_of_answering_does_not_matter(case):
    answers, order = case
    so_far = {}
    for name in order:
        so_far[name] = answers[name]
        assess(so_far)
    assert assess(so_far) == assess(answers)


@given(some_answers)
def test_not_asked_is_the_same_as_left_out(answers):
    asked = {name: value for name, value in answers.items() if value != "not_asked"}
    assert assess(answers) == assess(asked)
    assert next_questions(answers) == next_questions(asked)


@given(some_answers, st.sampled_from(NAMES), st.sampled_from(["not_asked", "prefers_not_to_say"]))
def test_a_rule_never_holds_because_of_silence(answers, name, silence):
    given_up = {match.condition.text for match in assess(answers | {name: silence}).matches}
    answered = assess({key: value for key, value in answers.items() if key != name}).matches
    assert given_up == {match.condition.text for match in answered}


@given(some_answers)
def test_standard_needs_every_core_question_answered(answers):
    if level(answers) in ("standard", "elevated"):
        assert all(answers[name] in ("yes", "no") for name in CORE)


# --- What is asked next -----------------------------------------------------------------------
def test_the_core_questions_come_first_and_in_their_order():
    assert [question.id for question in next_questions({})[:5]] == list(CORE)
    assert next_questions({"sc1": "yes"})[0].id == "ag1"
    assert next_questions({"sc1": "yes", "ag1": "no"})[0].id == "su2"


def test_what_depends_on_an_answer_is_asked_only_then_and_before_the_rest():
    codes = [question.id for question in next_questions(CALM)]
    assert codes[:2] == ["sc2", "su1"]
    assert not {"su3", "su4", "su5", "su7"} & set(codes)
    assert [question.id for question in next_questions(CALM | {"su2": "yes"})[:4]] == ["su3", "su4", "su5", "sc2"]
    assert next_questions(CALM | {"su6": "yes"})[0].id == "su7"


def test_nothing_more_is_asked_when_she_cannot_talk_safely():
    assert next_questions({"sc1": "no"}) == ()
    assert level({"sc1": "no"}) == "unknown"


def test_what_she_would_rather_not_say_is_not_asked_again():
    assert "su2" not in [question.id for question in next_questions(CALM | {"su2": "prefers_not_to_say"})]


def test_a_known_minor_is_not_asked_for_her_age():
    assert "ag1" not in [question.id for question in next_questions({}, minor=True)]


@given(st.lists(st.sampled_from(["yes", "no", "prefers_not_to_say"]), min_size=len(NAMES), max_size=len(NAMES)))
def test_asking_comes_to_an_end(replies):
    answers = {}
    while asked := next_questions(answers):
        assert asked[0].id not in answers
        answers[asked[0].id] = replies[len(answers)]
    assert len(answers) <= len(CHOICES)


# --- Levels -----------------------------------------------------------------------------------
def test_every_level_asks_something_of_staff():
    assert actions("immediate")[0].id == "stay_in_contact"
    assert all(actions(code) for code in Risk.values)
    with pytest.raises(KeyError):
        actions("grave")


@pytest.mark.parametrize(("code", "hours"), [("immediate", 24), ("high", 48), ("elevated", 168)])
def test_when_the_questions_are_asked_again(code, hours):
    at = datetime(2026, 3, 28, 23, 0, tzinfo=ZoneInfo("Europe/Belgrade"))  # the night of the change to summer time
    assert reassess_at(code, at) == datetime(2026, 3, 28, 22, 0, tzinfo=UTC) + timedelta(hours=hours)


def test_the_lower_levels_are_asked_again_at_the_next_contact():
    at = datetime(2026, 3, 28, tzinfo=UTC)
    assert reassess_at("standard", at) is None
    assert reassess_at("unknown", at) is None
    with pytest.raises(ValueError, match="without its zone"):
        reassess_at("high", datetime(2026, 3, 28))  # noqa: DTZ001 - a naive moment on purpose


LOWERINGS = {
    ("immediate", "high"), ("immediate", "elevated"), ("immediate", "standard"), ("immediate", "unknown"),
    ("high", "elevated"), ("high", "standard"), ("high", "unknown"),
    ("elevated", "standard"), ("elevated", "unknown"), ("standard", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("old", Risk.values)
@pytest.mark.parametrize("new", Risk.values)
def test_what_is_a_lowering(old, new):
    assert is_lower(old, new) == ((old, new) in LOWERINGS)


def test_no_two_steps_do_what_one_may_not():
    for old in Risk.values:
        for middle in Risk.values:
            for new in Risk.values:
                if is_lower(old, new):
                    assert is_lower(old, middle) or is_lower(middle, new)
