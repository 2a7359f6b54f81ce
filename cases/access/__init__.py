"""The only door to records. Every page asks here; what is not visible is 404 and leaves a trace.

PostgreSQL judges the same rows again: a filter forgotten here shows nothing.
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404

from accounts import audit, database
from accounts.access import list_keys_to_vouch, may_vouch
from accounts.choices import Action, Role, TeamKind
from accounts.exceptions import NotAllowed
from accounts.models import PublicKey, Team, User
from accounts.paging import PAGE_SIZE, Page, cut
from cases import permissions
from cases.choices import AssignmentState, CaseRole, CaseState, DeadlineState, Perm, RequestState, Risk, Stage
from cases.codes import MoveState, NoticeKind, TaskState
from cases.compartments import GrantState
from cases.models import Assignment, Case, Deadline, HelpRequest, IdentityGrant, MoveRequest, Notice, seen_by
from cases.models.filters import has_living_member, permission_id
from cases.policies import allowed_actions

CODE = re.compile(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}\Z")
OPEN_REQUESTS = (RequestState.NEW, RequestState.ACKNOWLEDGED, RequestState.AWAITING_PERSON, RequestState.WAITING)


@dataclass(frozen=True)
class OpenedCase:
    """A case somebody may see, with what she may do on it."""

    case: Case
    actions: frozenset[str]
    held: frozenset[str] = frozenset()  # permissions; a page asks them only to say why something is not possible
    deputy: bool = False  # she is told when nobody answers, and reads nothing: PostgreSQL keeps the records from her


def require_role(user: User, *roles: str) -> None:
    """Raises NotAllowed unless she holds one of the roles."""
    if not set(roles) & set(user.roles):
        raise NotAllowed


# --- Requests ---------------------------------------------------------------------------------
def get_request(user: User, code: str) -> HelpRequest:
    """A request of her teams. Raises Http404."""
    require_role(user, Role.CASEWORKER)
    found = HelpRequest.objects.visible_to(user).select_related("team", "assignee").filter(code=code).first()
    if found is None:
        refuse(Action.REQUEST_VIEWED, code)
    audit.seen(Action.REQUEST_VIEWED, found.pk)
    return found


def request_code_of_form(nonce: UUID) -> str | None:
    """The code of the request that this form has made already, if it was hers."""
    return database.value("request_by_nonce", nonce)


def current_team(*, restricted: bool) -> Team | None:
    """The team that a request is sealed to; None where nobody active could open it."""
    kind = TeamKind.RESTRICTED if restricted else TeamKind.INTAKE
    return Team.objects.filter(has_living_member(), kind=kind, retired_at__isnull=True).first()


def case_code_of(request: HelpRequest, user: User) -> str | None:
    """The code of the case a request became, for whoever may see that case."""
    return Case.objects.visible_to(user).filter(request=request).values_list("code", flat=True).first()


# --- Cases ------------------------------------------------------------------------------------
def list_cases(user: User, *, state: str, page: int) -> Page:
    """Her cases by next due date."""
    require_role(user, Role.CASEWORKER, Role.LAWYER)
    cases = Case.objects.visible_to(user)
    cases = cases.filter(state=state if state in CaseState.values else CaseState.OPEN)
    order = (F("next_due_on").asc(nulls_last=True), "opened_at", "pk")
    return cut(cases.order_by(*order), page)


def get_case(user: User, code: str) -> OpenedCase:
    """A case she may see, with the actions she is allowed. Raises Http404, and both are logged."""
    found = Case.objects.visible_to(user).filter(code=code).first()
    if found is None:
        refuse(Action.CASE_VIEWED, code)
    held = permissions.permissions_of(user, found)
    if Perm.VIEW not in held:
        refuse(Action.CASE_VIEWED, code)
    audit.seen(Action.CASE_VIEWED, found.pk)
    if held == {Perm.VIEW} and _is_deputy(user, found):
        return OpenedCase(found, frozenset(), held, deputy=True)
    return OpenedCase(found, allowed_actions(held, found.state), held)


def list_deadlines(opened: OpenedCase) -> QuerySet[Deadline]:
    deadlines = Deadline.objects.filter(case=opened.case).select_related("assignee")
    return deadlines.order_by(F("settled_at").asc(nulls_first=True), "due_on", "pk")


def get_deadline(opened: OpenedCase, deadline_id: UUID) -> Deadline:
    found = Deadline.objects.filter(case=opened.case, pk=deadline_id).first()
    if found is None:
        raise Http404
    return found


def list_assignments(opened: OpenedCase) -> QuerySet[Assignment]:
    people = Assignment.objects.filter(case=opened.case).select_related("user", "offered_by", "conflict_slip")
    return people.order_by(F("ended_at").asc(nulls_first=True), "offered_at", "pk")


def people_on(opened: OpenedCase) -> QuerySet[User]:
    """People with a live role on the case, by name."""
    live = Assignment.objects.filter(case=opened.case, state=AssignmentState.LIVE)
    return User.objects.filter(pk__in=live.values("user_id")).order_by("display_name")


def get_assignment(opened: OpenedCase, assignment_id: UUID) -> Assignment:
    found = Assignment.objects.filter(case=opened.case, pk=assignment_id).select_related("user", "case").first()
    if found is None:
        raise Http404
    return found


def get_ending_assignment(user: User, opened: OpenedCase, assignment_id: UUID) -> Assignment:
    """An assignment that she may end: any with the right to share, else her own. Raises NotAllowed."""
    found = get_assignment(opened, assignment_id)
    if "end_assignment" not in opened.actions and found.user_id != user.pk:
        raise NotAllowed
    return found


def people_for_role(opened: OpenedCase, role: str) -> QuerySet[User]:
    """Active people with a key whose account fits a role and who are not on the case, nor walled from it."""
    return _fitting(opened, role).filter(_HAS_KEY)


def without_key_for_role(opened: OpenedCase, role: str) -> list[str]:
    """Names of those who would fit, but were only invited: there is no key yet that a case could be sealed to."""
    return list(_fitting(opened, role).exclude(_HAS_KEY).values_list("display_name", flat=True))


_HAS_KEY = Exists(PublicKey.objects.filter(user_id=OuterRef("pk"), retired_at__isnull=True))


def _fitting(opened: OpenedCase, role: str) -> QuerySet[User]:
    wanted = Role.LAWYER if role == CaseRole.LAWYER else Role.CASEWORKER
    busy = Assignment.objects.filter(case=opened.case, state__in=[AssignmentState.OFFERED, AssignmentState.LIVE])
    people = User.objects.filter(is_active=True, roles__contains=[wanted]).exclude(pk__in=busy.values("user_id"))
    return people.exclude(pk__in=_walled_from(opened.case)).order_by("display_name")


def _walled_from(case: Case) -> list[UUID]:
    return [row.person for row in database.rows("walls_of", case.pk)]


# --- The desk ---------------------------------------------------------------------------------
def desk_hints() -> Any:
    """Which cards may have something for whoever acts: one query, so that most cards need none."""
    return database.row("desk_hints", settings.TIME_ZONE)


def list_offers(user: User) -> list:
    """Cases she is asked to work on: code, role and who asks, nothing else."""
    return database.rows("my_offers")


def list_errands(user: User) -> QuerySet[Assignment]:
    """People who wait for keys on cases whose keys she holds, oldest first."""
    waiting = Assignment.objects.filter(
        state=AssignmentState.OFFERED,
        keys_sealed_at__isnull=True,
        case__permission_rows__user_id=user.pk,
        case__permission_rows__permission_id=permission_id(Perm.SHARE),
    )
    return waiting.exclude(user=user).select_related("case", "user").order_by("offered_at")[:PAGE_SIZE]


RISK_TOLD = (NoticeKind.RISK, NoticeKind.ATTEMPT, NoticeKind.NEEDED)


def list_notices(user: User) -> QuerySet[Notice]:
    """What she has not acknowledged, newest first; not what was settled meanwhile.

    Questions to a second person have a card of their own (access/second.py), where she answers them.
    """
    open_ = Notice.objects.filter(user=user, acknowledged_at__isnull=True).exclude(kind=NoticeKind.SECOND)
    settled = Q(deadline__isnull=False) & ~Q(deadline__state=DeadlineState.RUNNING)
    settled |= Q(kind=NoticeKind.ALERT)  # a card of its own: access/duty.py
    settled |= Q(kind__in=RISK_TOLD)  # a card of its own: access/plan.py
    settled |= Q(kind=NoticeKind.GRANT) & _asked_to_grant(user)  # a card of its own: access/grants.py
    settled |= Q(task__isnull=False) & ~Q(task__state=TaskState.OPEN)
    told = MoveRequest.objects.filter(state__in=[MoveState.OPEN, MoveState.LEFT])
    asked = told.select_related("person", "asked_by")
    wanted = open_.exclude(settled).select_related(
        "case", "deadline__case", "deadline__assignee", "task", "request", "assignment__user", "erasure"
    )
    wanted = wanted.prefetch_related(Prefetch("case__moves", queryset=asked, to_attr="asked_moves"))
    return wanted.order_by("-created_at")[:PAGE_SIZE]


def _asked_to_grant(user: User) -> Q:
    """On the case of a notice somebody waits for her answer as a holder."""
    roles = (CaseRole.LEAD, CaseRole.BACKUP)
    holds = Assignment.objects.filter(case=OuterRef("case_id"), user=user, state=AssignmentState.LIVE, role__in=roles)
    asked = IdentityGrant.objects.filter(case=OuterRef("case_id"), state=GrantState.ASKED)
    return Q(Exists(holds)) & Q(Exists(asked.exclude(person=user).exclude(approved_by=user)))


def get_notice(user: User, notice_id: UUID) -> Notice:
    found = Notice.objects.filter(user=user, pk=notice_id).select_related("case").first()
    if found is None:
        raise Http404
    return found


def list_due(user: User) -> QuerySet[Deadline]:
    """The next dates on her cases, overdue ones first."""
    running = Deadline.objects.filter(seen_by(user, "case_id"), state=DeadlineState.RUNNING)
    return running.select_related("case", "assignee").order_by("due_on", "pk")[:20]


def list_cases_without_backup(user: User) -> list[Case]:
    """Cases she leads that nobody else could open: a second holder is due within seven days."""
    second = Assignment.objects.filter(case=OuterRef("case_id"), state=AssignmentState.LIVE, role=CaseRole.BACKUP)
    led = Assignment.objects.filter(
        user=user, role=CaseRole.LEAD, state=AssignmentState.LIVE, case__state=CaseState.OPEN
    ).exclude(Exists(second))
    return [row.case for row in led.select_related("case").order_by("case__opened_at")[:PAGE_SIZE]]


def list_cases_without_lead(user: User) -> list[Case]:
    """Open cases nobody leads any more, of those where she is backup or caseworker."""
    lead = Assignment.objects.filter(case=OuterRef("case_id"), state=AssignmentState.LIVE, role=CaseRole.LEAD)
    mine = Assignment.objects.filter(
        user=user,
        role__in=[CaseRole.BACKUP, CaseRole.CASEWORKER],
        state=AssignmentState.LIVE,
        case__state=CaseState.OPEN,
    ).exclude(Exists(lead))
    return [row.case for row in mine.select_related("case").order_by("case__opened_at")[:PAGE_SIZE]]


def count_keys_to_vouch(user: User) -> int:
    """How many colleagues wait for somebody to read the words of their key with them, where she may do it."""
    return list_keys_to_vouch(user).count() if may_vouch(user) else 0


def vouched_ids(users: list[UUID]) -> set[UUID]:
    """Which of these people have a current key that was read out by voice."""
    keys = PublicKey.objects.filter(user_id__in=users, retired_at__isnull=True, vouch__fingerprint=F("fingerprint"))
    return set(keys.values_list("user_id", flat=True))


# --- The work board ---------------------------------------------------------------------------
def work_board(
    user: User, *, page: int, only: str = "", stage: str = "", risk: str = "", sort: str = ""
) -> tuple[Page, int]:
    """Who holds what and what is late, without content; and how many protected cases nobody holds."""
    require_role(user, Role.COORDINATOR)
    chosen = (only, stage if stage in Stage.values else "", risk if risk in Risk.values else "", sort)
    rows = database.rows("work_board", (page - 1) * PAGE_SIZE, PAGE_SIZE + 1, settings.TIME_ZONE, *chosen)
    audit.seen(Action.WORK_BOARD_VIEWED, "")
    return Page(rows, page), database.value("protected_without_holder")


def _is_deputy(user: User, case: Case) -> bool:
    hers = Assignment.objects.filter(case=case, user=user, state=AssignmentState.LIVE)
    return hers.filter(role=CaseRole.DEPUTY).exists()


def board_has_unled(user: User) -> bool:
    """Whether her board shows a case that nobody leads."""
    rows = (
        database.rows("work_board", 0, 1, settings.TIME_ZONE, "alone", "", "", "") if user.has(Role.COORDINATOR) else []
    )
    return bool(rows)


def _well_formed(code: str) -> bool:
    return bool(CODE.match(code))


def refuse(action: Action, code: str) -> NoReturn:
    """What is not there for her is 404, and the try is logged."""
    if _well_formed(code):
        audit.refused(action, code)
    raise Http404
