"""Sessions, the key unlocked for one session, and counters of wrong answers. All closed.

UnlockedKey and Throttle are UNLOGGED tables (migration 0002): never in a dump, gone after a crash.
"""

from django.db import models

from accounts.models.user import User


class Session(models.Model):
    """A session under the SHA-256 of its key, so that the table opens nobody's browser."""

    session_hash = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    data = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    stepped_up_at = models.DateTimeField(null=True)  # when the second factor was last shown in it


class UnlockedKey(models.Model):
    """A private key sealed under a random key that lives in one cookie only."""

    session = models.OneToOneField(
        Session, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()


class Throttle(models.Model):
    """Wrong answers of one account from one address, under a keyed hash of both."""

    bucket = models.BinaryField(primary_key=True, max_length=32)
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField()
