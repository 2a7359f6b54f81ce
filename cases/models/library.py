"""Letters and phrases of the organisation, without any case in them. Shipped ones are files of the project."""

import uuid

from django.db import models

from accounts.models import User
from cases.codes import TemplateKind


class LetterTemplate(models.Model):
    """A text to fill in. Everybody who works here reads it; nothing of a case is ever saved in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nonce = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=TemplateKind.choices)
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=120)
    body = models.TextField(max_length=10_000)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["kind", "language", "title"], condition=models.Q(retired_at__isnull=True), name="template_list"
            )
        ]
