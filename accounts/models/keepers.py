"""Key keepers, their copies of every person's key, and the ceremonies that open one. All closed.

A keeper is somebody outside casework with a code on paper. She has no account: of what her code derives only the
public half is stored, and the hash of a proof by which she is known. A copy is a private key sealed to two keepers, one inside the other: two open it, one cannot.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.choices import CeremonyKind, CeremonyState
from accounts.models.keys import PublicKey
from accounts.models.user import User


class KeyKeeper(models.Model):
    """A keeper: named by an administrator, her key made at her own screen, confirmed by voice by a caseworker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    address = models.EmailField(max_length=200, blank=True)  # for one constant text; she may have none
    language = models.CharField(max_length=10)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    token_hash = models.BinaryField(max_length=32, null=True)  # of her link, until it was used
    expires_at = models.DateTimeField()
    public_key = models.BinaryField(max_length=32, null=True)
    proof_hash = models.BinaryField(max_length=32, null=True)  # SHA-256 of what only her code gives; none: made before
    key_made_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # Her one waiting mail: the row is the queue, claimed with a lease.
    mail_id = models.UUIDField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_key"], name="a_keeper_s_key_stands_once"),
            models.UniqueConstraint(fields=["proof_hash"], name="a_keeper_s_proof_stands_once"),
            models.CheckConstraint(
                name="keeper_confirmed_with_a_key",
                condition=Q(confirmed_at__isnull=True) | Q(public_key__isnull=False, confirmed_by__isnull=False),
            ),
        ]


class KeeperCopy(models.Model):
    """A person's private key, sealed to `second` and around it to `first`. Each pair stands in both orders."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    public_key = models.ForeignKey(PublicKey, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(KeyKeeper, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(KeyKeeper, on_delete=models.CASCADE, related_name="+")
    sealed = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_key", "first", "second"], name="one_copy_a_pair"),
            models.CheckConstraint(name="copy_needs_two_keepers", condition=~Q(first=F("second"))),
        ]


class Ceremony(models.Model):
    """Opening one person's key by two keepers: for herself (recover) or for a successor (hand over).

    `request_key` is the public half of a pair made for this once; its private half is sealed under her new password,
    or to the successor. `result` is the opened key, sealed to it. Both go when the ceremony ends.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=CeremonyKind.choices)
    state = models.CharField(max_length=10, choices=CeremonyState.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    public_key = models.ForeignKey(PublicKey, on_delete=models.CASCADE, related_name="+")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    successor = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    request_key = models.BinaryField(max_length=32, null=True)
    fingerprint = models.BinaryField(max_length=32, null=True)
    check_hash = models.BinaryField(
        max_length=32, null=True
    )  # SHA-256 of what only the request's private half can show
    sealed_request = models.BinaryField(null=True)
    salt = models.BinaryField(max_length=16, null=True)
    passes = models.PositiveSmallIntegerField(null=True)
    memory_kib = models.PositiveIntegerField(null=True)
    lanes = models.PositiveSmallIntegerField(null=True)
    pepper_version = models.PositiveSmallIntegerField(null=True)
    first = models.ForeignKey(KeyKeeper, null=True, on_delete=models.PROTECT, related_name="+")
    peeled_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    second = models.ForeignKey(KeyKeeper, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True)
    result = models.BinaryField(null=True)
    ended_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(KeyKeeper, null=True, on_delete=models.PROTECT, related_name="+")  # if a keeper did

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fingerprint"], name="one_ceremony_a_request_key"),
            models.CheckConstraint(
                name="ceremony_takes_two_keepers", condition=Q(second__isnull=True) | ~Q(first=F("second"))
            ),
            models.CheckConstraint(
                name="only_an_opened_ceremony_holds_a_result",
                condition=Q(result__isnull=True) | Q(state=CeremonyState.OPENED),
            ),
        ]
        indexes = [models.Index(fields=["user", "state"], name="ceremony_by_user")]


class CeremonyPart(models.Model):
    """What the first keeper's code left over: the copy still sealed to one other keeper. Goes with the second step."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ceremony = models.ForeignKey(Ceremony, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(KeyKeeper, on_delete=models.CASCADE, related_name="+")
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ceremony", "second"], name="one_part_a_keeper")]


class CeremonyCase(models.Model):
    """A protected case that a hand-over names; no other protected case is handed over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ceremony = models.ForeignKey(Ceremony, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=9)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ceremony", "code"], name="a_case_named_once")]
