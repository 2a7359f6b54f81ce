"""Somebody asked for help. Her words and contacts are in the vault, sealed to the team that may read them."""

import uuid
from datetime import datetime

from django.db import models

from accounts.models import Team, TeamMember, User
from cases.choices import About, Channel, ContactLanguage, MinorFlag, ReferralAnswer, RequestState, Risk
from cases.codes import RequestReason
from cases.models.filters import not_walled


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    """The one filter for requests."""

    def visible_to(self, user: User) -> "HelpRequestQuerySet":
        """Those of the teams she is a member of, without those she must not see."""
        return self.filter(not_walled(), team__in=TeamMember.objects.filter(user=user).values("team"))


class HelpRequest(models.Model):
    """A request for help, from the first contact until it is a case or has another honest end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=9, unique=True)
    nonce = models.UUIDField(unique=True, editable=False)  # of the form it was typed into: one form, one request
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="requests")
    restricted = models.BooleanField(default=False)
    protected = models.BooleanField(default=False)  # the case it becomes is protected
    state = models.CharField(max_length=20, choices=RequestState.choices, default=RequestState.NEW)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    language = models.CharField(max_length=8, choices=ContactLanguage.choices)
    about = models.CharField(max_length=8, choices=About.choices)
    minor = models.CharField(max_length=10, choices=MinorFlag.choices)
    in_danger_now = models.BooleanField(default=False)
    thinks_of_ending_life = models.BooleanField(default=False)
    risk = models.CharField(max_length=10, choices=Risk.choices, default=Risk.UNKNOWN)
    assignee = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="requests")
    received_at = models.DateTimeField()
    respond_by = models.DateTimeField()
    offence_learned_on = models.DateField(null=True)
    suspect_learned_on = models.DateField(null=True)
    logged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    waiting_until = models.DateTimeField(null=True)  # the promised moment, or when her answer is looked for again
    promised_for = models.DateTimeField(null=True)  # promised to her; stands until it is kept, moved or taken back
    urgent_since = models.DateTimeField(null=True, editable=False)  # set by the database: from here its ladder climbs
    taken_at = models.DateTimeField(null=True)  # "I take it": the ladder of an urgent request rests
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(max_length=20, choices=RequestReason.choices, blank=True)
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="duplicates")
    refer_by = models.DateField(null=True)  # until when the other service answers
    referral_answer = models.CharField(max_length=12, choices=ReferralAnswer.choices, blank=True, default="")
    referral_answered_at = models.DateTimeField(null=True)
    referral_answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    told_in_writing = models.BooleanField(default=False)  # the running date was given to her in writing
    inbox_public_key = models.BinaryField(max_length=32)
    erase_asked_at = models.DateTimeField(null=True)  # kept long enough: one has said so, another one agrees
    erase_asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "state", "respond_by"], name="request_queue"),
            models.Index(
                fields=["assignee", "state"],
                condition=models.Q(ended_at__isnull=True),
                name="request_by_assignee",
            ),
            models.Index(
                fields=["received_at"],
                condition=models.Q(state=RequestState.NEW, ended_at__isnull=True),
                name="request_unanswered",
            ),
            models.Index(
                fields=["urgent_since"],
                condition=models.Q(state=RequestState.NEW, ended_at__isnull=True, urgent_since__isnull=False),
                name="request_climbing",
            ),
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="request_ended"),
            models.Index(
                fields=["refer_by"],
                condition=models.Q(state=RequestState.REFERRED_OUT, referral_answer=""),
                name="request_referral_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="request_acknowledged_pair",
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
            models.CheckConstraint(
                name="request_ended_pair",
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_urgent(self) -> bool:
        return self.in_danger_now or self.thinks_of_ending_life

    @property
    def alerts_run(self) -> bool:
        """Urgent, and nobody has acknowledged it yet: as app.unanswered."""
        urgent = self.is_urgent or self.risk == Risk.IMMEDIATE
        return urgent and self.state == RequestState.NEW and self.acknowledged_at is None

    @property
    def is_open(self) -> bool:
        return self.state in {
            RequestState.NEW,
            RequestState.ACKNOWLEDGED,
            RequestState.AWAITING_PERSON,
            RequestState.WAITING,
        }

    @property
    def promise(self) -> datetime | None:
        """What she was promised and nobody has kept, moved or taken back, as long as the request is open."""
        waits = self.waiting_until if self.state == RequestState.WAITING else None
        return (self.promised_for or waits) if self.is_open else None

    @property
    def concerns_minor(self) -> bool:
        return self.minor in {MinorFlag.NOW, MinorFlag.MATERIAL}


class OpeningHours(models.Model):
    """When the helpline works, by weekday (0 is Monday), in the organisation's time zone. Both empty: closed."""

    weekday = models.PositiveSmallIntegerField(primary_key=True)
    opens_at = models.TimeField(null=True)
    closes_at = models.TimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hours_are_a_pair",
                condition=models.Q(opens_at__isnull=True, closes_at__isnull=True)
                | models.Q(opens_at__lt=models.F("closes_at")),
            )
        ]


class ClosedDay(models.Model):
    """A holiday, or another day on which the helpline does not work whatever the weekday says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day"], condition=models.Q(removed_at__isnull=True), name="a_day_is_closed_once"
            )
        ]
