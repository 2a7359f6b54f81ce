"""The same drain by hand, or by cron where Celery is away."""

from django.core.management.base import BaseCommand

from cases.services import reminders


class Command(BaseCommand):
    help = "Fire and send what reminders are due. Runs as the worker: SIDRO_PROCESS=worker."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"{reminders.drain()} sent")
