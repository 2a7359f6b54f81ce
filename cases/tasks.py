"""What the clock calls. No arguments: the rows say what is to be done."""

from celery import shared_task

from cases.services import reminders


@shared_task(ignore_result=True)
def drain() -> None:
    """Fire and send reminders."""
    reminders.drain()
