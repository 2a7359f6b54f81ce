"""Supervision: reviews that are owed, cases she supervises, what landed on a person."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.models import User
from accounts.paging import PAGE_SIZE, Page, cut
from cases.access import require_role
from cases.choices import AssignmentState, CaseRole, CaseState
from cases.knowledge import incident_types
from cases.models import Assignment, Case, WorkProfile

REVIEWERS = (CaseRole.SUPERVISOR, CaseRole.LEAD, CaseRole.BACKUP)
FIRST_REVIEW = timedelta(days=30)
EXPOSURE_DAYS = 14
OF_THIS_FIELD = "ibsa"  # group of incident types


def _live(*roles: str) -> QuerySet[Assignment]:
    return Assignment.objects.filter(case=OuterRef("pk"), state=AssignmentState.LIVE, role__in=roles)


def may_review(user: User, case: Case) -> bool:
    """Whether her role on the case is one that reviews."""
    own = Assignment.objects.filter(case=case, user=user, state=AssignmentState.LIVE, role__in=REVIEWERS)
    return own.exists()


def list_owed_reviews(user: User) -> QuerySet[Case]:
    """Open cases whose review is due: she supervises them, or leads them and nobody supervises."""
    today = timezone.localdate()
    owed = Q(next_review_on__lte=today) | Q(
        next_review_on__isnull=True, reviewed_on__isnull=True, opened_at__lt=timezone.now() - FIRST_REVIEW
    )
    hers = Exists(_live(CaseRole.SUPERVISOR).filter(user=user)) | (
        Exists(_live(CaseRole.LEAD).filter(user=user)) & ~Exists(_live(CaseRole.SUPERVISOR))
    )
    cases = Case.objects.visible_to(user).filter(owed, hers, state=CaseState.OPEN)
    return cases.order_by(F("next_review_on").asc(nulls_first=True), "opened_at")[:PAGE_SIZE]


def list_supervised(user: User, *, page: int) -> Page:
    """Open cases she supervises, the next review first."""
    require_role(user, Role.CASEWORKER)
    cases = Case.objects.visible_to(user).filter(
        Exists(_live(CaseRole.SUPERVISOR).filter(user=user)), state=CaseState.OPEN
    )
    return cut(cases.order_by(F("next_review_on").asc(nulls_first=True), "opened_at", "pk"), page)


def leads_of(cases: Page) -> dict[UUID, str]:
    """Who leads each of these cases."""
    rows = Assignment.objects.filter(
        case__in=[case.pk for case in cases], role=CaseRole.LEAD, state=AssignmentState.LIVE
    )
    return dict(rows.values_list("case_id", "user__display_name"))


def list_supervisees(user: User) -> QuerySet[User]:
    """People who named her, or for whom she was named."""
    named = WorkProfile.objects.filter(supervisor=user).values("user_id")
    return User.objects.filter(pk__in=named, is_active=True).order_by("display_name")


def get_exposure(user: User, person_id: UUID) -> Any:
    """What landed on a person lately. PostgreSQL shows it to herself and her named supervisor; Http404 for others."""
    require_role(user, Role.CASEWORKER, Role.LAWYER)
    types = [entry.id for entry in incident_types().types if entry.group == OF_THIS_FIELD]
    found = database.row("exposure", person_id, types, EXPOSURE_DAYS, settings.TIME_ZONE)
    if found is None:
        raise Http404
    if person_id != user.pk:
        audit.seen(Action.EXPOSURE_VIEWED, person_id)
    return found
