"""Acts that would need two people, done by one after a delay with notice, because nobody else is able."""

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.models.user import User


class DelayedAct(models.Model):
    """One such act. `rule` is a code of accounts/quorum.py; `record_id` what it is about, an opaque id.

    Nobody asked it where it was begun on the server's console.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.CharField(max_length=24)
    record_id = models.UUIDField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    review_due_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "record_id"],
                condition=Q(cancelled_at__isnull=True, done_at__isnull=True),
                name="one_open_delayed_act",
            ),
            models.CheckConstraint(
                name="nobody_reviews_her_own_act",
                condition=Q(reviewed_by__isnull=True) | Q(asked_by__isnull=True) | ~Q(reviewed_by=F("asked_by")),
            ),
        ]
        indexes = [models.Index(fields=["-asked_at"], name="delayed_newest")]
