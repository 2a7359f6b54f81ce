"""Texts as a search compares them: small letters without marks, Serbian in one script."""

import unicodedata
from functools import cache

from accounts.letters import LETTERS

# Cyrillic of Serbian to Latin, and what carries no separable mark; typed without marks, "đ" is "dj".
_LETTERS = str.maketrans(LETTERS | {"ђ": "dj", "đ": "dj", "ѓ": "g", "ќ": "k", "ѕ": "z"})
_NO_MARKS = dict.fromkeys(mark for mark in range(0x300, 0x370))


def fold(text: str) -> str:
    """What is compared: "Ђорђе", "Đorđe" and "DJORDJE" are the same, and so are "është" and "eshte"."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFKD", plain).translate(_NO_MARKS)


def words_of(typed: str) -> list[str]:
    """The words that were typed, folded, each once."""
    return list(dict.fromkeys(fold(typed).split()))


Part = tuple[str, bool]  # a piece of a text, and whether it is a found word


def snippet(text: str, words: list[str], around: int = 70) -> list[Part]:
    """The place of the first found word with some text around it, cut into pieces that are words or not."""
    letters = unicodedata.normalize("NFC", text)
    folded, places = _with_places(letters)
    first = min((at for word in words if (at := folded.find(word)) >= 0), default=0)
    begin = max(0, places[first] - around) if places else 0
    end = min(len(letters), begin + 3 * around)
    marked = _marked(folded, places, words)
    parts: list[Part] = [("… ", False)] if begin else []
    start = begin
    for at in range(begin, end):
        if at > start and (at in marked) != (at - 1 in marked):
            parts.append((letters[start:at], start in marked))
            start = at
    if start < end:
        parts.append((letters[start:end], start in marked))
    return [*parts, (" …", False)] if end < len(letters) else parts


def _with_places(letters: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters the place of the letter that it came from."""
    pieces = [_fold_letter(letter) for letter in letters]
    places = [at for at, piece in enumerate(pieces) for _letter in piece]
    return "".join(pieces), places


@cache
def _fold_letter(letter: str) -> str:
    return fold(letter)


def _marked(folded: str, places: list[int], words: list[str]) -> set[int]:
    """Places of letters that belong to a found word."""
    marked: set[int] = set()
    for word in words:
        at = folded.find(word)
        while at >= 0:
            marked.update(places[at : at + len(word)])
            at = folded.find(word, at + len(word))
    return marked
