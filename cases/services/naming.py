"""Texts that may name the survivor: who may open her card is asked before one is stored, or told at her next look.

Whoever may not open the card is told nothing, not even that there is one. What is found and what is not: matching.py.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import audit
from accounts.choices import Action
from accounts.crypto import CannotOpen
from accounts.models import User
from cases.choices import Purpose
from cases.codes import WALL_QUESTIONS
from cases.compartments import TextState
from cases.models import Approval, Case, TextCheck
from cases.services import held, matching
from cases.services.folding import fold
from cases.services.sealed import content, to_person
from cases.services.sealed.keys import NotHeld
from cases.services.sealed.looking import Text

AT_ONCE = 200  # texts that one look goes through; the next look goes on


class Readers(StrEnum):
    """Who reads a text of a case, as the clauses UNTOLD and WALL_QUESTION of its row have it."""

    EVERYBODY = "everybody"
    HOLDERS = "holders"
    SECONDS = "seconds"
    LAWYER = "lawyer"


class NamesHer(Exception):
    """Values of the card stand in what she wrote: nothing is stored yet. Carries kinds, never values."""

    def __init__(self, case_id: UUID, kinds: list[str], readers: Readers) -> None:
        super().__init__()
        self.case_id, self.kinds, self.readers = case_id, kinds, readers


class Looking:
    """What one request looks at before a text of a case is stored; opens each card once."""

    def __init__(self, *, meant: bool) -> None:
        """`meant`: she was asked and says that it has to stand there."""
        self.meant = meant
        self.known: dict[UUID, frozenset[matching.Said]] = {}

    def __call__(self, text: Text, by: User) -> bool:
        """Raises NamesHer. False: could not be looked at, or waits already, so somebody looks at it later."""
        if self.meant:
            return True
        if text.case_id not in self.known:
            try:
                self.known[text.case_id] = held.said_of_case(case_id=text.case_id, by=by)
            except (NotHeld, CannotOpen):
                return False
        known = self.known[text.case_id]
        if not (kinds := kinds_in(text.value, known)):
            return True
        before = _before(text, by)
        if before is None or set(kinds) - set(kinds_in(before, known)) or _more(text.value, before, known):
            raise NamesHer(text.case_id, kinds, readers_of(text))
        # Nothing that did not stand there before: she is not asked again about what she left.
        seen = TextCheck.objects.filter(record_id=text.record_id, field=text.field)
        return seen.filter(state__in=(TextState.CLEAR, TextState.KEPT)).exists()

    def found_in(self, text: str) -> list[str]:
        """What of a card that was opened stands in this text, as it is written there, each once."""
        found = (word for known in self.known.values() for word in matching.found_in(text, known))
        return list({fold(word): word for word in found}.values())


def _more(value: Any, before: Any, known: frozenset[matching.Said]) -> bool:
    """Whether something of the card stands in a value more often than before."""
    now, then = (
        Counter(fold(word) for word in matching.found_in("\n".join(_texts(one)), known)) for one in (value, before)
    )
    return bool(now - then)


def _before(text: Text, by: User) -> Any:
    """What stands there until now; nothing where it is new, or cannot be opened."""
    with suppress(NotHeld, CannotOpen):
        opened = content.read(case_id=text.case_id, record_ids=[text.record_id], purpose=Purpose.CONTENT, by=by)
        return opened.get((text.record_id, text.field))
    return None


def readers_of(text: Text) -> Readers:
    """Who will read it: why somebody must not see a case is not for everybody on it; a slip is for one who is not on it."""
    if text.field == to_person.SLIP:
        return Readers.LAWYER
    if text.field == "wall.reason":
        return Readers.HOLDERS
    if text.field == "approval.reason":
        about_a_wall = Approval.objects.filter(pk=text.record_id, kind__in=WALL_QUESTIONS)
        return Readers.SECONDS if about_a_wall.exists() else Readers.EVERYBODY
    return Readers.EVERYBODY


def kinds_in(value: Any, known: frozenset[matching.Said]) -> list[str]:
    """Kinds of the card that stand in a sealed value, whatever its form."""
    return matching.kinds_in("\n".join(_texts(value)), known) if known else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, Iterable):
        for one in value:
            yield from _texts(one)


def look_through(*, case: Case, by: User) -> list[TextCheck]:
    """Compare what was written since the last look with the card; returns texts that may name her, oldest first.

    Nothing for whoever may not open the card: PostgreSQL shows her no rows.
    """
    waiting = list(
        TextCheck.objects.filter(case=case, state=TextState.UNCHECKED).order_by("written_at", "pk")[:AT_ONCE]
    )
    if waiting:
        with suppress(NotHeld, CannotOpen):  # then they wait on
            _compare(case, waiting, by)
    found = TextCheck.objects.filter(case=case, state=TextState.NAMES).select_related("written_by")
    return list(found.order_by("written_at", "pk"))


def _compare(case: Case, waiting: list[TextCheck], by: User) -> None:
    known = held.said_of_case(case_id=case.pk, by=by)
    ids = {check.record_id for check in waiting}
    texts = content.read(case_id=case.pk, record_ids=ids, purpose=Purpose.CONTENT, by=by) if known else {}
    if known:  # what she could not open was not compared: it waits for somebody who can
        waiting = [check for check in waiting if (check.record_id, check.field) in texts]
    naming = {check.pk for check in waiting if kinds_in(texts.get((check.record_id, check.field)), known)}
    for state, rows in (
        (TextState.NAMES, naming),
        (TextState.CLEAR, {check.pk for check in waiting} - naming),
    ):
        if rows:
            TextCheck.objects.filter(pk__in=rows, state=TextState.UNCHECKED).update(
                state=state, checked_at=timezone.now()
            )


def keep_text(*, check: TextCheck, by: User) -> None:
    """She has looked at it: it stays as it is, and is not shown again until it or the card changes."""
    with audit.unit() as entries:
        kept = TextCheck.objects.filter(pk=check.pk, state=TextState.NAMES)
        if kept.update(state=TextState.KEPT, checked_at=timezone.now()):
            entries.record(Action.NAMING_KEPT, check.case_id)
