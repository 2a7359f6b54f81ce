"""The identity card of a case: shells of its entries, who looked, and grants to others. What it says is sealed."""

import uuid

from django.db import models

from accounts.models import User
from cases.compartments import GrantEnd, GrantKind, GrantState, OpeningKind, OpeningReason, TextState
from cases.models.case import Assignment, Case
from cases.models.people import Approval
from cases.models.record import Consent


class IdentityEntry(models.Model):
    """The shell of one entry, such as a name or a phone. Its kind, value and certainty are sealed under identity."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="identity_entries")
    nonce = models.UUIDField(unique=True, editable=False)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "added_at"], name="identity_entry_by_case")]


class IdentityOpening(models.Model):
    """That somebody opened an identity: while it lasts, PostgreSQL shows her the sealed card, and at no other time.

    A search over what she holds has no case.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="identity_openings")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # Where it is open: the session in which she confirmed that it is she.
    session_hash = models.CharField(max_length=64, null=True)  # noqa: DJ001 - nobody's session has none
    kind = models.CharField(max_length=8, choices=OpeningKind.choices)
    reason = models.CharField(max_length=12, choices=OpeningReason.choices, blank=True)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    approval = models.OneToOneField(Approval, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["case", "-opened_at"], name="identity_opening_by_case"),
            models.Index(fields=["person", "-opened_at"], name="identity_opening_by_person"),
        ]


class TextCheck(models.Model):
    """A text of a case and whether it may name the survivor. Written by trigger app.text_written, for whoever holds the card."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    record_id = models.UUIDField()
    field = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=TextState.choices, default=TextState.UNCHECKED)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "field"], name="one_check_a_text")]
        indexes = [
            models.Index(
                fields=["case", "written_at"],
                condition=models.Q(state__in=[TextState.UNCHECKED, TextState.NAMES]),
                name="text_check_by_case",
            )
        ]


class IdentityGrant(models.Model):
    """Somebody besides lead and backup may open the identity, for a time, because the survivor agreed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="identity_grants")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="+")
    consent = models.ForeignKey(Consent, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=GrantKind.choices)
    reason = models.CharField(max_length=12, choices=OpeningReason.choices)
    state = models.CharField(max_length=10, choices=GrantState.choices, default=GrantState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True)  # the second approval that a protected case needs
    second_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    hours = models.PositiveSmallIntegerField(null=True)  # for how long, once it is active
    warned_at = models.DateTimeField(null=True)  # lead and backup were told that it waits to be confirmed
    until = models.DateTimeField(null=True)  # of an active one; also when representation must be confirmed again
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(max_length=16, choices=GrantEnd.choices, blank=True)
    why_refused = ""  # for a page: it is sealed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"],
                condition=models.Q(state__in=[GrantState.ASKED, GrantState.ACTIVE]),
                name="one_current_grant_a_person",
            ),
            models.CheckConstraint(
                name="active_grant_has_an_end",
                condition=~models.Q(state=GrantState.ACTIVE)
                | models.Q(until__isnull=False, approved_by__isnull=False, consent__isnull=False),
            ),
            models.CheckConstraint(
                name="grant_of_seven_days_at_most",
                condition=~models.Q(state=GrantState.ACTIVE, kind=GrantKind.GRANT)
                | models.Q(hours__isnull=False, hours__gte=1, hours__lte=168),
            ),
        ]
        indexes = [models.Index(fields=["until"], condition=models.Q(state=GrantState.ACTIVE), name="grant_until")]

    @property
    def ends_with_consent(self) -> bool:
        """Representation that lasts no longer however often it is confirmed: the consent ends then (app.grant_until)."""
        ends = self.consent.expires_at if self.consent else None
        return bool(self.kind == GrantKind.REPRESENTATION and ends and self.until and ends <= self.until)
