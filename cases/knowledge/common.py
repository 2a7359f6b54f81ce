"""What all knowledge files share: entries with labels, state of review, sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from cases.knowledge.reading import Id, Words

Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A code and what people read for it."""

    id: Id
    label: Words


@dataclass(frozen=True, kw_only=True)
class Review:
    """Who has looked at the file so far; a draft is shown as a draft."""

    status: Literal["draft", "in_review", "reviewed", "superseded"]
    reviewed: bool
    needs: str


@dataclass(frozen=True, kw_only=True)
class Source:
    id: Id
    title: str
    url: str | None = None


class _HasId(Protocol):
    @property
    def id(self) -> Id: ...


Named = TypeVar("Named", bound=_HasId)


def named(entries: Iterable[Named], code: str) -> Named:
    """The entry with this id. Raises KeyError."""
    for entry in entries:
        if entry.id == code:
            return entry
    raise KeyError(code)


def label(entry: Entry | Words, language_code: str) -> str:
    """The words of an entry in a language of the pages; English where a file has no words in that language."""
    words = entry.label if isinstance(entry, Entry) else entry
    return words.get(language_code.lower(), words["en"])
