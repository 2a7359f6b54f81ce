"""The rule for passwords: long enough, not a common one, not made of the sign-in name. No rule about kinds of signs.

A phrase is offered to everybody: five words of 16 random bits each (80 bits), pronounceable in every language here.
"""

import secrets
import string
from functools import lru_cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import crypto

SHORTEST = 14  # characters
WORDS = 5


def offer_phrase() -> str:
    return " ".join(crypto.proquint(secrets.randbelow(2**16)) for _number in range(WORDS))


def check_password(password: str, *, login_name: str) -> None:
    """Raises ValidationError with a sentence that says what to do."""
    if "\0" in password:
        raise ValidationError(_("This contains a sign that cannot be typed. Type the password instead of pasting it."))
    if len(password) < SHORTEST:
        raise ValidationError(
            _("Use at least %(number)d characters. Several words in a row are easy to remember.") % {"number": SHORTEST}
        )
    if len(password) > crypto.MAX_SECRET_LENGTH:
        raise ValidationError(_("Use at most %(number)d characters.") % {"number": crypto.MAX_SECRET_LENGTH})
    plain = "".join(password.casefold().split())
    if login_name and login_name.casefold() in plain:
        raise ValidationError(_("Leave your sign-in name out of the password."))
    letters = plain.strip(string.digits + string.punctuation)  # digits at the ends do not make a common word rare
    if len(set(letters)) < 6 or any(map(_is_common, (plain, _repeated(plain), letters, _repeated(letters)))):
        raise ValidationError(_("This password is one of those that are tried first. Use the phrase that is offered."))


def _repeated(text: str) -> str:
    """The piece that the text repeats from its beginning to its end, or the text itself."""
    return text[: (text + text).find(text, 1)]


def _is_common(password: str) -> bool:
    try:
        _common().validate(password)
    except ValidationError:
        return True
    return False


@lru_cache(maxsize=1)
def _common() -> CommonPasswordValidator:
    """Django's own list of 20,000, read once."""
    return CommonPasswordValidator()
