"""The log of what was done: codes and opaque ids, chained by hashes. Appended by one function, never changed."""

import uuid

from django.db import models


class AuditEvent(models.Model):
    """One entry. `hash` = SHA-256(previous hash || canonical JSON of the entry); no foreign keys, no free text."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=40)
    outcome = models.CharField(max_length=12)
    object_id = models.CharField(max_length=60, blank=True, db_index=True)
    detail = models.CharField(max_length=100, blank=True)
    hash = models.BinaryField(max_length=32)


class AuditHead(models.Model):
    """The one row that every append locks: last sequence and last hash."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    sequence = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)


class AuditAnchor(models.Model):
    """The head of the log as it was on a day. Mailed to people outside, because here its keeper could change it too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField(unique=True)
    sequence = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()


class AnchorMail(models.Model):
    """A head on its way to one address. The row is the queue: claimed with a lease, sent again after a crash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    anchor = models.ForeignKey(AuditAnchor, on_delete=models.CASCADE, related_name="mails")
    address = models.EmailField(max_length=200)
    state = models.CharField(max_length=8)  # due, sending, sent, failed: written by the database only
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["anchor", "address"], name="a_head_once_an_address")]
