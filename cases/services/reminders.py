"""Reminders: the drain that the clock calls. Rows in PostgreSQL are the queue, so a lost tick loses nothing.

Runs as the worker's role, which has a few functions and no table: it learns an address and which of two constant texts, nothing else.
"""

import logging
import os
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.mailing import send
from accounts.services import keeper_mail
from cases.choices import MailKind
from cases.services.ledger import write_ledger

logger = logging.getLogger("sidro.reminders")
BATCH = 5
LEASE = 120  # seconds: longer than a batch may take, a mail ends after EMAIL_TIMEOUT


def drain() -> int:
    """End access whose time is over, fire what is due, note erasures outside, send what waits, end announced acts that nobody did, leave a heartbeat.

    Returns how many mails went out.
    """
    database.value("access_expire", settings.TIME_ZONE)
    database.value("grants_fire")
    fired = database.value("reminders_fire", settings.TIME_ZONE)
    write_ledger()
    sent = 0
    while True:
        claimed = database.rows("mail_claim", BATCH, LEASE)
        if not claimed:
            break
        sent += sum(_send(mail) for mail in claimed)
    sent += keeper_mail.drain()
    database.value("delayed_lapse")  # last: whatever fails there holds up nothing above
    database.value("heartbeat", "drain")
    _touch_heartbeat()
    logger.info("", extra={"event": "drained", "count": fired})
    return sent


def _send(mail) -> bool:
    """Send one constant text."""
    with translation.override(mail.language):
        subject, body = texts(mail.kind)
    if not send(mail_id=mail.id, address=mail.address, subject=subject, body=body):
        database.value("mail_done", mail.id, False)
        return False
    with audit.unit() as entries:
        database.value("mail_done", mail.id, True)
        entries.record(Action.REMINDER_SENT, mail.id)
    return True


def texts(kind: str) -> tuple[str, str]:
    """Subject and body: constant for each kind and language; no name, no code, no number."""
    if kind == MailKind.NOW:
        return _("Please look at your desk today"), _(
            "Something on your desk is waiting for you today. Please sign in."
        )
    return _("News on your desk"), _("When you next work, please sign in and look at your desk.")


def _touch_heartbeat() -> None:
    """Tell the launcher that this worker lives."""
    path = os.environ.get("SIDRO_HEARTBEAT_FILE")
    if path:
        Path(path).touch()
