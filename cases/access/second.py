"""Acts that wait for a second person: on one case, and on the desk of whoever may answer."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from accounts import database
from accounts.models import User
from accounts.paging import PAGE_SIZE
from cases.access import OpenedCase
from cases.access.absence import away_until
from cases.choices import AssignmentState, CaseRole
from cases.codes import ApprovalState
from cases.models import Approval, Assignment, Case, HelpRequest, RiskAssessment

SECONDS = (CaseRole.LEAD, CaseRole.BACKUP, CaseRole.SUPERVISOR)  # as in app.may_second


def list_waiting(opened: OpenedCase) -> list[Approval]:
    """Questions on this case that nobody has answered."""
    asked = Approval.objects.filter(case=opened.case, state=ApprovalState.ASKED).select_related("asked_by")
    return list(asked.order_by("asked_at"))


def get_approval(opened: OpenedCase, approval_id: UUID) -> Approval:
    found = Approval.objects.filter(case=opened.case, pk=approval_id).select_related("asked_by", "answered_by").first()
    if found is None:
        raise Http404
    return found


def second_persons(
    opened: OpenedCase, *, besides: list[UUID], roles: tuple[CaseRole, ...] = SECONDS
) -> dict[UUID, str]:
    """Who may be a second person on this case, by name: not who asked, nor whom it is about."""
    live = Assignment.objects.filter(case=opened.case, state=AssignmentState.LIVE, role__in=roles)
    people = User.objects.filter(pk__in=live.values("user_id"), is_active=True).exclude(pk__in=besides)
    return dict(people.order_by("display_name").values_list("pk", "display_name"))


def here_and_away(
    opened: OpenedCase, *, besides: list[UUID], roles: tuple[CaseRole, ...] = SECONDS
) -> tuple[list[str], list[str]]:
    """The names of `second_persons`: who is here, and who is away today and answers once she is back."""
    names = second_persons(opened, besides=besides, roles=roles)
    away = away_until(names)
    return [name for pk, name in names.items() if pk not in away], [names[pk] for pk in names if pk in away]


def others_of_team(request: HelpRequest, user: User) -> bool:
    """Whether another member of its team may see this request and so agree to something about it."""
    kept_out = [row.person for row in database.rows("walls_of", request.pk)]
    members = {row.user_id for row in database.rows("team_people") if row.kind == request.team.kind}
    return bool(members - {user.pk, *kept_out})


def level_asked(opened: OpenedCase, approval: Approval) -> str:
    """The level that a lowering leads to; empty for other acts."""
    rated = RiskAssessment.objects.filter(case=opened.case, pk=approval.record_id) if approval.record_id else None
    return rated.values_list("level", flat=True).first() or "" if rated is not None else ""


def may_answer(opened: OpenedCase, approval: Approval, user: User) -> bool:
    """Whether the page offers her the two answers; the database asks again."""
    hers = Assignment.objects.filter(case=opened.case, user=user, state=AssignmentState.LIVE, role__in=SECONDS)
    return approval.asked_by_id != user.pk and hers.exists()


def list_asked_of(user: User) -> QuerySet[Approval]:
    """What waits for her answer, the oldest first."""
    hers = Assignment.objects.filter(case=OuterRef("case_id"), user=user, state=AssignmentState.LIVE, role__in=SECONDS)
    waiting = Approval.objects.filter(Exists(hers), state=ApprovalState.ASKED, case__in=Case.objects.visible_to(user))
    return waiting.exclude(asked_by=user).select_related("case", "asked_by").order_by("asked_at")[:PAGE_SIZE]
