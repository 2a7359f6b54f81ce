"""All ciphertext and all wrapped keys of requests and cases."""

import uuid

from django.db import models

from accounts.models import Team, User
from cases.choices import Purpose, WrapState
from cases.models import Case, CaseFile, HelpRequest


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


class RotationDue(models.Model):
    """Somebody who could open this key has left: the next text is sealed under a new version. Gone once it is made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    due_since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "purpose"], name="a_key_is_due_once")]


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


class WrapCheck(models.Model):
    """What the nightly check of the wraps found: how many stand out of order. Closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    checked_on = models.DateField(unique=True)
    checked_at = models.DateTimeField()
    found = models.PositiveIntegerField()


class Sealed(models.Model):
    """One version of one sealed field of one record. Nothing is overwritten: a change is the next revision.

    `key_version` is that of the case key, or of the team for a request. `current` is kept by the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_id = models.UUIDField()
    field = models.CharField(max_length=30)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey(HelpRequest, null=True, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    key_version = models.PositiveIntegerField()
    payload = models.BinaryField()
    revision = models.PositiveIntegerField(default=1)
    current = models.BooleanField(default=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "field", "revision"], name="one_text_a_revision"),
            models.UniqueConstraint(
                fields=["record_id", "field"], condition=models.Q(current=True), name="one_current_text_a_field"
            ),
            models.CheckConstraint(
                name="sealed_belongs_to_one",
                condition=models.Q(case__isnull=True, request__isnull=False)
                | models.Q(case__isnull=False, request__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["case", "purpose"], name="sealed_by_case")]


class Letter(models.Model):
    """A text sealed to one person: a conflict slip, a shift handed over. Destroyed when it has done its work."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_id = models.UUIDField()
    field = models.CharField(max_length=30)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    payload = models.BinaryField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "field", "recipient"], name="one_letter_a_person")]


class Chunk(models.Model):
    """A piece of a file, at most 64 KiB, sealed under the content key; index and last flag are bound in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    index = models.PositiveIntegerField()
    last = models.BooleanField()
    key_version = models.PositiveIntegerField()
    payload = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "index"], name="a_chunk_has_one_place")]
