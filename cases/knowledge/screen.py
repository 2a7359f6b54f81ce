"""What cases/knowledge/risk_screen.yaml holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cases.knowledge.common import Confidence, Entry, Review, Source, named
from cases.knowledge.conditions import Condition
from cases.knowledge.reading import Id, Words

ANSWERS = YES, NO, NOT_ASKED, PREFERS_NOT_TO_SAY = "yes", "no", "not_asked", "prefers_not_to_say"


@dataclass(frozen=True, kw_only=True)
class Level:
    """How soon somebody answers, what is done, and after how many hours the questions are asked again."""

    id: Id
    order: int
    first_response_minutes: int
    actions: tuple[Id, ...]
    rescreen_hours: int | None = None  # absent: at the next contact
    human_now: bool = False


@dataclass(frozen=True, kw_only=True)
class Question(Entry):
    """`structured` ones are not answered by yes or no and have a form of their own."""

    kind: Literal["choice", "structured"] = "choice"
    protective: bool = False  # a yes speaks for safety
    ask_if: Condition | None = None
    flag: Literal["minor"] | None = None
    on_yes: Id | None = None
    on_no: Id | None = None


@dataclass(frozen=True, kw_only=True)
class Section(Entry):
    questions: tuple[Question, ...]
    intro: Words | None = None


@dataclass(frozen=True, kw_only=True)
class StaffFlag(Entry):
    """What staff say without asking; given like an answer."""

    meaning: Words


@dataclass(frozen=True, kw_only=True)
class Rules:
    level: Id
    any_of: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Triage:
    core_questions: tuple[Id, ...]
    incomplete: Id
    otherwise: Id
    rules: tuple[Rules, ...]


@dataclass(frozen=True, kw_only=True)
class StaffCare:
    """Proposals for the organisation to change."""

    daily_limit_new_ibsa_cases: int
    debrief_after: tuple[Id, ...]
    no_image_viewing_rule: bool
    supervision_every_days: int
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class RiskScreen:
    """The file."""

    schema: Literal["kb.risk_screen/1"]
    as_of: date
    review: Review
    licence_note: str
    label_confidence_by_language: Mapping[str, Confidence]
    principles: tuple[Entry, ...]
    answers: tuple[Entry, ...]
    levels: tuple[Level, ...]
    actions: tuple[Entry, ...]
    rescreen_on: tuple[Entry, ...]
    sections: tuple[Section, ...]
    staff_flags: tuple[StaffFlag, ...]
    triage: Triage
    minor_protocol: tuple[Entry, ...]
    safety_plan_items: tuple[Entry, ...]
    language_do: tuple[Entry, ...]
    language_do_not: tuple[Entry, ...]
    staff_care: StaffCare
    sources: tuple[Source, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in the order of the file."""
        return tuple(question for section in self.sections for question in section.questions)

    def question(self, code: str) -> Question:
        """The question with this id. Raises KeyError, as do the next two."""
        return named(self.questions, code)

    def level(self, code: str) -> Level:
        return named(self.levels, code)

    def action(self, code: str) -> Entry:
        return named(self.actions, code)
