"""Search by words in her own open cases. There is no index of what is sealed: texts are opened and looked through.

One step takes about a quarter of a second and hands back where it stands, signed, so that each search is in the log
once and cannot go on with other words. What was looked for is never stored.
"""

from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from uuid import UUID

from django.core import signing

from accounts import audit
from accounts.choices import Action
from accounts.exceptions import NotAllowed
from accounts.models import User
from cases.services.casework import TEXTS
from cases.services.folding import Part, fold, snippet, words_of
from cases.services.sealed import content

SECONDS = 0.1  # of looking; with the page around it a step takes a quarter of a second at most
ENOUGH = 20  # cases with something found: shown at once, then it goes on
STEP = 8  # cases opened at once
SHOWN_OF_A_CASE = 3
FIELDS = TEXTS | {"case.title", "case.summary", "case.told"}
VALID = 60 * 60  # seconds in which a search goes on


@dataclass(frozen=True)
class Hit:
    """A text in which all words stand."""

    case_id: UUID
    record_id: UUID
    field: str
    written_at: datetime
    text: str
    words: list[str]

    @property
    def parts(self) -> list[Part]:
        """Its snippet, made only where it is shown."""
        return snippet(self.text, self.words)


@dataclass(frozen=True)
class Search:
    """A search and how far it has come: codes are not in it, ids of cases are."""

    words: str
    left: list[UUID]
    total: int
    beyond: int  # open cases that are not looked through: older ones
    found: list[UUID] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.total - len(self.left)

    def only(self, visible: set[UUID]) -> "Search":
        """The same without cases that she does not see any more."""
        left, found = ([one for one in ids if one in visible] for ids in (self.left, self.found))
        return Search(self.words, left, self.total, self.beyond, found)

    def signed(self, by: User) -> str:
        held = [self.words, [one.hex for one in self.left], self.total, self.beyond, [one.hex for one in self.found]]
        return signing.dumps(held, salt=_salt(by), compress=True)


def _salt(by: User) -> str:
    return f"search:{by.pk}"


def begin(*, words: str, case_ids: list[UUID], beyond: int, by: User) -> Search:
    """Begin to look for words in these cases; one entry in the log, without the words."""
    with audit.unit() as entries:
        entries.record(Action.CASES_SEARCHED, "", detail="words")
    return Search(words, case_ids, len(case_ids), beyond)


def resume(*, token: str, by: User) -> Search:
    """Where an earlier step stopped. Raises NotAllowed for anything that this page did not hand out to her."""
    try:
        words, left, total, beyond, found = signing.loads(token, salt=_salt(by), max_age=VALID)
    except signing.BadSignature:
        raise NotAllowed from None
    return Search(words, [UUID(one) for one in left], total, beyond, [UUID(one) for one in found])


def go_on(*, search: Search, again: bool, by: User) -> tuple[Search, list[Hit]]:
    """Look through as many cases as fit into one step; `again` shows earlier finds anew."""
    words = words_of(search.words)
    until = perf_counter() + SECONDS
    hits = _look(search.found, words, by) if again and search.found else []
    left = search.left
    fresh: list[Hit] = []
    while left:
        fresh += _look(left[:STEP], words, by)
        left = left[STEP:]
        if perf_counter() >= until or len({hit.case_id for hit in fresh}) >= ENOUGH:
            break
    seen = [*search.found, *dict.fromkeys(hit.case_id for hit in fresh)]
    return Search(search.words, left, search.total, search.beyond, seen), hits + fresh


def _look(case_ids: list[UUID], words: list[str], by: User) -> list[Hit]:
    """Texts of these cases in which all words stand, in the order of the cases, the newest first in each."""
    order = {case_id: place for place, case_id in enumerate(case_ids)}
    texts = content.read_texts(case_ids=case_ids, fields=FIELDS, by=by)
    found = [text for text in texts if isinstance(text.value, str) and _holds(text.value, words)]
    found.sort(key=lambda text: (order[text.case_id], -text.written_at.timestamp()))
    return [Hit(text.case_id, text.record_id, text.field, text.written_at, text.value, words) for text in found]


def titles(*, case_ids: list[UUID], by: User) -> dict[UUID, str]:
    """Working titles of the cases in which something was found."""
    return content.read_fields(field="case.title", records={case_id: case_id for case_id in case_ids}, by=by)


def _holds(text: str, words: list[str]) -> bool:
    folded = fold(text)
    return all(word in folded for word in words)
