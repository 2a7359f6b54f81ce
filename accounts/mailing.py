"""Sending one mail of a queue whose rows are claimed: the caller says afterwards whether it went out."""

import logging
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

logger = logging.getLogger("sidro.mail")


def send(*, mail_id: UUID, address: str, subject: str, body: str) -> bool:
    """Whether the mail went out. A repeat after a crash carries the same Message-ID, so a mail server can drop it."""
    headers = {"Message-ID": message_id(mail_id)}
    message = EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [address], headers=headers)
    try:
        message.send()
    except Exception as error:  # noqa: BLE001 - one mail that cannot be made must not stop the others
        logger.warning("", extra={"event": f"mail_{type(error).__name__}", "object_id": str(mail_id)})
        return False
    return True


def message_id(mail_id: object) -> str:
    """Stable for each mail."""
    return f"<{mail_id}@{settings.DEFAULT_FROM_EMAIL.rsplit('@', 1)[-1].strip('>')}>"
