"""The conditions of rules: answers joined by "and". Read once, when the file is loaded; anything else is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

MINOR = "minor"  # the one fact that stands alone in a condition
_TERM = re.compile(r"([a-z][a-z0-9_]*) == '(yes|no)'")


class Term(NamedTuple):
    """A fact and the answer that it must have."""

    name: str
    value: str


@dataclass(frozen=True)
class Condition:
    """True when every term is."""

    text: str
    terms: tuple[Term, ...]

    def holds(self, facts: Mapping[str, str]) -> bool:
        return all(facts.get(term.name) == term.value for term in self.terms)


def parse(text: str) -> Condition:
    """Read "su2 == 'yes' and su8 == 'no'" or "minor and di1 == 'yes'". Raises ValueError."""
    terms = tuple(_term(part, text) for part in text.split(" and "))
    if len({term.name for term in terms}) < len(terms):
        raise ValueError(f"the same thing is asked twice in {text!r}")
    return Condition(text, terms)


def _term(part: str, text: str) -> Term:
    if part == MINOR:
        return Term(MINOR, "yes")
    found = _TERM.fullmatch(part)
    if not found:
        raise ValueError(f"{part!r} in {text!r} is not understood; write name == 'yes' or name == 'no', joined by and")
    return Term(found[1], found[2])
