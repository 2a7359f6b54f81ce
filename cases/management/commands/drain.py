"""The same drain by hand, or by cron where Celery is away; with it the nightly check of the keys."""

from django.core.management.base import BaseCommand

from cases.services import reminders, wraps


class Command(BaseCommand):
    help = "Fire and send what reminders are due. Runs as the worker: SIDRO_PROCESS=worker."

    def handle(self, *args: object, **options: object) -> None:
        wraps.check()
        self.stdout.write(f"{reminders.drain()} sent")
