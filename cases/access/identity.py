"""The identity card of a case: who may open it, whether it is open to her now, and who looked."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed
from accounts.models import User
from accounts.paging import Page, cut
from cases.access import OpenedCase
from cases.choices import AssignmentState, CaseRole
from cases.compartments import GrantState, OpeningKind
from cases.models import Assignment, Case, IdentityEntry, IdentityGrant, IdentityOpening

HOLDERS = (CaseRole.LEAD, CaseRole.BACKUP)  # as in app.may_identify


def active_grant(user: User, case: Case) -> IdentityGrant | None:
    """Her grant, only while every condition holds: an allow-list, as in PostgreSQL (clauses.identifies)."""
    live = IdentityGrant.objects.filter(
        case=case,
        person=user,
        state=GrantState.ACTIVE,
        until__gt=timezone.now(),
        consent__case=F("case"),
        consent__given=True,
        consent__withdrawn_at__isnull=True,
        assignment__state=AssignmentState.LIVE,
        assignment__user=user,
    )
    return live.first()


def may_identify(user: User, case: Case) -> bool:
    """Whether she may open the card: lead, backup, or an active grant."""
    hers = Assignment.objects.filter(case=case, user=user, state=AssignmentState.LIVE, role__in=HOLDERS)
    return hers.exists() or active_grant(user, case) is not None


def require_may_identify(user: User, opened: OpenedCase) -> None:
    """Raises NotAllowed."""
    if not may_identify(user, opened.case):
        raise NotAllowed


def open_until(user: User, case: Case) -> datetime | None:
    """When the card that she opened closes; None while it is closed."""
    live = IdentityOpening.objects.filter(
        case=case, person=user, kind=OpeningKind.CARD, closed_at__isnull=True, closes_at__gt=timezone.now()
    )
    return live.order_by("-closes_at").values_list("closes_at", flat=True).first()


def list_openings(opened: OpenedCase, *, page: int) -> Page:
    """Who opened the card of this case, the latest first."""
    looks = IdentityOpening.objects.filter(case=opened.case, kind=OpeningKind.CARD).select_related("person")
    return cut(looks.order_by("-opened_at", "pk"), page)


def list_entries(opened: OpenedCase) -> QuerySet[IdentityEntry]:
    """Shells of the entries, those that were taken off last."""
    entries = IdentityEntry.objects.filter(case=opened.case).select_related("added_by", "removed_by")
    return entries.order_by(F("removed_at").asc(nulls_first=True), "added_at", "pk")


def get_entry(opened: OpenedCase, entry_id: UUID) -> IdentityEntry:
    """An entry of this case. Raises Http404."""
    found = IdentityEntry.objects.filter(case=opened.case, pk=entry_id).first()
    if found is None:
        raise Http404
    return found


def budget_left(kind: OpeningKind) -> int:
    """How many more openings of a kind she has within 24 hours without a second person."""
    return database.value("identity_budget_left", str(kind))
