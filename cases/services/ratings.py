"""Ratings of risk: the screen's answers are sealed, its level is a prompt for a person.

Whether a level lowers the risk is judged by the database: what lowers counts when a second person agrees.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases import permissions
from cases.choices import MinorFlag, Purpose, Risk
from cases.codes import ApprovalKind, TaskKind, TimelineKind
from cases.knowledge import label, risk, risk_screen
from cases.knowledge.conditions import MINOR
from cases.knowledge.screen import YES, Level
from cases.models import Case, RiskAssessment
from cases.services import approvals, timeline
from cases.services.sealed import content
from cases.services.sealed.keys import NotHeld
from cases.services.tasks import NewTask, end_of, set_task

ANSWERS = "risk.answers"
ATTEMPT = "attempt_in_progress"
SAME_ATTEMPT = timedelta(minutes=10)


def higher_levels(level: Level) -> list[Level]:
    """What a person may raise a computed level to: whatever is answered at least as soon."""
    return [
        other
        for other in risk_screen().levels
        if other.order > level.order and other.first_response_minutes <= level.first_response_minutes
    ]


def rate(*, case: Case, nonce: UUID, answers: Mapping[str, str], raised: str, reason: str, by: User) -> RiskAssessment:
    """Save the answers and the level they lead to, or a higher one. The same form sent twice is one rating.

    Raises WrongState where the level is lower than the case's and no reason for the second person is given, and where
    a case that was rated would become unrated: "not asked" lowers nothing.
    """
    permissions.require_action(by, "assess_risk", case)
    found = risk.assess(answers, minor=case.concerns_minor)
    level = raised if raised in {other.id for other in higher_levels(found.level)} else found.level.id
    if level == Risk.UNKNOWN and case.risk != Risk.UNKNOWN:
        raise WrongState(_("Too little was asked to rate the risk. The risk of the case stays as it is."))
    now = timezone.now()
    rating = RiskAssessment(
        pk=uuid4(),
        case=case,
        nonce=once(nonce, level, sorted(answers.items())),
        level=Risk(level),
        core_complete=not found.missing,
        attempt=answers.get(ATTEMPT) == YES,
        assessed_at=now,
        assessed_by=by,
        reassess_at=risk.reassess_at(level, now),
    )
    with audit.unit() as entries:
        if not insert_once(rating):
            return rating
        content.write(
            case_id=case.pk,
            record_id=rating.pk,
            field=ANSWERS,
            value=dict(answers),
            purpose=Purpose.CONTENT,
            by=by,
        )
        timeline.tell(case_id=case.pk, kind=TimelineKind.RISK, record_id=rating.pk, detail=f"assessed:{level}", by=by)
        entries.record(Action.RISK_RATED, rating.pk, detail=str(level))
        _ask_where_it_lowers(case, rating, reason, by)
        _note_minor(case, answers)
    return rating


def _ask_where_it_lowers(case: Case, rating: RiskAssessment, reason: str, by: User) -> None:
    rating.refresh_from_db(fields=["counts"])
    if rating.counts:
        return
    if not reason:
        raise WrongState(_("This is lower than the risk of the case. Say why: a second person is asked."))
    approvals.ask_approval(case=case, kind=ApprovalKind.LOWER_RISK, reason=reason, record_id=rating.pk, by=by)


def _note_minor(case: Case, answers: Mapping[str, str]) -> None:
    """Somebody under 18 stops ordinary handling of the whole case at once, not of this screen only."""
    said = any(answers.get(question.id) == YES for question in risk_screen().questions if question.flag == MINOR)
    if said and not case.concerns_minor:
        database.value("case_minor_set", case.pk, str(MinorFlag.NOW))


def attempt_under_way(*, case: Case, nonce: UUID, by: User) -> datetime | None:
    """She is trying to end her life now: one click, no question. Whom that reaches: `attempt_people`.

    Said again within ten minutes it is one attempt, written and told once: returns when she said it first.
    """
    permissions.require_action(by, "assess_risk", case)
    before = RiskAssessment.objects.filter(
        case=case, attempt=True, counts=True, assessed_by=by, assessed_at__gt=timezone.now() - SAME_ATTEMPT
    )
    known = before.order_by("assessed_at").last() if case.risk == Risk.IMMEDIATE else None
    if known:
        return known.assessed_at
    rate(case=case, nonce=nonce, answers={ATTEMPT: YES}, raised="", reason="", by=by)
    return None


def attempt_people(*, case: Case) -> list[Any]:
    """Who is told of an attempt that she notes: name, how (of the case, without it, not at all), and whether she is away."""
    return database.rows("attempt_people", case.pk)


def nobody_there(*, case: Case) -> bool:
    """Whether nobody of lead, backup and supervisor is there: then a risk that became immediate has reached others."""
    return database.value("nobody_there", case.pk)


def read_answers(*, case: Case, ratings: Iterable[RiskAssessment], by: User) -> dict[UUID, dict[str, str]]:
    """Answers of these ratings, in one go; nothing without the content key."""
    try:
        found = content.read(
            case_id=case.pk, record_ids=[rating.pk for rating in ratings], purpose=Purpose.CONTENT, by=by
        )
    except NotHeld:
        return {}
    return {record: value for (record, field), value in found.items() if field == ANSWERS}


def set_action_task(*, case: Case, nonce: UUID, action: str, by: User) -> None:
    """Make a task of what a level asks for: due today where the risk is high, else within the week. Raises KeyError."""
    entry = risk_screen().action(action)
    days = 0 if case.risk in {Risk.IMMEDIATE, Risk.HIGH} else 7
    due: Any = end_of(timezone.localdate() + timedelta(days=days))
    new = NewTask(nonce, TaskKind.TASK, due, False, by, label(entry, get_language() or "en"))
    set_task(case=case, new=new, by=by)
