"""What services say when they refuse."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _


class NotAllowed(Exception):
    """She may see it, but may not do this. Becomes 403."""


class WrongState(Exception):
    """It cannot be done now, with a reason for the person in front of the form."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class KeyLocked(Exception):
    """Her private key is not unlocked in this session: she has to sign in again."""


class StepUpNeeded(Exception):
    """The act asks for the second factor again."""


class KeySwapped(WrongState):
    """A key in the database is not the one that the log and the vouching name: nothing is sealed to it."""

    def __init__(self) -> None:
        super().__init__(
            _("A key in the database is not the one it should be. Nothing was saved. Tell the administrator at once.")
        )


def refusal(reason: str, said: Mapping[str, Callable[[], str]]) -> Exception:
    """The short code with which PostgreSQL refuses, as an exception with words where there are any."""
    if reason == "step_up":
        return StepUpNeeded()
    return WrongState(said[reason]()) if reason in said else NotAllowed()
