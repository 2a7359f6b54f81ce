"""Key pairs of persons and teams, and who vouched for them. Wraps of case keys are in the vault."""

import uuid

from django.db import models

from accounts.choices import TeamKind
from accounts.models.user import User


class PublicKey(models.Model):
    """The public half of a person's pair. Never updated: a new key is a new row, and must be vouched for again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="public_keys")
    public_key = models.BinaryField(max_length=32)
    fingerprint = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(retired_at__isnull=True), name="one_current_key_a_person"
            ),
            models.UniqueConstraint(fields=["fingerprint"], name="a_fingerprint_stands_once"),
        ]


class KeyBox(models.Model):
    """The private half, sealed twice: under the password and under the printed recovery code. Closed."""

    public_key = models.OneToOneField(PublicKey, primary_key=True, on_delete=models.CASCADE, related_name="+")
    sealed_by_password = models.BinaryField()
    salt = models.BinaryField(max_length=16)
    passes = models.PositiveSmallIntegerField()
    memory_kib = models.PositiveIntegerField()
    lanes = models.PositiveSmallIntegerField()
    pepper_version = models.PositiveSmallIntegerField()
    sealed_by_recovery = models.BinaryField(null=True)
    recovery_check = models.BinaryField(max_length=32, null=True)  # SHA-256 of what only the code can show
    recovery_made_at = models.DateTimeField(null=True)


class Vouch(models.Model):
    """Somebody who holds keys read the fingerprint words with the person by voice. One is good for everybody."""

    public_key = models.OneToOneField(PublicKey, primary_key=True, on_delete=models.CASCADE, related_name="vouch")
    fingerprint = models.BinaryField(max_length=32)  # what was read out: a key swapped later is not vouched for
    vouched_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    vouched_at = models.DateTimeField()


class Team(models.Model):
    """A team's pair. The private half is wrapped to each member; a member who leaves means a new row, a new pair."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=TeamKind.choices)
    version = models.PositiveIntegerField(default=1)
    public_key = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    renew_due_at = models.DateTimeField(null=True)  # a member has left: a remaining one makes a new pair

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_team_pair_a_version"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(retired_at__isnull=True), name="one_current_team_pair"
            ),
        ]


class TeamMember(models.Model):
    """Who holds a team's key, and who let her in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_memberships")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sealed_team_key = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="once_in_a_team")]
