"""All ciphertext and all wrapped keys of requests and cases."""

import uuid

from django.db import models

from accounts.models import Team, User
from cases.choices import Purpose, WrapState
from cases.models import Case, HelpRequest


class KeyVersion(models.Model):
    """A key of a case exists, by its commitment. New writes use the highest version; old ones only read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    version = models.PositiveIntegerField()
    commitment = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "purpose", "version"], name="one_key_a_version")]


class Wrap(models.Model):
    """A case key sealed to one recipient: a person, or a team while reach is armed for whoever is on call."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    version = models.PositiveIntegerField()
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=WrapState.choices)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "purpose", "version", "user"], name="one_wrap_a_person"),
            models.UniqueConstraint(fields=["case", "purpose", "version", "team"], name="one_wrap_a_team"),
            models.CheckConstraint(
                name="wrap_has_one_recipient",
                condition=models.Q(user__isnull=True, team__isnull=False)
                | models.Q(user__isnull=False, team__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["user", "case", "purpose", "state"], name="wrap_by_user")]


class Sealed(models.Model):
    """One sealed field of one record. `key_version` is that of the case key, or of the team for a request."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_id = models.UUIDField()
    field = models.CharField(max_length=30)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey(HelpRequest, null=True, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    key_version = models.PositiveIntegerField()
    payload = models.BinaryField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "field"], name="a_field_is_sealed_once"),
            models.CheckConstraint(
                name="sealed_belongs_to_one",
                condition=models.Q(case__isnull=True, request__isnull=False)
                | models.Q(case__isnull=False, request__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["case", "purpose"], name="sealed_by_case")]
