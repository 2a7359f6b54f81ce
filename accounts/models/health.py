"""What tells that the house works: last ticks, what the organisation accepted in writing, keys of backups."""

from django.db import models


class Heartbeat(models.Model):
    """When a periodic process last did its work."""

    name = models.CharField(primary_key=True, max_length=40)
    at = models.DateTimeField()


class Acceptance(models.Model):
    """A written acceptance, such as: until key keepers exist, lost keys mean lost cases."""

    kind = models.CharField(primary_key=True, max_length=40)
    accepted_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=120)


class BackupKey(models.Model):
    """The public half of the key that the backups of one month are sealed to. The keepers hold the other on paper."""

    month = models.CharField(primary_key=True, max_length=7)  # 2026-11
    public_key = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
