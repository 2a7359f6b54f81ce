"""Reaching her, calls that leave no request, and units of service."""

import uuid

from django.db import models

from accounts.models import User
from cases.choices import Channel, ContactLanguage
from cases.codes import CallResult, Duration, LogKind, ServiceKind
from cases.models.case import Case
from cases.models.request import HelpRequest


class ContactAttempt(models.Model):
    """Somebody reaches out to her. While it is open, whoever began it sees how; it ends with a result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="attempts")
    request = models.ForeignKey(HelpRequest, null=True, on_delete=models.CASCADE, related_name="attempts")
    on_duty = models.BooleanField(default=False)  # by whoever was on call, while reach was armed
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=16, choices=CallResult.choices, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="attempt_belongs_to_one",
                condition=models.Q(case__isnull=True, request__isnull=False)
                | models.Q(case__isnull=False, request__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["case", "begun_by"], condition=models.Q(ended_at__isnull=True), name="one_open_call_a_case"
            ),
            models.UniqueConstraint(
                fields=["request", "begun_by"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_call_a_request",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-begun_at"], name="attempt_by_case"),
            models.Index(fields=["request", "-begun_at"], name="attempt_by_request"),
            models.Index(fields=["begun_by"], condition=models.Q(ended_at__isnull=True), name="attempt_open"),
        ]


class ContactLog(models.Model):
    """A contact that leaves no request: counted, nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nonce = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=LogKind.choices)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    language = models.CharField(max_length=8, choices=ContactLanguage.choices)
    duration = models.CharField(max_length=8, choices=Duration.choices)
    logged_at = models.DateTimeField()
    logged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["logged_by", "-logged_at"], name="contact_log_own")]


class ServiceUnit(models.Model):
    """Work done for her, by one tap: kind, minutes, project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="service_units")
    nonce = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=ServiceKind.choices)
    minutes = models.PositiveSmallIntegerField()
    project = models.ForeignKey("Project", null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "-given_at"], name="service_by_case"),
            models.Index(fields=["given_by", "-given_at"], name="service_own"),
        ]


class Project(models.Model):
    """A project that work is counted for, named by the organisation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60, unique=True)
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
