"""Values that say who somebody is, in the exact form in which they are compared. Pure functions.

What is found: numbers with or without country and spaces, e-mail and handles without regard to capitals, @ or the
address before them, full names in either order and script, and in a text each word of a name with three letters or
more. What is not: case endings ("Milice"), short names, spellings that differ, numbers written as words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cases.compartments import EntryKind
from cases.services.conversation import read_conversation
from cases.services.folding import fold

HOME = "381"  # a number that begins with a single 0 is one of Serbia
SHORTEST_NAME, SHORTEST_HANDLE, SHORTEST_NUMBER = 3, 3, 6
CONTACT_KINDS = (EntryKind.PHONE, EntryKind.EMAIL, EntryKind.HANDLE)
KINDS = (EntryKind.NAME, *CONTACT_KINDS)  # what is compared of a card

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NAME_ON_A_PLATFORM = re.compile(r"[\w.]+")


@dataclass(frozen=True)
class Said:
    """One value of a card, normalised: `exact` is all of it, `words` those that give a name away in a text."""

    kind: str
    exact: str
    words: frozenset[str] = frozenset()


def normalised(contacts: Mapping[str, object]) -> frozenset[str]:
    """The exact values to compare: digits with country, e-mail and handles in lower case without @ or address."""
    return contacts_in("\n".join(value for value in contacts.values() if isinstance(value, str)))


def contacts_in(text: str) -> frozenset[str]:
    """Every number, e-mail address and handle that stands in a text as people write them."""
    found = read_conversation(text)
    return frozenset({_number(phone) for phone in found.phones} | {_handle(other) for other in found.others})


def contacts_to_note(text: str) -> list[tuple[EntryKind, str]]:
    """Numbers, addresses and handles as they were written, each with the kind of entry that it would be."""
    found = read_conversation(text)
    others = [(EntryKind.EMAIL if "@" in other[1:] else EntryKind.HANDLE, other) for other in found.others]
    return [*((EntryKind.PHONE, phone) for phone in found.phones), *others]


def said(entry: Mapping[str, str]) -> frozenset[Said]:
    """What an entry of a card is compared by; nothing for kinds that are not compared."""
    kind, value = entry.get("kind", ""), entry.get("value", "")
    if kind == EntryKind.NAME:
        exact = name_of(value)
        return frozenset({Said(kind, exact, _telling(exact))} if exact else ())
    if kind in CONTACT_KINDS:
        return frozenset(Said(kind, exact) for exact in _contacts(kind, value) if exact)
    return frozenset()


def typed(text: str) -> tuple[frozenset[str], str]:
    """What somebody looks for: as contacts, and as a full name."""
    found = set(contacts_in(text))
    if not found and len(text.split()) == 1:
        found.add(_handle(text.strip()))
    if not re.search(r"[^\W\d_]", text) and len(re.sub(r"\D", "", text)) >= SHORTEST_NUMBER:
        found = {_number(text)}
    return frozenset(filter(None, found)), name_of(text)


def name_of(text: str) -> str:
    """A full name in a form in which neither order, capitals, marks nor script matter."""
    return " ".join(sorted(words_in(text)))


def words_in(text: str) -> list[str]:
    """The words of a text, folded."""
    return _WORD.findall(fold(text))


def kinds_in(text: str, known: Iterable[Said]) -> list[str]:
    """Kinds of values of a card that stand in a text, in the order of the closed list; empty for most texts."""
    words, contacts = frozenset(words_in(text)), contacts_in(text)
    handles = {part.strip(".") for part in _NAME_ON_A_PLATFORM.findall(text.lower())}
    found = {one.kind for one in known if one.words & words or one.exact in contacts or _is_handle(one, handles)}
    return [str(kind) for kind in KINDS if kind in found]


def found_in(text: str, known: Iterable[Said]) -> list[str]:
    """What of a card stands in a text, as it is written there: a word as often as it stands there."""
    text, known = unicodedata.normalize("NFC", text), list(known)
    words = {word for one in known for word in one.words}
    exact = {one.exact for one in known}
    names = [word for word in _WORD.findall(text) if words.intersection(words_in(word))]
    contacts = [
        written
        for kind, written in contacts_to_note(text)
        if (_number(written) if kind == EntryKind.PHONE else _handle(written)) in exact
    ]
    handles = [part.strip(".") for part in _NAME_ON_A_PLATFORM.findall(text)]
    others = [part for part in handles if any(_is_handle(one, {part.lower()}) for one in known)]
    return names + contacts + [part for part in others if not any(part in written for written in contacts)]


def _is_handle(one: Said, handles: set[str]) -> bool:
    return one.kind == EntryKind.HANDLE and len(one.exact) >= SHORTEST_HANDLE and one.exact in handles


def _telling(name: str) -> frozenset[str]:
    return frozenset(word for word in name.split() if len(word) >= SHORTEST_NAME)


def _contacts(kind: str, value: str) -> frozenset[str]:
    """Numbers, addresses or handles of an entry; one that is not written as people dial it counts by its digits."""
    if found := contacts_in(value):
        return found
    if kind == EntryKind.PHONE:
        digits = re.sub(r"\D", "", value)
        return frozenset({_number(digits)} if len(digits) >= SHORTEST_NUMBER else ())
    first = value.split()[:1]
    return frozenset(_handle(one) for one in first)


def _number(phone: str) -> str:
    digits = re.sub(r"\D", "", phone.replace("(0)", ""))
    if phone.strip().startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    return HOME + digits[1:] if digits.startswith("0") else digits


def _handle(other: str) -> str:
    if "/" in other:
        rest = other.rsplit("/", 1)[1].lstrip("+")
        return rest.lower()
    return other.lstrip("@").lower()
