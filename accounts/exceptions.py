"""What services say when they refuse."""


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
