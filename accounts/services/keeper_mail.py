"""The one constant text that goes to key keepers who left an address: something runs that they can stop."""

from django.utils import translation
from django.utils.translation import gettext as _

from accounts import database
from accounts.mailing import send

BATCH, LEASE = 5, 120


def drain() -> int:
    """Send what waits; rows are the queue. Returns how many mails went out."""
    sent = 0
    while claimed := database.rows("keeper_mail_claim", BATCH, LEASE):
        for mail in claimed:
            with translation.override(mail.language):
                subject, body = texts()
            went = send(mail_id=mail.id, address=mail.address, subject=subject, body=body)
            database.value("keeper_mail_done", mail.id, went)
            sent += went
    return sent


def texts() -> tuple[str, str]:
    """Subject and body: no name, no number, no address of a page."""
    return _("Please look at the page for key keepers"), _(
        "Something was asked of the key keepers. Please open their page with the code on your paper, or call the"
        " organisation on a number that you know."
    )
