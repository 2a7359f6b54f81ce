"""Dates that must not be missed, and the rows that are the queue of their reminders."""

import uuid

from django.db import models

from accounts.models import User
from cases.choices import DeadlineState, MailKind, MailState, Severity
from cases.codes import NoticeKind
from cases.models.case import Assignment, Case
from cases.models.erasure import Erasure
from cases.models.plan import Task
from cases.models.request import HelpRequest


class Deadline(models.Model):
    """A date on a case. Until the engine of legal rules exists, all are house rules set by hand."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deadlines")
    nonce = models.UUIDField(unique=True, editable=False)
    due_on = models.DateField()
    severity = models.CharField(max_length=10, choices=Severity.choices)
    state = models.CharField(max_length=16, choices=DeadlineState.choices, default=DeadlineState.RUNNING)
    assignee = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="deadlines")
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(state="running"), name="deadline_running"),
            models.Index(fields=["case", "due_on"], name="deadline_by_case"),
        ]


class Reminder(models.Model):
    """One rung of a ladder for one person, fired exactly once: unique, with ON CONFLICT DO NOTHING. Closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="+")
    rung = models.SmallIntegerField()  # days before the date
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    fired_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deadline", "rung", "recipient"], name="a_rung_fires_once")]


class Notice(models.Model):
    """What a person reads on her desk; written in the same transaction as what it tells of, by functions only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=NoticeKind.choices, default=NoticeKind.DATE)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="notices")
    deadline = models.ForeignKey(Deadline, null=True, on_delete=models.CASCADE, related_name="notices")
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="notices")
    request = models.ForeignKey(HelpRequest, null=True, on_delete=models.CASCADE, related_name="notices")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.CASCADE, related_name="notices")
    erasure = models.ForeignKey(Erasure, null=True, on_delete=models.CASCADE, related_name="notices")
    # Of an act of two: how it ended, and which. Of a case that needs somebody: who asks. Of a shift or a wish: its id.
    detail = models.CharField(max_length=40, null=True)  # noqa: DJ001 - functions write notices, and leave it out for all others
    created_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["user", "-created_at"], condition=models.Q(acknowledged_at__isnull=True), name="notice_open"
            )
        ]


class MailOut(models.Model):
    """A constant text on its way to one person. Claimed with a lease; a repeat carries the same Message-ID. Closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=MailKind.choices)
    second = models.BooleanField(default=False)  # to her second channel, urgent texts only
    state = models.CharField(max_length=8, choices=MailState.choices)
    created_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state__in=["due", "sending"]), name="mail_waiting"),
            models.Index(fields=["recipient", "-created_at"], name="mail_by_recipient"),
        ]
