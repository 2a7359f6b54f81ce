"""Serbian is written once, in Cyrillic; its Latin form is derived letter by letter."""

import re

LETTERS = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
LETTERS |= {"љ": "lj", "њ": "nj", "џ": "dž"}
CYRILLIC = re.compile(r"https?://\S+|[\u0400-\u04FF]+")


def latin(text: str) -> str:
    """Serbian Cyrillic in Latin letters. Everything else stays: Latin passages, placeholders, tags, addresses."""
    return CYRILLIC.sub(lambda found: found[0] if "://" in found[0] else _word(found[0]), text)


def _word(word: str) -> str:
    return "".join(_letter(word, at) for at in range(len(word)))


def _letter(word: str, at: int) -> str:
    """One letter. A capital that becomes two is "Lj", and "LJ" where its neighbours are capitals: ЉУБАВ, КОЊ."""
    letter = word[at]
    small = LETTERS.get(letter.lower())
    if small is None:
        raise ValueError(f"not a letter of Serbian Cyrillic: {letter!r} in {word!r}")
    if not letter.isupper():
        return small
    neighbour = word[at + 1 : at + 2] or word[max(at - 1, 0) : at]
    return small.upper() if neighbour.isupper() else small[0].upper() + small[1:]
