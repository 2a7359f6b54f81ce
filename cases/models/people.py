"""Who can carry how much, who is away, and the acts that need somebody else."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from cases.choices import CaseRole
from cases.codes import WALL_QUESTIONS, ApprovalKind, ApprovalState, MoveReason, MoveState, SlipAnswer, TidyRule
from cases.models.case import Assignment, Case


class WorkProfile(models.Model):
    """What a person can carry and where she may work: she keeps it herself, a coordinator may."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="work")
    capacity = models.PositiveSmallIntegerField(default=20)  # cases at once that are a full load
    hours_per_week = models.PositiveSmallIntegerField(null=True)
    accepting = models.BooleanField(default=True)
    languages = ArrayField(models.CharField(max_length=8), default=list)
    countries = ArrayField(models.CharField(max_length=2), default=list)  # where a lawyer is admitted
    supervisor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")


class Absence(models.Model):
    """Days on which somebody is away. Her reminders go to the backup; she keeps her access."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    from_on = models.DateField()
    until_on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_began", condition=models.Q(until_on__gte=models.F("from_on"))
            ),
            models.UniqueConstraint(
                fields=["user", "from_on", "until_on"],
                condition=models.Q(cancelled_at__isnull=True),
                name="days_away_stand_once",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "until_on"], condition=models.Q(cancelled_at__isnull=True), name="absent")
        ]


class PutOff(models.Model):
    """A line of somebody's weekly list that she does not want to see before a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=16, choices=TidyRule.choices)
    record_id = models.UUIDField()  # the case, request, date, task, call … that the line is about
    until_on = models.DateField()  # the day on which it comes back

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "rule", "record_id"], name="a_line_is_put_off_once"),
        ]


class MoveRequest(models.Model):
    """A coordinator asks that a case gets another lead or helper: an errand of the lead, never more."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="moves")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=CaseRole.choices)
    reason = models.CharField(max_length=12, choices=MoveReason.choices)
    state = models.CharField(max_length=8, choices=MoveState.choices, default=MoveState.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(state="open"), name="one_open_move_a_case")
        ]
        indexes = [models.Index(fields=["asked_by", "-asked_at"], name="move_by_asker")]


class Approval(models.Model):
    """An act that needs a second person: asked by one, done when another agrees. Reasons are sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approvals")
    kind = models.CharField(max_length=20, choices=ApprovalKind.choices)
    record_id = models.UUIDField(null=True)  # the assessment that lowers, the wall that is lifted
    # Codes: closure reason and legal outcome, or the new flag; of a wall the person's id and the reason.
    detail = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=models.Q(state="asked") & ~models.Q(kind__in=WALL_QUESTIONS),
                name="one_open_approval_a_kind",
            ),
            # Whoever must not learn that a question is asked must not meet it by asking one of her own.
            models.UniqueConstraint(
                fields=["case", "kind", "detail"],
                condition=models.Q(state="asked", kind__in=WALL_QUESTIONS),
                name="one_open_question_about_her",
            ),
        ]


class ConflictSlip(models.Model):
    """That a lawyer was asked whether she knows the other side. The names are a letter to her, destroyed when answered."""

    assignment = models.OneToOneField(
        Assignment, primary_key=True, on_delete=models.CASCADE, related_name="conflict_slip"
    )
    answer = models.CharField(max_length=10, choices=SlipAnswer.choices, default=SlipAnswer.PENDING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
