"""Supervision of a case: a review is a note of its own and the day of the next one."""

from datetime import date
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.access.supervision import may_review
from cases.choices import NoteType, Purpose
from cases.codes import TimelineKind
from cases.models import Case, Note
from cases.services import timeline
from cases.services.sealed import content


def write_review(*, case: Case, nonce: UUID, text: str, next_review_on: date, by: User) -> None:
    """Review a case: supervisor, lead or backup. The same form sent twice is one review. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "write_note", case)
    if not may_review(by, case):
        raise NotAllowed
    today = timezone.localdate()
    if next_review_on <= today:
        raise WrongState(_("Choose a day after today for the next review."))
    kind = NoteType.REVIEW_NOTE
    note = Note(
        pk=uuid4(),
        case=case,
        nonce=once(nonce, kind, text, next_review_on),
        type=kind,
        written_at=timezone.now(),
        written_by=by,
    )
    with audit.unit() as entries:
        if insert_once(note):
            content.write(
                case_id=case.pk, record_id=note.pk, field="note.text", value=text, purpose=Purpose.CONTENT, by=by
            )
            timeline.tell(case_id=case.pk, kind=TimelineKind.REVIEW_NOTE, record_id=note.pk, by=by)
            Case.objects.filter(pk=case.pk).update(reviewed_on=today, next_review_on=next_review_on)
            entries.record(Action.CASE_REVIEWED, case.pk)
