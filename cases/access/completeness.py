"""What cases still miss: the facts of one case, or of a page of them, in one query; and the checklist of a case."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from accounts.paging import Page, cut
from cases import completeness
from cases.access import OpenedCase, require_role
from cases.choices import AssignmentState, CaseRole, CaseState
from cases.codes import ApprovalState, CheckItem, CheckOutcome, ConsentPurpose, SlipAnswer
from cases.completeness import Facts, Gap
from cases.models import (
    Approval,
    Assignment,
    Case,
    CaseCheck,
    CaseJurisdiction,
    CaseLink,
    ConflictSlip,
    Consent,
    Incident,
    RiskAssessment,
    SafetyPlan,
)

ANSWERS_FOR = (CaseRole.LEAD, CaseRole.SUPERVISOR)
SETTLED_BY_FACT = CheckItem.BACKUP


@dataclass(frozen=True)
class CheckLine:
    """A line of the checklist. The backup's settles by itself as soon as there is one."""

    item: str
    due_on: date
    outcome: str
    by_itself: bool = False

    @property
    def label(self) -> str:
        return str(CheckItem(self.item).label)

    @property
    def outcome_label(self) -> str:
        return str(CheckOutcome(self.outcome).label) if self.outcome else ""


@dataclass(frozen=True)
class Look:
    """What a case misses, and whether there are questions to a second person and links to show."""

    gaps: list[Gap]
    has_questions: bool
    has_links: bool


def look_at(opened: OpenedCase, *, people: list[Assignment], checks: list[CheckLine]) -> Look:
    """What one case still misses, beside what its page has read already; one query."""
    case = OuterRef("pk")
    linked = CaseLink.objects.filter(removed_at__isnull=True)
    flags = _of_record(Case.objects.filter(pk=opened.case.pk)).annotate(
        has_questions=Exists(Approval.objects.filter(case=case, state=ApprovalState.ASKED)),
        has_links=Exists(linked.filter(Q(case=case) | Q(other=case))),
    )
    row = flags.values(*RECORD, "has_questions", "has_links").get()
    questions, links = row.pop("has_questions"), row.pop("has_links")
    live = {person.role for person in people if person.state == AssignmentState.LIVE}
    facts = Facts(
        **row,
        risk=opened.case.risk,
        next_review_on=opened.case.next_review_on,
        has_backup=CaseRole.BACKUP in live,
        has_supervisor=CaseRole.SUPERVISOR in live,
        checks_open=any(not check.outcome for check in checks if check.item != SETTLED_BY_FACT),
    )
    return Look(completeness.missing(facts, timezone.localdate()), questions, links)


def list_incomplete(user: User, *, page: int) -> tuple[Page, list[tuple[Case, list[Gap]]]]:
    """Open cases that she leads or supervises, each with what it misses; the same queries for one and a hundred."""
    require_role(user, Role.CASEWORKER)
    hers = Assignment.objects.filter(case=OuterRef("pk"), user=user, state=AssignmentState.LIVE, role__in=ANSWERS_FOR)
    cases = _with_facts(Case.objects.visible_to(user).filter(Exists(hers), state=CaseState.OPEN))
    found = cut(cases.order_by(F("next_due_on").asc(nulls_last=True), "opened_at", "pk"), page)
    today = timezone.localdate()
    return found, [(case, _gaps(case, today)) for case in found]


def list_checks(opened: OpenedCase, *, has_backup: bool) -> list[CheckLine]:
    """The checklist after acceptance. A line that an older case has no row for is there all the same."""
    rows = {row.item: row for row in CaseCheck.objects.filter(case=opened.case)}
    lines = []
    for item in CheckItem.values:
        row = rows.get(item)
        due_on = row.due_on if row else completeness.check_due(item, timezone.localdate(opened.case.opened_at))
        outcome = row.outcome if row else ""
        by_itself = item == SETTLED_BY_FACT and has_backup and not outcome
        lines.append(CheckLine(item, due_on, CheckOutcome.CLEAR if by_itself else outcome, by_itself))
    return lines


RECORD = ("core_answered", "has_safety_plan", "has_consent", "has_country", "has_incident", "lawyers_unasked")


def _of_record(cases: QuerySet[Case]) -> QuerySet[Case]:
    case = OuterRef("pk")
    clear = ConflictSlip.objects.filter(assignment=OuterRef("pk"), answer=SlipAnswer.CLEAR)
    lawyers = Assignment.objects.filter(case=case, state=AssignmentState.LIVE, role=CaseRole.LAWYER)
    consent = Consent.objects.filter(case=case, purpose=ConsentPurpose.SERVICES, given=True, withdrawn_at__isnull=True)
    return cases.annotate(
        core_answered=Exists(RiskAssessment.objects.filter(case=case, counts=True, core_complete=True)),
        has_safety_plan=Exists(SafetyPlan.objects.filter(case=case)),
        has_consent=Exists(consent),
        has_country=Exists(CaseJurisdiction.objects.filter(case=case, removed_at__isnull=True)),
        has_incident=Exists(Incident.objects.filter(case=case)),
        lawyers_unasked=Exists(lawyers.exclude(Exists(clear))),
    )


def _with_facts(cases: QuerySet[Case]) -> QuerySet[Case]:
    case = OuterRef("pk")
    live = Assignment.objects.filter(case=case, state=AssignmentState.LIVE)
    settled = CaseCheck.objects.filter(case=case).exclude(outcome="").exclude(item=SETTLED_BY_FACT)
    number = settled.order_by().values("case").annotate(number=Count("pk")).values("number")
    return _of_record(cases).annotate(
        has_backup=Exists(live.filter(role=CaseRole.BACKUP)),
        has_supervisor=Exists(live.filter(role=CaseRole.SUPERVISOR)),
        checks_settled=Coalesce(Subquery(number), 0),
    )


def _gaps(case: Case, today: date) -> list[Gap]:
    row = vars(case)
    known = {name: row[name] for name in Facts.__dataclass_fields__ if name in row}
    return completeness.missing(Facts(**known, checks_open=row["checks_settled"] < len(CheckItem) - 1), today)
