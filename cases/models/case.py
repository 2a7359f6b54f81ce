"""A case, who is on it, and the permission rows that decide who sees it."""

import uuid

from django.db import models
from guardian.models import UserObjectPermissionBase

from accounts.models import User
from cases.choices import (
    AssignmentState,
    CaseRole,
    CaseState,
    Compartment,
    ContactLanguage,
    EndReason,
    MinorFlag,
    NoteType,
    Perm,
    Risk,
    Stage,
)
from cases.codes import AgeBand, AskReason, ClosureReason, Gender, LegalOutcome, PersonCategory
from cases.compartments import HoldReason, WallReason
from cases.models.filters import not_walled, permission_id
from cases.models.request import HelpRequest


def seen_by(user: User, column: str = "pk") -> models.Q:
    """The one filter for cases: with a permission row of hers, without those she must not see.

    `column` holds the id of the case. Row security asks the same rows.
    """
    granted = CaseUserPermission.objects.filter(
        content_object=models.OuterRef(column), user_id=user.pk, permission_id=permission_id(Perm.VIEW)
    )
    return models.Q(models.Exists(granted), not_walled(column))


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> "CaseQuerySet":
        return self.filter(seen_by(user))


class Case(models.Model):
    """We agreed to work together. What stands here is readable under row security; everything else is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=9, unique=True)
    request = models.OneToOneField(HelpRequest, null=True, on_delete=models.PROTECT, related_name="case")
    subject_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    compartment = models.CharField(max_length=10, choices=Compartment.choices, default=Compartment.STANDARD)
    state = models.CharField(max_length=12, choices=CaseState.choices, default=CaseState.OPEN)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.ENGAGEMENT)
    risk = models.CharField(max_length=10, choices=Risk.choices, default=Risk.UNKNOWN)
    language = models.CharField(max_length=8, choices=ContactLanguage.choices)
    minor = models.CharField(max_length=10, choices=MinorFlag.choices, default=MinorFlag.UNKNOWN)
    person_category = models.CharField(max_length=12, choices=PersonCategory.choices, default=PersonCategory.UNKNOWN)
    age_band = models.CharField(max_length=8, choices=AgeBand.choices, default=AgeBand.UNKNOWN)
    gender = models.CharField(max_length=12, choices=Gender.choices, default=Gender.UNKNOWN)
    on_duty_may_call = models.BooleanField(default=False)  # she said so
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closure_reason = models.CharField(max_length=20, choices=ClosureReason.choices, blank=True)
    legal_outcome = models.CharField(max_length=16, choices=LegalOutcome.choices, blank=True)
    reassess_at = models.DateTimeField(null=True)  # when the risk is to be asked again
    reviewed_on = models.DateField(null=True)
    next_review_on = models.DateField(null=True)
    next_due_on = models.DateField(null=True)
    offence_learned_on = models.DateField(null=True)  # from these two days the limits of private prosecution run
    suspect_learned_on = models.DateField(null=True)
    inbox_public_key = models.BinaryField(max_length=32)
    paused_at = models.DateTimeField(null=True)  # she wants nobody to call; the case stays
    retention_due_on = models.DateField(null=True)  # of a closed one: from here it is proposed for erasure
    hold_reason = models.CharField(max_length=12, choices=HoldReason.choices, blank=True)  # a lawyer: nothing is erased
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = CaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            (Perm.VIEW, "Can see the case and what it may open"),
            (Perm.CHANGE, "Can work on the case"),
            (Perm.SHARE, "Can bring people onto the case"),
        ]
        indexes = [
            models.Index(
                models.F("next_due_on").asc(nulls_last=True), models.F("opened_at"), models.F("id"), name="case_by_due"
            ),
            models.Index(fields=["state", "-opened_at"], name="case_by_state"),
            models.Index(fields=["reassess_at"], condition=models.Q(state="open"), name="case_to_ask_again"),
            models.Index(
                fields=["opened_at"], condition=models.Q(state="open", compartment="protected"), name="case_protected"
            ),
            models.Index(
                fields=["retention_due_on"],
                condition=models.Q(retention_due_on__isnull=False),
                name="case_kept_until",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_closed_pair",
                condition=models.Q(closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def concerns_minor(self) -> bool:
        return self.minor in {MinorFlag.NOW, MinorFlag.MATERIAL}


class CaseUserPermission(UserObjectPermissionBase):
    """Guardian's permission rows on Case, by direct foreign key: the one source of truth for who sees it.

    No login role inserts or changes them: acceptance and ending of an assignment are functions of the database.
    """

    content_object = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="permission_rows")

    class Meta(UserObjectPermissionBase.Meta):
        indexes = [models.Index(fields=["user", "permission", "content_object"], name="permission_by_user")]


class Assignment(models.Model):
    """Somebody's role on a case: offered, live, declined or ended. Access begins and ends with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=12, choices=CaseRole.choices)
    state = models.CharField(max_length=10, choices=AssignmentState.choices)
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ask_reason = models.CharField(max_length=16, choices=AskReason.choices, blank=True)
    until_on = models.DateField(null=True)  # access ends by itself after this day; never of lead and backup
    advice_only = models.BooleanField(default=False)  # a lawyer not admitted in a country of the case
    keys_sealed_at = models.DateTimeField(null=True)  # null while offered: a key errand on a holder's desk
    live_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(max_length=20, choices=EndReason.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"],
                condition=models.Q(state__in=[AssignmentState.OFFERED, AssignmentState.LIVE]),
                name="one_current_role_a_person",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state=AssignmentState.LIVE, role=CaseRole.LEAD),
                name="one_lead_a_case",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "state", "role", "case"], name="assignment_of_user"),
            models.Index(fields=["case", "state"], name="assignment_by_case"),
            models.Index(
                fields=["until_on"],
                condition=models.Q(until_on__isnull=False, state__in=[AssignmentState.OFFERED, AssignmentState.LIVE]),
                name="assignment_until",
            ),
        ]


class Wall(models.Model):
    """Somebody who must not see a request or a case. Beats every permission; invisible to her."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="walls")
    request = models.ForeignKey(HelpRequest, null=True, on_delete=models.CASCADE, related_name="walls")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=WallReason.choices, default=WallReason.OTHER)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lift_asked_at = models.DateTimeField(null=True)  # of a request: a second member of its team lifts
    lift_asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"], condition=models.Q(lifted_at__isnull=True), name="one_wall_on_a_case"
            ),
            models.UniqueConstraint(
                fields=["request", "user"], condition=models.Q(lifted_at__isnull=True), name="one_wall_on_a_request"
            ),
            models.CheckConstraint(
                name="wall_is_on_one_record",
                condition=models.Q(case__isnull=True, request__isnull=False)
                | models.Q(case__isnull=False, request__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["user"], condition=models.Q(lifted_at__isnull=True), name="wall_by_user")]


class Note(models.Model):
    """The shell of a note: who, when, which kind. Its text is sealed under the content key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    nonce = models.UUIDField(unique=True, editable=False)
    type = models.CharField(max_length=12, choices=NoteType.choices)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "-written_at"], name="note_timeline")]
