"""What cases still miss: the facts of one case, or of a page of them, in one query; and the checklist of a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from accounts import database
from accounts.choices import Role
from accounts.models import User
from accounts.paging import Page, cut
from cases import completeness
from cases.access import OpenedCase, require_role
from cases.choices import AssignmentState, CaseRole, CaseState
from cases.codes import CheckItem, CheckOutcome
from cases.completeness import Facts, Gap
from cases.models import Assignment, Case, CaseCheck

ANSWERS_FOR = (CaseRole.LEAD, CaseRole.SUPERVISOR)


@dataclass(frozen=True)
class CheckLine:
    """A line of the checklist. Where the database knows the answer, it settles by itself."""

    item: str
    due_on: date
    outcome: str
    page: str = ""  # where a line that settles by itself is put right

    @property
    def label(self) -> str:
        return str(CheckItem(self.item).label)

    @property
    def outcome_label(self) -> str:
        return str(CheckOutcome(self.outcome).label) if self.outcome else ""


@dataclass(frozen=True)
class Look:
    """What a case misses, and what else there is to read of it at all: most pages are spared those queries."""

    gaps: list[Gap]
    has_questions: bool
    has_links: bool
    is_armed: bool
    has_calls: bool
    has_services: bool
    has_texts_to_check: bool
    has_backup: bool
    has_consent: bool


FLAGS = tuple(name for name in Look.__dataclass_fields__ if name != "gaps")


def look_at(opened: OpenedCase) -> Look:
    """What one case still misses, and what there is to show; one query."""
    row = _facts([opened.case])[opened.case.pk]
    return Look(_gaps(opened.case, row, timezone.localdate()), *(getattr(row, name) for name in FLAGS))


def list_incomplete(user: User, *, page: int) -> tuple[Page, list[tuple[Case, list[Gap]]]]:
    """Open cases that she leads or supervises, each with what it misses; the same queries for one and a hundred."""
    require_role(user, Role.CASEWORKER)
    hers = Assignment.objects.filter(case=OuterRef("pk"), user=user, state=AssignmentState.LIVE, role__in=ANSWERS_FOR)
    cases = Case.objects.visible_to(user).filter(Exists(hers), state=CaseState.OPEN)
    found = cut(cases.order_by(F("next_due_on").asc(nulls_last=True), "opened_at", "pk"), page)
    today, facts = timezone.localdate(), _facts(found)
    return found, [(case, _gaps(case, facts[case.pk], today)) for case in found]


def list_checks(opened: OpenedCase, look: Look) -> list[CheckLine]:
    """The checklist after acceptance. A line that an older case has no row for is there all the same."""
    rows = {row.item: row for row in CaseCheck.objects.filter(case=opened.case)}
    lines = []
    for item in CheckItem.values:
        row = rows.get(item)
        due_on = row.due_on if row else completeness.check_due(item, timezone.localdate(opened.case.opened_at))
        fact, page = completeness.DERIVED.get(CheckItem(item), ("", ""))
        outcome = row.outcome if row else ""
        if fact:
            outcome = CheckOutcome.CLEAR if getattr(look, fact) else ""
        lines.append(CheckLine(item, due_on, outcome, page))
    return lines


def _facts(cases: Iterable[Case]) -> dict[UUID, Any]:
    """What the database knows of these cases, by id: one query however many there are."""
    return {row.case_id: row for row in database.rows("case_facts", [case.pk for case in cases])}


def _gaps(case: Case, row: Any, today: date) -> list[Gap]:
    facts = Facts(
        risk=case.risk,
        next_review_on=case.next_review_on,
        checks_open=row.checks_settled < len(CheckItem) - len(completeness.DERIVED),
        **{name: value for name, value in vars(row).items() if name in Facts.__dataclass_fields__},
    )
    return completeness.missing(facts, today)
