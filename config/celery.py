"""The Celery application and its timetable: ticks only. Rows in PostgreSQL are the queue (design: deadlines)."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TICK = float(os.environ.get("SIDRO_TICK_SECONDS", "60"))

app = Celery("sidro")
app.conf.update(
    broker_url=settings.REDIS_URL or "memory://",
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=False,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    beat_schedule={
        "drain": {"task": "cases.tasks.drain", "schedule": TICK, "options": {"expires": TICK}},
        "heads": {"task": "accounts.tasks.mail_heads", "schedule": 5 * TICK, "options": {"expires": 5 * TICK}},
        "wraps": {"task": "cases.tasks.check_wraps", "schedule": 30 * TICK, "options": {"expires": 30 * TICK}},
        "clean": {"task": "accounts.tasks.clean", "schedule": 15 * 60.0, "options": {"expires": 600}},
    },
)
app.autodiscover_tasks(["accounts", "cases"])
