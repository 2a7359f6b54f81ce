"""Acts that wait for a second person: on one case, and on the desk of whoever may answer."""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404

from accounts.models import User
from accounts.paging import PAGE_SIZE
from cases.access import OpenedCase
from cases.choices import AssignmentState, CaseRole
from cases.codes import ApprovalState
from cases.models import Approval, Assignment, Case

SECONDS = (CaseRole.LEAD, CaseRole.BACKUP, CaseRole.SUPERVISOR)  # as in app.may_second


def list_approvals(opened: OpenedCase) -> QuerySet[Approval]:
    """What was asked on a case, open questions first, then the newest."""
    asked = Approval.objects.filter(case=opened.case).select_related("asked_by", "answered_by")
    return asked.order_by(F("answered_at").desc(nulls_first=True), "-asked_at", "pk")[:PAGE_SIZE]


def get_approval(opened: OpenedCase, approval_id: UUID) -> Approval:
    found = Approval.objects.filter(case=opened.case, pk=approval_id).select_related("asked_by", "answered_by").first()
    if found is None:
        raise Http404
    return found


def second_persons(opened: OpenedCase, *, besides: UUID) -> list[str]:
    """Names of those who may be the second person of `besides` on this case."""
    live = Assignment.objects.filter(case=opened.case, state=AssignmentState.LIVE, role__in=SECONDS)
    people = User.objects.filter(pk__in=live.values("user_id"), is_active=True).exclude(pk=besides)
    return list(people.order_by("display_name").values_list("display_name", flat=True))


def list_asked_of(user: User) -> QuerySet[Approval]:
    """What waits for her answer, the oldest first."""
    hers = Assignment.objects.filter(case=OuterRef("case_id"), user=user, state=AssignmentState.LIVE, role__in=SECONDS)
    waiting = Approval.objects.filter(Exists(hers), state=ApprovalState.ASKED, case__in=Case.objects.visible_to(user))
    return waiting.exclude(asked_by=user).select_related("case", "asked_by").order_by("asked_at")[:PAGE_SIZE]
