"""Who is on call, who is alerted, and whom she may be reached by while a shift lasts."""

import uuid

from django.db import models

from accounts.models import User
from cases.codes import ArmReason
from cases.models.case import Case
from cases.models.request import HelpRequest


class DutyShift(models.Model):
    """A shift of the rota: on call, and second on call."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    on_call = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="shift_ends_after_it_began", condition=models.Q(ends_at__gt=models.F("starts_at"))
            ),
            models.UniqueConstraint(
                fields=["on_call", "starts_at", "ends_at"],
                condition=models.Q(cancelled_at__isnull=True),
                name="a_shift_stands_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at", "starts_at"], condition=models.Q(cancelled_at__isnull=True), name="shift_by_time"
            )
        ]


class Alert(models.Model):
    """One rung of the ladder of an urgent request for one person, fired once. Closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()  # when this climb began
    rung = models.SmallIntegerField()  # minutes after that
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    fired_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "since", "rung", "recipient"], name="an_alert_fires_once")
        ]


class ArmedReach(models.Model):
    """Whoever is on call may reach her, until a moment. The reach key is sealed to the intake team meanwhile."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="armed")
    reason = models.CharField(max_length=16, choices=ArmReason.choices)
    armed_at = models.DateTimeField()
    armed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    disarmed_at = models.DateTimeField(null=True)
    disarmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(disarmed_at__isnull=True), name="reach_is_armed_once"
            )
        ]
        indexes = [models.Index(fields=["until"], condition=models.Q(disarmed_at__isnull=True), name="armed_now")]


class ShiftHandover(models.Model):
    """A shift handed over, signed by both. What was said is a letter to each of the two."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nonce = models.UUIDField(unique=True, editable=False)
    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_shift_goes_to_somebody_else", condition=~models.Q(from_user=models.F("to_user"))
            )
        ]
        indexes = [
            models.Index(fields=["to_user", "-given_at"], name="handover_to"),
            models.Index(fields=["from_user", "-given_at"], name="handover_from"),
        ]
