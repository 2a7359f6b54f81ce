"""What a printed summary of a case may hold: no identity and no way to reach her is among it."""

from django.db.models import QuerySet

from cases.access import OpenedCase
from cases.codes import TaskState
from cases.models import Incident, Note, Task

NOTES = 30  # the newest ones, to choose from
MOST = 100


def newest_notes(opened: OpenedCase) -> list[Note]:
    notes = Note.objects.filter(case=opened.case).select_related("written_by")
    return list(notes.order_by("-written_at", "pk")[:NOTES])


def open_tasks(opened: OpenedCase) -> QuerySet[Task]:
    tasks = Task.objects.filter(case=opened.case, state=TaskState.OPEN).select_related("assignee")
    return tasks.order_by("due_at", "pk")[:MOST]


def incidents(opened: OpenedCase) -> QuerySet[Incident]:
    return Incident.objects.filter(case=opened.case).order_by("-written_at", "pk")[:MOST]
