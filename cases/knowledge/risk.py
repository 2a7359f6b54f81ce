"""The risk screen's rules applied to answers. Pure functions; a level is a prompt for a person, never a decision.

Answers are given by the id of a question or of a staff flag, as one of `ANSWERS`; what is left out was not asked. Not
asked is never no, and neither is a question that she would rather not answer: both leave a core question open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cases.knowledge import risk_screen
from cases.knowledge.common import Entry
from cases.knowledge.conditions import MINOR, Condition
from cases.knowledge.screen import ANSWERS, NO, NOT_ASKED, YES, Level, Question

STOP = "stop_and_offer_other_time"


@dataclass(frozen=True)
class Match:
    """A rule that holds, so that a page can say why."""

    level: Level
    condition: Condition


@dataclass(frozen=True)
class Assessment:
    """A level with its reasons, the highest first; core questions still open; what her answers call for at once."""

    level: Level
    matches: tuple[Match, ...]
    missing: tuple[Question, ...]
    prompts: tuple[Entry, ...]


def assess(answers: Mapping[str, str], *, minor: bool = False) -> Assessment:
    """The level that these answers lead to. `minor`: it is known already that somebody under 18 is concerned.

    With a core question open the level is unknown, unless a level matches that is answered at least as soon: a first
    yes must not turn two hours into eight. Raises ValueError for an unknown name or answer.
    """
    screen, facts = risk_screen(), _facts(answers, minor)
    matches = [
        Match(screen.level(rules.level), condition)
        for rules in screen.triage.rules
        for condition in rules.any_of
        if condition.holds(facts)
    ]
    matches.sort(key=lambda match: -match.level.order)
    missing = tuple(
        question
        for question in map(screen.question, screen.triage.core_questions)
        if facts.get(question.id) not in (YES, NO) and not _known(question, facts)
    )
    level = matches[0].level if matches else screen.level(screen.triage.otherwise)
    incomplete = screen.level(screen.triage.incomplete)
    if missing and level.first_response_minutes > incomplete.first_response_minutes:
        level = incomplete
    return Assessment(level, tuple(matches), missing, _prompts(facts))


def next_questions(answers: Mapping[str, str], *, minor: bool = False) -> tuple[Question, ...]:
    """What may be asked now: the core questions first, then what an answer led to, then the rest.

    None once she cannot talk safely. Structured questions are left out; they have a form of their own.
    """
    screen, facts = risk_screen(), _facts(answers, minor)
    if any(action.id == STOP for action in _prompts(facts)):
        return ()
    core = screen.triage.core_questions
    open_ones = [
        question
        for question in screen.questions
        if question.kind == "choice"
        and facts.get(question.id, NOT_ASKED) == NOT_ASKED
        and not _known(question, facts)
        and (question.ask_if is None or question.ask_if.holds(facts))
    ]
    open_ones.sort(key=lambda one: core.index(one.id) if one.id in core else len(core) + (one.ask_if is None))
    return tuple(open_ones)


def actions(level: str) -> tuple[Entry, ...]:
    """What a level asks of staff. Raises KeyError, as do the next functions, for an unknown level."""
    screen = risk_screen()
    return tuple(map(screen.action, screen.level(level).actions))


def reassess_at(level: str, at: datetime) -> datetime | None:
    """When the questions are asked again, counted in hours; None: at the next contact. `at` is aware, the result UTC."""
    hours = risk_screen().level(level).rescreen_hours
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return None if hours is None else at.astimezone(UTC) + timedelta(hours=hours)


def is_lower(old: str, new: str) -> bool:
    """Whether going from `old` to `new` is a lowering, which needs a reason and a second person.

    A first rating never is. Taking a rating back to unknown always is: otherwise two steps would do what one may not.
    """
    screen = risk_screen()
    unrated = screen.triage.incomplete
    if unrated in {old, new}:
        return old != unrated
    return screen.level(new).order < screen.level(old).order


def _facts(answers: Mapping[str, str], minor: bool) -> dict[str, str]:
    screen = risk_screen()
    names = {question.id for question in screen.questions if question.kind == "choice"}
    names |= {flag.id for flag in screen.staff_flags}
    for name, value in answers.items():
        if name not in names or value not in ANSWERS:
            raise ValueError("an answer to no question, or no answer")
    said = any(answers.get(question.id) == YES for question in screen.questions if question.flag == MINOR)
    return {**answers, MINOR: YES if minor or said else NOT_ASKED}


def _known(question: Question, facts: Mapping[str, str]) -> bool:
    """Nobody is asked for what is known."""
    return question.flag is not None and facts[question.flag] == YES


def _prompts(facts: Mapping[str, str]) -> tuple[Entry, ...]:
    """What single answers call for at once."""
    screen, codes = risk_screen(), []
    for question in screen.questions:
        codes.append({YES: question.on_yes, NO: question.on_no}.get(facts.get(question.id, "")))
        if _known(question, facts):
            codes.append(question.on_yes)
    return tuple(screen.action(code) for code in dict.fromkeys(codes) if code)
