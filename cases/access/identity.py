"""The identity card of a case: who may open it, whether it is open to her now, and who looked."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed
from accounts.models import User
from accounts.paging import Page, cut
from cases.access import OpenedCase
from cases.choices import HOLDERS, AssignmentState
from cases.codes import ApprovalKind, ApprovalState
from cases.compartments import GrantState, OpeningKind
from cases.models import Approval, Assignment, Case, IdentityEntry, IdentityGrant, IdentityOpening, TextCheck


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
        assignment__case=F("case"),
    ).filter(Q(consent__expires_at__isnull=True) | Q(consent__expires_at__gt=timezone.now()))
    return live.first()


def may_identify(user: User, case: Case) -> bool:
    """Whether she may open the card: lead, backup, or an active grant."""
    hers = Assignment.objects.filter(case=case, user=user, state=AssignmentState.LIVE, role__in=HOLDERS)
    return hers.exists() or active_grant(user, case) is not None


def require_may_identify(user: User, opened: OpenedCase) -> None:
    """Raises NotAllowed."""
    if not may_identify(user, opened.case):
        raise NotAllowed


def open_until(case: Case) -> datetime | None:
    """When the card that whoever acts opened in this session closes; None while it is closed to her."""
    return database.value("identity_until", case.pk)


def is_open_still(user: User, code: str) -> bool:
    """Whether the card of this case is open to her now. No look at the case: nothing is logged and nothing is refused."""
    case = Case.objects.visible_to(user).filter(code=code).first()
    return case is not None and may_identify(user, case) and open_until(case) is not None


def list_openings(opened: OpenedCase, *, page: int) -> Page:
    """Who opened the card of this case, the latest first."""
    looks = IdentityOpening.objects.filter(case=opened.case, kind=OpeningKind.CARD).select_related("person")
    return cut(looks.order_by("-opened_at", "pk"), page)


def openings_by_id(ids: Iterable[str]) -> dict[str, IdentityOpening]:
    """Openings that she may know of, by their ids as text: one query."""
    found = IdentityOpening.objects.filter(pk__in=[one for one in ids if one]).select_related("person")
    return {str(look.pk): look for look in found}


def list_entries(opened: OpenedCase) -> QuerySet[IdentityEntry]:
    """Shells of the entries, those that were taken off last."""
    entries = IdentityEntry.objects.filter(case=opened.case).select_related("added_by", "removed_by")
    return entries.order_by(F("removed_at").asc(nulls_first=True), "added_at", "pk")


def is_empty(opened: OpenedCase) -> bool:
    """Nothing stands on the card; for whoever may open it."""
    return not IdentityEntry.objects.filter(case=opened.case, removed_at__isnull=True).exists()


def get_entry(opened: OpenedCase, entry_id: UUID) -> IdentityEntry:
    """An entry of this case. Raises Http404."""
    found = IdentityEntry.objects.filter(case=opened.case, pk=entry_id).first()
    if found is None:
        raise Http404
    return found


def get_text_check(opened: OpenedCase, check_id: UUID) -> TextCheck:
    """A text of this case that may name her, for whoever may open the card. Raises Http404."""
    found = TextCheck.objects.filter(case=opened.case, pk=check_id).first()
    if found is None:
        raise Http404
    return found


def one_more(user: User, case: Case) -> Approval | None:
    """What she asked a second person for on this case: the open question, or the yes of a day that she has not used."""
    used = IdentityOpening.objects.filter(approval_id=OuterRef("pk"))
    unused = Q(state=ApprovalState.APPROVED, answered_at__gt=timezone.now() - timedelta(days=1)) & ~Exists(used)
    hers = Approval.objects.filter(case=case, kind=ApprovalKind.OPEN_IDENTITY, asked_by=user)
    return hers.filter(Q(state=ApprovalState.ASKED) | unused).order_by("state", "answered_at").first()


def budget_left(kind: OpeningKind) -> int:
    """How many more openings of a kind she has within 24 hours without a second person."""
    return database.value("identity_budget_left", str(kind))
