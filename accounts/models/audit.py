"""The log of what was done: codes and opaque ids, chained by hashes. Appended by one function, never changed."""

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
