"""Work on a case: reading its sealed parts, writing notes, opening how she can be reached."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from accounts import audit
from accounts.choices import Action, Role
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed
from accounts.models import User
from cases import permissions
from cases.choices import NoteType, Purpose
from cases.codes import TimelineKind
from cases.models import Case, Deadline, Note, Task
from cases.services import sealed_facts, timeline
from cases.services.sealed import content
from cases.services.sealed.keys import NotHeld

# The one text of a record that a timeline or a list shows. A record has at most one of these.
TEXTS = frozenset(
    {
        "note.text",
        "deadline.text",
        "task.text",
        "attempt.text",
        "incident.text",
        "approval.reason",
        "file.name",
        "identity.reason",
        "grant.reason",
        "consent.recipient",
    }
)


@dataclass(frozen=True)
class CaseContent:
    """What the content key opens of one page of a case."""

    title: str
    summary: str
    texts: dict[UUID, str]
    told: tuple[str, ...] = ()  # what she has told already and is not asked again, one line each
    sealed_facts: dict[str, str] = field(default_factory=dict)  # of a protected case, by the name of the fact


def read_content(*, case: Case, records: Iterable[UUID], by: User) -> CaseContent | None:
    """Title, summary and the texts of these notes and dates in one go; None without the content key.

    Somebody with a permission row but no wrap sees the shell of the case, nothing else.
    """
    try:
        opened = content.read(case_id=case.pk, record_ids=[case.pk, *records], purpose=Purpose.CONTENT, by=by)
    except NotHeld:
        return None
    texts = {record: value for (record, field), value in opened.items() if field in TEXTS}
    of_case = {name: opened.get((case.pk, f"case.{name}"), "") for name in ("title", "summary", "told")}
    told = tuple(of_case["told"].splitlines())
    return CaseContent(of_case["title"], of_case["summary"], texts, told, _sealed_facts(case, opened))


def _sealed_facts(case: Case, opened: dict[tuple[UUID, str], Any]) -> dict[str, str]:
    if not sealed_facts.is_protected(case):
        return {}
    return {**sealed_facts.UNKNOWN, **opened.get((case.pk, sealed_facts.FIELD), {})}


def read_titles(*, cases: Iterable[Case], by: User) -> dict[UUID, str]:
    """Working titles of a list of cases: two queries however many there are."""
    return content.read_fields(field="case.title", records={case.pk: case.pk for case in cases}, by=by)


def read_deadlines(*, deadlines: Iterable[Deadline], by: User) -> dict[UUID, str]:
    """What is due, for dates of several cases on one desk: two queries. Those whose key she lacks are left out."""
    cases = {deadline.pk: deadline.case_id for deadline in deadlines}
    return content.read_fields(field="deadline.text", records=cases, by=by)


def read_tasks(*, tasks: Iterable[Task], by: User) -> dict[UUID, str]:
    """What is to be done, for tasks of several cases: two queries. Those whose key she lacks are left out."""
    found = list(tasks)
    coded = {task.pk: task.coded_text for task in found if task.coded_text}
    cases = {task.pk: task.case_id for task in found if task.pk not in coded}
    return {**coded, **content.read_fields(field="task.text", records=cases, by=by)}


def write_note(*, case: Case, nonce: UUID, type: NoteType, text: str, by: User) -> None:  # noqa: A002 - the field's name
    """Add a note. The same form sent twice adds one. A legal note is a lawyer's; reviews are in reviews.write_review."""
    permissions.require_action(by, "write_note", case)
    if type == NoteType.REVIEW_NOTE or (type == NoteType.LEGAL_NOTE and not by.has(Role.LAWYER)):
        raise NotAllowed
    note = Note(
        pk=uuid4(), case=case, nonce=once(nonce, type, text), type=type, written_at=timezone.now(), written_by=by
    )
    with audit.unit() as entries:
        if insert_once(note):
            content.write(
                case_id=case.pk, record_id=note.pk, field="note.text", value=text, purpose=Purpose.CONTENT, by=by
            )
            timeline.tell(case_id=case.pk, kind=TimelineKind(type), record_id=note.pk, by=by)
            entries.record(Action.NOTE_WRITTEN, note.pk, detail=str(type))
