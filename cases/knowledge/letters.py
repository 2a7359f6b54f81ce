"""What cases/knowledge/letters.yaml holds: letters and phrases to fill in."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cases.knowledge.common import Entry, Review, named
from cases.knowledge.reading import Id, Words

# What the page fills in by itself. Everything in square brackets is for whoever writes.
PLACEHOLDERS = ("{code}", "{date}", "{helpline}", "{person_who_writes}")


@dataclass(frozen=True, kw_only=True)
class Letter(Entry):
    """A letter, or phrases to say; its label is the title."""

    kind: Literal["letter", "phrase"]
    body: Words


@dataclass(frozen=True, kw_only=True)
class Letters:
    """The file."""

    schema: Literal["kb.letters/1"]
    as_of: date
    review: Review
    letters: tuple[Letter, ...]

    def letter(self, code: Id) -> Letter:
        """The letter with this id. Raises KeyError."""
        return named(self.letters, code)
