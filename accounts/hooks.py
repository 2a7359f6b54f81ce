"""What outer apps tell inner ones: lists that an app fills when it is ready. Nothing is registered so far."""

from collections.abc import Callable
from uuid import UUID

# Given a case's id: sentences that say why it cannot close yet, such as a referral without an answer.
blocks_closing: list[Callable[[UUID], list[str]]] = []
