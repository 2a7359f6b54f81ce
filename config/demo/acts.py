"""What people do on a case, by the word that stories use for it (the log of config/demo/stories)."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from cases.choices import DeadlineState, MinorFlag, NoteType, Severity
from cases.codes import (
    ArmReason,
    CallResult,
    ConsentBy,
    ConsentHow,
    ConsentPurpose,
    FileKind,
    LinkKind,
    ServiceKind,
    TaskKind,
    TaskState,
)
from cases.compartments import GrantKind, GrantReason, OpeningReason
from cases.models import Deadline, Task
from cases.services.arming import arm
from cases.services.calls import begin_call, end_call
from cases.services.casework import write_note
from cases.services.consents import NewConsent, note_consent
from cases.services.deadlines import set_deadline, settle_deadline
from cases.services.facts import add_told, change_facts, set_minor
from cases.services.files import Upload, add_file
from cases.services.grants import ask_grant
from cases.services.identity import close_card, open_card
from cases.services.links import link_cases
from cases.services.reviews import write_review
from cases.services.safety import write_plan
from cases.services.service_units import log_service
from cases.services.tasks import NewTask, end_of, finish_task, set_task
from config.demo.rating import rate_as
from config.demo.scene import Turn

HOUR = timedelta(hours=1)


def _note(turn: Turn, text: str, kind: NoteType = NoteType.CASE_NOTE) -> None:
    write_note(case=turn.case, nonce=uuid4(), type=kind, text=text, by=turn.by)


# --- Dates, tasks, promises -------------------------------------------------------------------
def _date(turn: Turn, values: dict[str, Any]) -> None:
    """A date in so many days; nobody named means lead and backup. When its day has passed, it was met: unless `late`."""
    due_on = timezone.localdate(turn.moment) + timedelta(days=values["in"])
    set_deadline(
        case=turn.case,
        nonce=uuid4(),
        due_on=due_on,
        severity=Severity(values.get("level", Severity.IMPORTANT)),
        assignee=turn.person(values["for"]) if "for" in values else None,
        text=values["text"],
        by=turn.by,
    )
    made = Deadline.objects.filter(case=turn.case).latest("set_at").pk
    if not values.get("late"):
        noon = timezone.make_aware(datetime.combine(due_on, time(11)))
        turn.play.at(max(noon, turn.moment + HOUR), values.get("for", turn.story.lead), partial(_meet, pk=made))


def _meet(turn: Turn, pk: UUID) -> None:
    deadline = Deadline.objects.filter(pk=pk, state=DeadlineState.RUNNING, case__state="open").first()
    if deadline is not None and deadline.due_on < turn.scene.calendar.now.date():
        settle_deadline(case=turn.case, deadline=deadline, by=turn.by)


def _task(turn: Turn, values: dict[str, Any]) -> None:
    due = end_of(timezone.localdate(turn.moment) + timedelta(days=values["in"]))
    _set_task(turn, values, kind=TaskKind.TASK, due=due, exact=False)


def _promise(turn: Turn, values: dict[str, Any]) -> None:
    due = (turn.moment + timedelta(hours=values["hours"])).replace(second=0, microsecond=0)
    _set_task(turn, values, kind=TaskKind.PROMISE, due=due, exact=True)


def _set_task(turn: Turn, values: dict[str, Any], *, kind: TaskKind, due: datetime, exact: bool) -> None:
    assignee = turn.person(values.get("for", turn.who))
    set_task(case=turn.case, new=NewTask(uuid4(), kind, due, exact, assignee, values["text"]), by=turn.by)
    made = Task.objects.filter(case=turn.case).latest("set_at").pk
    if not values.get("late"):
        turn.play.at(due - HOUR / 3, values.get("for", turn.who), partial(_finish, pk=made))


def _finish(turn: Turn, pk: UUID) -> None:
    task = Task.objects.filter(pk=pk, state=TaskState.OPEN, case__state="open").first()
    if task is not None and task.due_at < turn.scene.calendar.now:
        finish_task(case=turn.case, task=task, by=turn.by)


def settle_all(turn: Turn) -> None:
    """Before a case is closed: what still runs on it is met, what is still to do is done."""
    for deadline in Deadline.objects.filter(case=turn.case, state=DeadlineState.RUNNING):
        settle_deadline(case=turn.case, deadline=deadline, by=turn.by)
    for task in Task.objects.filter(case=turn.case, state=TaskState.OPEN):
        finish_task(case=turn.case, task=task, by=turn.by)


# --- Reaching her, safety, services -----------------------------------------------------------
def _call(turn: Turn, result: str, text: str) -> None:
    attempt = begin_call(case=turn.case, by=turn.by)
    end_call(case=turn.case, attempt=attempt, result=CallResult(result), text=text, by=turn.by)


def _safety(turn: Turn, text: str) -> None:
    write_plan(case=turn.case, items={"free": text}, seen=0, by=turn.by)


def _service(turn: Turn, kind: str, minutes: int) -> None:
    log_service(case=turn.case, nonce=uuid4(), kind=ServiceKind(kind), minutes=minutes, project=None, by=turn.by)


# --- Facts ------------------------------------------------------------------------------------
def _told(turn: Turn, text: str) -> None:
    add_told(case=turn.case, line=text, by=turn.by)


def _minor(turn: Turn, flag: str, reason: str) -> None:
    set_minor(case=turn.case, flag=MinorFlag(flag), reason=reason, by=turn.by)


def _on_duty_may_call(turn: Turn) -> None:
    change_facts(case=turn.case, values={"on_duty_may_call": True}, by=turn.by)


def _link(turn: Turn, other: str, kind: str) -> None:
    link_cases(case=turn.case, other=turn.scene.case(other, turn.by), kind=LinkKind(kind), by=turn.by)


def _review(turn: Turn, values: dict[str, Any]) -> None:
    """A review note, and the day of the next one, counted from the day of the review."""
    day = timezone.localdate(turn.moment) + timedelta(days=values["in"])
    write_review(case=turn.case, nonce=uuid4(), text=values["text"], next_review_on=day, by=turn.by)


def _arm(turn: Turn, values: dict[str, Any]) -> None:
    """Until a moment that is counted from now: arming is never for longer than two days."""
    until = turn.scene.calendar.now + timedelta(hours=values["hours"])
    arm(case=turn.case, reason=ArmReason(values["reason"]), until=until, by=turn.by)


def _file(turn: Turn, values: dict[str, Any]) -> None:
    data = values["text"].encode()
    new = Upload(uuid4(), FileKind(values["kind"]), values["name"], data, values.get("description", ""))
    add_file(case=turn.case, new=new, by=turn.by)


# --- Consents, and who she is -----------------------------------------------------------------
def _agreed(turn: Turn, values: dict[str, Any]) -> None:
    """What she agreed to, spoken where nothing else is said."""
    new = NewConsent(
        nonce=uuid4(),
        purpose=ConsentPurpose(values["purpose"]),
        given=values.get("given", True),
        how=ConsentHow(values.get("how", ConsentHow.SPOKEN)),
        given_by=ConsentBy.HERSELF,
        language=turn.case.language,
        recipient=values.get("to", ""),
        signed_on=timezone.localdate(turn.moment) if values.get("how") == ConsentHow.WRITTEN else None,
    )
    note_consent(case=turn.case, new=new, by=turn.by)


def _asks_who(turn: Turn, reason: str, text: str) -> None:
    ask_grant(case=turn.case, kind=GrantKind.GRANT, reason=GrantReason(reason), text=text, by=turn.by)


def _look(turn: Turn, reason: str, text: str = "") -> None:
    """She opens the identity card, and closes it again."""
    open_card(case=turn.case, reason=OpeningReason(reason), text=text, by=turn.by)
    close_card(case=turn.case, by=turn.by)


ACTS: dict[str, Callable[..., None]] = {
    "note": _note,
    "legal": partial(_note, kind=NoteType.LEGAL_NOTE),
    "date": _date,
    "task": _task,
    "promise": _promise,
    "call": _call,
    "safety": _safety,
    "service": _service,
    "risk": rate_as,
    "review": _review,
    "arm": _arm,
    "file": _file,
    "told": _told,
    "minor": _minor,
    "on-duty-may-call": _on_duty_may_call,
    "link": _link,
    "agreed": _agreed,
    "asks-who": _asks_who,
    "look": _look,
}
