"""The safety plan of a case: sealed lines, every version kept; looked through from time to time."""

from datetime import date
from uuid import uuid4, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.database import insert_once
from accounts.models import User
from cases import permissions
from cases.choices import Purpose
from cases.codes import TaskKind, TaskState, TimelineKind
from cases.models import Case, SafetyPlan, Task
from cases.services import timeline
from cases.services.sealed import content
from cases.services.sealed.content import Version
from cases.services.sealed.keys import NotHeld
from cases.services.tasks import NewTask, end_of, finish_task, set_task

ITEMS = "safety_plan.items"
Items = dict[str, str]  # id of a prompt in the knowledge file, or "free", to what was agreed


def read_plan(*, case: Case, plan: SafetyPlan | None, by: User) -> Version | None:
    """The present version of the plan; None where there is none, or without the content key."""
    found = plan_versions(case=case, plan=plan, by=by)
    return found[0] if found else None


def plan_versions(*, case: Case, plan: SafetyPlan | None, by: User) -> list[Version]:
    """All versions of the plan, newest first; none without the content key."""
    if plan is None:
        return []
    try:
        return content.versions(case_id=case.pk, record_id=plan.pk, field=ITEMS, purpose=Purpose.CONTENT, by=by)
    except NotHeld:
        return []


def print_plan(*, case: Case, plan: SafetyPlan | None, by: User) -> Version | None:
    """The same for paper; logged."""
    with audit.unit() as entries:
        entries.record(Action.SAFETY_PLAN_PRINTED, case.pk)
    return read_plan(case=case, plan=plan, by=by)


def write_plan(*, case: Case, items: Items, seen: int, next_review_on: date | None = None, by: User) -> None:
    """Write the plan, or its next version. `seen` is the revision she had before her. Raises WrongState, NotHeld.

    The same text sent twice by her is written once.
    """
    permissions.require_action(by, "plan", case)
    with audit.unit() as entries:
        plan = _plan(case, by)
        current = read_plan(case=case, plan=plan, by=by)
        if current and (current.value, current.revision, current.written_by) == (items, seen + 1, by.display_name):
            return
        _next_review(case, plan, next_review_on, by)
        content.revise(
            case_id=case.pk, record_id=plan.pk, field=ITEMS, value=items, purpose=Purpose.CONTENT, seen=seen, by=by
        )
        SafetyPlan.objects.filter(pk=plan.pk).update(reviewed_on=timezone.localdate(), reviewed_by=by)
        timeline.tell(case_id=case.pk, kind=TimelineKind.SAFETY, record_id=plan.pk, detail="written", by=by)
        entries.record(Action.SAFETY_PLAN_WRITTEN, plan.pk)


def review_plan(*, case: Case, plan: SafetyPlan, next_review_on: date | None = None, by: User) -> None:
    """She went through the plan today, and it still holds. A second click changes nothing."""
    permissions.require_action(by, "plan", case)
    today = timezone.localdate()
    with audit.unit() as entries:
        older = SafetyPlan.objects.filter(pk=plan.pk, case=case).exclude(reviewed_on=today, reviewed_by=by)
        if older.update(reviewed_on=today, reviewed_by=by):
            timeline.tell(case_id=case.pk, kind=TimelineKind.SAFETY, record_id=plan.pk, detail="reviewed", by=by)
            entries.record(Action.SAFETY_PLAN_REVIEWED, plan.pk)
        _next_review(case, plan, next_review_on, by)


def _next_review(case: Case, plan: SafetyPlan, day: date | None, by: User) -> None:
    """The next time is a task of hers, so that she is reminded. The one before is done: she went through it now."""
    before = plan.review_task_id
    task = Task.objects.filter(pk=before, state=TaskState.OPEN).first() if before else None
    if task is not None and timezone.localtime(task.due_at).date() == day:
        return
    if task is not None:
        finish_task(case=case, task=task, by=by)
    if day is None:
        return
    nonce = uuid5(plan.pk, f"{before} {day}")  # a double click sets one
    text = _("Go through the safety plan with her")
    found = set_task(case=case, new=NewTask(nonce, TaskKind.TASK, end_of(day), False, by, text), by=by)
    if found is not None:
        SafetyPlan.objects.filter(pk=plan.pk).update(review_task=found, reviewed_by=by)


def _plan(case: Case, by: User) -> SafetyPlan:
    """The one plan of the case, made where there is none yet."""
    now = timezone.now()
    new = SafetyPlan(pk=uuid4(), case=case, made_at=now, made_by=by, reviewed_on=timezone.localdate(), reviewed_by=by)
    known = SafetyPlan.objects.filter(case=case).first()
    if known is None and insert_once(new):
        return new
    return known or SafetyPlan.objects.get(case=case)
