"""What a pasted conversation shows of how to reach her. Pure functions; whatever they find is proposed, never taken.

Known forms: exports of WhatsApp, Viber and Telegram (the first speaker), numbers, e-mail addresses, t.me links and
@names anywhere in the text.
"""

import re
from dataclasses import dataclass

# The head of a message, up to the speaker's name: a day, a time, and what stands around them.
_DAY = r"\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}\.?"
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?"
_SPEAKERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^\[\s?{_DAY},?\s+{_TIME}\s?\]\s*(?P<name>[^:\n]{{1,60}}):\s",  # WhatsApp (iPhone), Viber
        rf"^{_DAY},?\s+{_TIME}\s+[-–]\s+(?P<name>[^:\n]{{1,60}}):\s",  # WhatsApp (Android)
        rf"^(?P<name>[^,\n]{{1,60}}), \[{_DAY},?\s+{_TIME}\s?\]:?",  # Telegram
    )
)
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202c\ufeff"))  # direction marks that exports put before lines
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?:https?://)?(?:t\.me|telegram\.me|wa\.me)/\+?\w{3,64}", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@./])@[A-Za-z]\w{2,31}(?:\.\w{1,31})*")
_PHONE = re.compile(r"(?<![\w@/.:])(?:\+|00)?\d(?:[\s/().-]{0,2}\d){7,14}(?![\w@])")
# A date in the text, never a piece of a number: 064/123-45-67 holds none, 21/11-26 is one.
_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = rf"(?:{_NUMBER}[./-]\s?{_NUMBER}[./-]\s?(?:\d{{4}}|\d{{2}})|\d{{4}}[./-]\s?{_NUMBER}[./-]\s?{_NUMBER})\.?"
_WHEN = re.compile(rf"(?<!\d)(?<!\d[./-]){_DATE}(?:\s?[-–]\s?{_DATE})?(?:,?\s+{_TIME}|(?![./-]?\d))")


@dataclass(frozen=True)
class Found:
    """What was recognised, each once and in the order in which it stands there."""

    speaker: str
    phones: tuple[str, ...]
    others: tuple[str, ...]  # e-mail addresses, links, handles


def read_conversation(text: str) -> Found:
    """The first speaker and every way to reach somebody that stands in the text."""
    lines = [line.translate(_MARKS) for line in text.splitlines()]
    speaker = next(filter(None, map(_speaker, lines)), "")
    rest = "\n".join(lines)
    others = [*_EMAIL.findall(rest), *_LINK.findall(rest)]
    without = _LINK.sub(" ", _EMAIL.sub(" ", rest))
    others += _HANDLE.findall(without)
    phones = [match.strip() for match in _PHONE.findall(_WHEN.sub(" | ", without)) if _is_number(match)]
    return Found(speaker, tuple(dict.fromkeys(phones)), tuple(dict.fromkeys(others)))


def proposed(text: str) -> dict[str, str]:
    """Values for the fields of the form in which a request is logged; the person checks them before she logs."""
    found = read_conversation(text)
    phone, *more = found.phones or ("",)
    others = [*more, *found.others]
    if found.speaker and not _PHONE.fullmatch(found.speaker):
        others.insert(0, found.speaker)
    values = {"words": text, "channel": "message", "phone": phone, "other_contact": " · ".join(others)[:200]}
    return {name: value for name, value in values.items() if value}


def _speaker(line: str) -> str:
    for pattern in _SPEAKERS:
        match = pattern.match(line)
        if match:
            return match["name"].strip(" ~\u00a0")
    return ""


def _is_number(text: str) -> bool:
    """Eight to fifteen digits that begin as numbers people dial do: an amount, a date or most IP addresses are none."""
    digits = re.sub(r"\D", "", text)
    return 8 <= len(digits) <= 15 and (text.strip().startswith(("+", "00", "0", "381", "383")))
