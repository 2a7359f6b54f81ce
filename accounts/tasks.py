"""Work of the worker for this app: cleaning up what has expired, the daily head of the log."""

from celery import shared_task

from accounts import database
from accounts.services import heads


@shared_task(name="accounts.tasks.clean", ignore_result=True)
def clean() -> None:
    """Delete ended sessions, keys without a session and old counters of wrong answers."""
    database.value("sessions_clear")


@shared_task(name="accounts.tasks.mail_heads", ignore_result=True)
def mail_heads() -> None:
    """Keep the head of the log once a day, and mail it."""
    heads.mail_heads()
