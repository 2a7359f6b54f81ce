"""What was agreed: tasks and promises, the safety plan, ratings of risk, the checklist after acceptance."""

import uuid
from datetime import date, datetime

from django.db import models
from django.utils import timezone

from accounts.models import User
from cases.choices import Risk
from cases.codes import TASK_TEXTS, CheckItem, CheckOutcome, TaskKind, TaskState
from cases.models.case import Case


class Task(models.Model):
    """Something to do on a case. Where `exact`, the minute was promised: "I call your sister at ten".

    Else `due_at` is the last minute of its day, so that whatever is overdue lies before now.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    nonce = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=TaskKind.choices)
    due_at = models.DateTimeField()
    exact = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=TaskState.choices, default=TaskState.OPEN)
    assignee = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="tasks")
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="open"), name="task_open"),
            models.Index(fields=["case", "due_at"], name="task_by_case"),
            models.Index(fields=["assignee", "due_at"], condition=models.Q(state="open"), name="task_by_assignee"),
        ]

    @property
    def coded_text(self) -> str:
        """What is to be done, of a task that the database has set; of others it is sealed."""
        return str(TASK_TEXTS.get(TaskKind(self.kind), ""))

    @property
    def shown_due(self) -> date | datetime:
        """The moment that was promised, or the day."""
        return self.due_at if self.exact else timezone.localtime(self.due_at).date()


class TaskReminder(models.Model):
    """One rung of a task's ladder for one person, fired once. `rung` counts minutes before the task. Closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
    rung = models.IntegerField()
    due_at = models.DateTimeField()  # a task that was moved is reminded of anew
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    fired_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "rung", "due_at", "recipient"], name="a_task_rung_fires_once")
        ]


class SafetyPlan(models.Model):
    """That a safety plan exists and when it was looked through last. Its lines are sealed, every version is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="safety_plan")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_on = models.DateField()
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    review_task = models.OneToOneField(Task, null=True, on_delete=models.SET_NULL, related_name="+")

    @property
    def next_review_on(self) -> date | None:
        """The day on which somebody goes through it again: that of the task, as long as it is open."""
        task = self.review_task
        return timezone.localtime(task.due_at).date() if task and task.state == TaskState.OPEN else None


class RiskAssessment(models.Model):
    """A rating of risk. Its answers are sealed. One that lowers counts only when a second person agrees."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="risk_assessments")
    nonce = models.UUIDField(unique=True, editable=False)
    level = models.CharField(max_length=10, choices=Risk.choices)
    core_complete = models.BooleanField(default=False)
    attempt = models.BooleanField(default=False)  # a suicide attempt is under way: the others are told that, at once
    counts = models.BooleanField(default=False)  # set by the database: false while a second person has to agree
    assessed_at = models.DateTimeField()
    assessed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reassess_at = models.DateTimeField(null=True)
    climbed_at = models.DateTimeField(null=True)  # of an attempt that nobody had answered: app.attempts_climb

    class Meta:
        indexes = [
            models.Index(fields=["case", "-assessed_at"], name="risk_by_case"),
            models.Index(fields=["assessed_at"], condition=models.Q(attempt=True), name="risk_attempts"),
        ]


class CaseCheck(models.Model):
    """One line of the checklist that may follow after acceptance."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="checks")
    item = models.CharField(max_length=12, choices=CheckItem.choices)
    due_on = models.DateField()
    outcome = models.CharField(max_length=12, choices=CheckOutcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "item"], name="one_check_an_item")]
