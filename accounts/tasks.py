"""Work of the worker for this app: cleaning up what has expired."""

from celery import shared_task

from accounts import database


@shared_task(name="accounts.tasks.clean", ignore_result=True)
def clean() -> None:
    """Delete ended sessions, keys without a session and old counters of wrong answers."""
    database.value("sessions_clear")
