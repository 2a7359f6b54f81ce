"""What cases/knowledge/incident_types.yaml holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cases.knowledge.common import Confidence, Entry, Review, Source, named
from cases.knowledge.reading import Id


@dataclass(frozen=True, kw_only=True)
class IncidentType(Entry):
    """A type of incident. `hard_stop`: a child is concerned, ordinary handling ends."""

    group: Id
    label_confidence: Confidence
    map: Mapping[str, str] | None = None
    hard_stop: bool = False


@dataclass(frozen=True, kw_only=True)
class Attribute(Entry):
    """Something noted about the images, with its possible values."""

    values: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class IncidentTypes:
    """The file. `synonyms_search_only` are for finding and are never shown."""

    schema: Literal["kb.incident_types/1"]
    as_of: date
    review: Review
    licence_note: str
    language_note: str
    label_confidence_by_language: Mapping[str, Confidence]
    synonyms_search_only: tuple[str, ...]
    frameworks: Mapping[str, str]
    multi_select: bool
    dimensions: tuple[Entry, ...]
    groups: tuple[Entry, ...]
    types: tuple[IncidentType, ...]
    image_attributes: tuple[Attribute, ...]
    contexts: tuple[Entry, ...]
    relations: tuple[Entry, ...]
    channels: tuple[Entry, ...]
    outcomes: tuple[Entry, ...]
    minimum_profile_for_statistics: tuple[Id, ...]
    sources: tuple[Source, ...]

    def type(self, code: str) -> IncidentType:
        """The type with this id. Raises KeyError."""
        return named(self.types, code)
