"""What a case knows: what happened, where law may apply, consent, files, links, and the timeline of everything."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from cases.choices import ContactLanguage
from cases.codes import (
    ConsentBy,
    ConsentHow,
    ConsentPurpose,
    Country,
    CountryReason,
    Entity,
    FileKind,
    FileRemoval,
    LinkKind,
    TimelineKind,
)
from cases.models.case import Case
from cases.models.request import HelpRequest


def _codes() -> ArrayField:
    return ArrayField(models.CharField(max_length=40), default=list)


class Incident(models.Model):
    """Something that happened. Codes are those of cases/knowledge/incident_types.yaml; words and names are sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="incidents")
    nonce = models.UUIDField(unique=True, editable=False)
    types = _codes()
    contexts = _codes()
    platforms = _codes()
    outcomes = _codes()
    relation = models.CharField(max_length=40, blank=True)
    age_at_capture = models.CharField(max_length=20, blank=True)
    consent_to_make = models.CharField(max_length=20, blank=True)
    consent_to_share = models.CharField(max_length=20, blank=True)
    nature = models.CharField(max_length=20, blank=True)
    made_by_whom = models.CharField(max_length=20, blank=True)
    happened_in = models.DateField(null=True)  # first day of the month
    learned_in = models.DateField(null=True)  # first day of the month
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "-written_at"], name="incident_by_case")]


class CaseJurisdiction(models.Model):
    """A country whose law may apply, and why. A case has several, or openly none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="jurisdictions")
    country = models.CharField(max_length=2, choices=Country.choices)
    entity = models.CharField(max_length=5, choices=Entity.choices, blank=True)
    reason = models.CharField(max_length=8, choices=CountryReason.choices)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "country", "entity", "reason"],
                condition=models.Q(removed_at__isnull=True),
                name="one_country_a_reason",
            )
        ]


class Consent(models.Model):
    """Consent to one purpose, or that she said no. Hangs on the request first and on the case it becomes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(HelpRequest, null=True, on_delete=models.CASCADE, related_name="consents")
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=16, choices=ConsentPurpose.choices)
    given = models.BooleanField()
    how = models.CharField(max_length=8, choices=ConsentHow.choices)
    given_by = models.CharField(max_length=10, choices=ConsentBy.choices)
    language = models.CharField(max_length=8, choices=ContactLanguage.choices)
    text_version = models.CharField(max_length=20)
    nonce = models.UUIDField(null=True, unique=True, editable=False)  # null: noted with the request
    expires_at = models.DateTimeField(null=True)
    signed_on = models.DateField(null=True)  # the day on the paper, where she said it in writing
    signed_time = models.TimeField(null=True)  # and the time here, where she took an older yes back on that day
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # The yes that was noted as withdrawn in error, and for which this one stands.
    restores = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="restored_by")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consent_hangs_on_something",
                condition=models.Q(request__isnull=False) | models.Q(case__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["case", "purpose"], name="consent_by_case")]


class CaseFile(models.Model):
    """The shell of a file. Name, type and hash are sealed; the bytes are sealed chunks in the vault."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    nonce = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=FileKind.choices)
    size = models.PositiveIntegerField()  # bytes
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)  # name and bytes are gone, the shell says that it was here
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    removal_reason = models.CharField(max_length=12, choices=FileRemoval.choices, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-uploaded_at"], name="file_by_case")]


class CaseLink(models.Model):
    """Two cases that belong together. Seen only by whoever sees both."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_from")
    kind = models.CharField(max_length=16, choices=LinkKind.choices)
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_case_is_not_linked_to_itself", condition=~models.Q(case=models.F("other"))),
            models.UniqueConstraint(
                fields=["case", "other", "kind"],
                condition=models.Q(removed_at__isnull=True),
                name="two_cases_are_linked_once",
            ),
        ]
        indexes = [models.Index(fields=["other"], name="link_backwards")]


class TimelineEntry(models.Model):
    """One line of the timeline: when, who, what about. Texts are sealed beside the record that it points to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="timeline")
    kind = models.CharField(max_length=12, choices=TimelineKind.choices)
    record_id = models.UUIDField(null=True)
    detail = models.CharField(max_length=80, blank=True)  # codes, such as "risk:standard>high"; never a text
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["case", "-at", "id"], name="timeline_by_case"),
            models.Index(fields=["case", "kind", "-at"], name="timeline_by_kind"),
        ]
