"""The head of the log, mailed each day to named people of other organisations (setting AUDIT_HEAD_RECIPIENTS).

Somebody who may write the whole database can write the log anew to its end; a head in a mailbox elsewhere shows it.
Runs as the worker's role: it learns addresses, a number and a hash.
"""

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.mailing import send

BATCH = 5
LEASE = 120  # seconds: longer than a batch may take, a mail ends after EMAIL_TIMEOUT


def mail_heads() -> int:
    """Keep today's head if it is not kept yet, and send what waits. Returns how many mails went out."""
    database.value("anchor_take", settings.TIME_ZONE, list(settings.AUDIT_HEAD_RECIPIENTS))
    sent = 0
    while claimed := database.rows("anchor_mail_claim", BATCH, LEASE):
        sent += sum(_send(mail) for mail in claimed)
    return sent


def _send(mail: Any) -> bool:
    with translation.override(settings.LANGUAGE_CODE):
        subject, body = text(mail.sequence, bytes(mail.hash))
    if not send(mail_id=mail.id, address=mail.address, subject=subject, body=body):
        database.value("anchor_mail_done", mail.id, False)
        return False
    with audit.unit() as entries:
        database.value("anchor_mail_done", mail.id, True)
        entries.record(Action.HEAD_MAILED, mail.id)
    return True


def text(sequence: int, digest: bytes) -> tuple[str, str]:
    """Subject and body: constant but for the number of entries and the hash, written as `verify_audit` takes them."""
    return _("Please keep this mail"), _(
        "Please keep this mail and do not change it. If somebody asks you for it one day, read out this line:\n\n%(head)s"
    ) % {"head": f"{sequence}:{digest.hex()}"}
