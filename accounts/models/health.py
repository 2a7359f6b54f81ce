"""What tells that the house works: last ticks, and what the organisation accepted in writing."""

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
