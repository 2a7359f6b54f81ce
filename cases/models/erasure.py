"""What is left when something was erased: a receipt with a number, and opaque ids for a restore."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from cases.compartments import Erased, ErasureReason


class Erasure(models.Model):
    """That something was erased, when and by whom. `erased_id` and `kept_id` name rows that are gone: no foreign keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=9, unique=True)
    what = models.CharField(max_length=8, choices=Erased.choices)
    reason = models.CharField(max_length=10, choices=ErasureReason.choices)
    erased_id = models.UUIDField()
    kept_id = models.UUIDField(null=True)  # the one date
    request_ids = ArrayField(models.UUIDField(), default=list)  # requests that went: her first one, and others of her
    at = models.DateTimeField()
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    agreed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-at"], name="erasure_by_time")]
