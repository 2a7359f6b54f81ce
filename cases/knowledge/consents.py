"""What cases/knowledge/consents.yaml holds: what she is asked to agree to, and what stops when she takes it back."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cases.knowledge.common import Review, named
from cases.knowledge.reading import Id, Words

HELPLINE = "{helpline}"  # the one thing that the page fills in


@dataclass(frozen=True, kw_only=True)
class ConsentText:
    """The wording for one purpose; `id` is a ConsentPurpose."""

    id: Id
    version: str
    text: Words
    stops: Words  # what ends when she withdraws, for whoever works with her


@dataclass(frozen=True, kw_only=True)
class Consents:
    """The file; purposes in the order in which they are asked."""

    schema: Literal["kb.consents/1"]
    as_of: date
    review: Review
    purposes: tuple[ConsentText, ...]

    def purpose(self, code: str) -> ConsentText:
        """The wording for this purpose. Raises KeyError."""
        return named(self.purposes, code)
