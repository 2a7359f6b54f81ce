"""What outer apps tell inner ones: lists that an app fills when it is ready."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from accounts.models import User


class TakesOver(Protocol):
    """Opens with the key of somebody who has left what only she held, and seals it to her successor."""

    def __call__(self, *, request_id: UUID, departed_id: UUID, private_key: bytes, by: User) -> int:
        """Returns of how many records. Whatever it raises stops the hand-over as a whole."""


# Given a case's id: sentences that say why it cannot close yet, such as a referral without an answer.
blocks_closing: list[Callable[[UUID], list[str]]] = []
# Given a consent's id: sentences that say beforehand what its withdrawal will stop, such as a referral.
stops_with_consent: list[Callable[[UUID], list[str]]] = []
# Given a consent's id, in the unit of work in which it is withdrawn: take down what hung on it. Raising undoes it all.
on_consent_withdrawn: list[Callable[[UUID], None]] = []

# Given a person's id, before she is deactivated: sentences that say what would then open for nobody.
warns_of_leaving: list[Callable[[UUID], list[str]]] = []

# Asked by accounts/services/takeover.finish; cases registers its own in CasesConfig.ready.
on_handover: list[TakesOver] = []

# Given rule, record and who did it: what an act that one person did after a delay leaves to do with her keys.
delayed_done: list[Callable[[str, UUID, User], None]] = []
