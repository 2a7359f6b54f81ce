"""Consents of a case, and what hangs on one."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from cases.access import OpenedCase
from cases.compartments import GrantState
from cases.models import Consent, IdentityGrant


def list_consents(opened: OpenedCase) -> QuerySet[Consent]:
    """All of them, the latest first."""
    found = Consent.objects.filter(case=opened.case)
    found = found.select_related("noted_by", "withdrawn_by", "restores", "restored_by__noted_by")
    return found.order_by("-noted_at", "pk")


def get_consent(opened: OpenedCase, consent_id: UUID) -> Consent:
    """A consent of this case. Raises Http404."""
    found = list_consents(opened).filter(pk=consent_id).select_related("case").first()
    if found is None:
        raise Http404
    return found


def grants_on(consents: list[Consent]) -> QuerySet[IdentityGrant]:
    """To whom the identity is open because of these consents of one case."""
    hanging = IdentityGrant.objects.filter(consent__in=consents, case=consents[0].case_id, state=GrantState.ACTIVE)
    return hanging.select_related("person", "consent").order_by("asked_at", "pk")
