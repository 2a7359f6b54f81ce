"""To whom a consent says something, as it is compared: the same name in another script or spelling. Pure functions."""

import re
import unicodedata

from cases.services.folding import fold

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC, _OTHER = re.compile(r"[\u0400-\u04FF]"), re.compile(r"[^\W\d_\u0400-\u04FF]")
# Cyrillic letters that look like Latin ones; in a word of one script each letter is read as what it is.
_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТУХаеорсухЅѕІіЈј", "ABEKMHOPCTYXaeopcyxSsIiJj")
# Shared by many names, so they say nothing about who it is.
_SAYS_NOTHING = frozenset({"the", "and", "of", "for", "za", "od", "dr", "mr", "ms", "adv"})


def same_name(recipient: str) -> str:
    """A name as it is compared: neither capitals, marks, script, blanks nor what stands at its end make a difference."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", recipient) if not _is_unseen(letter))
    words = (fold(_WORD.sub(lambda found: _one_script(found[0]), word)) for word in plain.split())
    return " ".join(words).rstrip(" .,;:!?-–—")


def may_be_the_same(one: str, other: str) -> bool:
    """Whether two names that are not the same share a word: "Lana P." may be "Lana", only a person can say."""
    return bool(_telling(one) & _telling(other))


def _telling(name: str) -> set[str]:
    words = _WORD.findall(same_name(name))
    return {word for word in words if len(word) > 1} - _SAYS_NOTHING


def _is_unseen(letter: str) -> bool:
    """Marks of direction and joints between letters: nobody sees them."""
    return unicodedata.category(letter) == "Cf"


def _one_script(word: str) -> str:
    """A word in which two scripts stand is read as it looks."""
    return word.translate(_LOOK_ALIKE) if _CYRILLIC.search(word) and _OTHER.search(word) else word
