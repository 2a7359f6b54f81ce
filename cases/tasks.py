"""What the clock calls. No arguments: the rows say what is to be done."""

from celery import shared_task

from cases.services import reminders, wraps


@shared_task(ignore_result=True)
def drain() -> None:
    """Fire and send reminders."""
    reminders.drain()


@shared_task(ignore_result=True)
def check_wraps() -> None:
    """Look once a night whether every wrapped key is in order."""
    wraps.check()
