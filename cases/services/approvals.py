"""Acts that need a second person: one asks with a reason, another agrees, and the act is done in the same step.

Who may answer is judged by PostgreSQL: lead, backup or supervisor on the case, never whoever asked.
"""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState, refusal
from accounts.models import User
from cases import permissions
from cases.choices import Purpose
from cases.codes import WALL_QUESTIONS, ApprovalKind, ApprovalState
from cases.models import Approval, Case
from cases.services import sealed_facts
from cases.services.sealed import content, rotation

# What she must be allowed herself, were there no second person.
ASKS: dict[str, str] = {
    ApprovalKind.LOWER_RISK: "ask_second_person",
    ApprovalKind.CLEAR_MINOR: "ask_second_person",
    ApprovalKind.CLOSE_CASE: "close_case",
    ApprovalKind.OPEN_IDENTITY: "ask_second_person",
    ApprovalKind.SET_WALL: "set_wall",
    ApprovalKind.LIFT_WALL: "set_wall",
    ApprovalKind.UNPROTECT: "protect_case",
}
REASONS: dict[str, Callable[[], str]] = {
    "answered": lambda: _("This has been answered or withdrawn meanwhile."),
    "overtaken": lambda: _("The risk was rated anew after this was asked. Refuse it; the newer rating stands."),
    "last_holder": lambda: _("Nobody else holds all keys of this case. Ask a backup first."),
    "blocked": lambda: _("Something keeps this case open again. Look at what it is before you agree."),
    "changed": lambda: _("The case has changed since this was asked, and it does not fit any more. Refuse it."),
    "held": lambda: _("A lawyer has stated a legal hold. While it stands, nothing of this case is erased."),
}


def ask_approval(
    *, case: Case, kind: ApprovalKind, reason: str, by: User, record_id: UUID | None = None, detail: str = ""
) -> Approval:
    """Ask for a second person. `record_id` is the assessment that lowers; `detail` holds codes (see the model).

    Everybody who may answer is told by the database. The same question twice is one; another one of the same kind
    waits until the first is answered: WrongState. Raises NotAllowed.
    """
    permissions.require_action(by, ASKS[kind], case)
    permissions.require_action(by, "ask_second_person", case)
    approval = Approval(
        pk=uuid4(), case=case, kind=kind, record_id=record_id, detail=detail, asked_at=timezone.now(), asked_by=by
    )
    with audit.unit() as entries:
        if not insert_once(approval):
            return _the_same(approval)
        content.write(
            case_id=case.pk,
            record_id=approval.pk,
            field="approval.reason",
            value=reason,
            purpose=Purpose.CONTENT,
            by=by,
        )
        entries.record(Action.APPROVAL_ASKED, approval.pk, detail=str(kind))
    return approval


def _the_same(asked: Approval) -> Approval:
    """The open question of this kind, where it is the very same; a second click. Raises WrongState."""
    open_ = Approval.objects.filter(case=asked.case, kind=asked.kind, state=ApprovalState.ASKED)
    known = (open_.filter(detail=asked.detail) if asked.kind in WALL_QUESTIONS else open_).first()
    if known and (known.asked_by_id, known.record_id, known.detail) == (
        asked.asked_by_id,
        asked.record_id,
        asked.detail,
    ):
        return known
    raise WrongState(_("A second person has been asked for this already. Wait for the answer, or withdraw it first."))


def answer_approval(*, approval: Approval, approves: bool, by: User) -> None:
    """Agree, which does the act at once, or refuse. Raises NotAllowed (whoever asked, a lawyer), WrongState, StepUpNeeded."""
    try:
        with audit.unit() as entries:
            database.value("approval_answer", approval.pk, approves)
            detail = ApprovalState.APPROVED if approves else ApprovalState.REFUSED
            entries.record(Action.APPROVAL_ANSWERED, approval.pk, detail=str(detail))
            if approves:
                _done(approval, entries, by)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None


def _done(approval: Approval, entries: audit.Entries, by: User) -> None:
    """What the act leaves to do and to log, beside what PostgreSQL did."""
    if approval.kind == ApprovalKind.CLOSE_CASE:
        entries.record(Action.CASE_CLOSED, approval.case_id, detail=approval.detail)
    elif approval.kind == ApprovalKind.SET_WALL:
        entries.record(Action.WALL_SET, approval.pk)
        rotation.renew_after_an_end(case=approval.case, by=by)
    elif approval.kind == ApprovalKind.LIFT_WALL:
        entries.record(Action.WALL_LIFTED, approval.record_id or "")
    elif approval.kind == ApprovalKind.UNPROTECT:
        sealed_facts.open_again(case=approval.case, by=by)
        entries.record(Action.CASE_UNPROTECTED, approval.case_id)


def withdraw_approval(*, approval: Approval, by: User) -> None:
    """Take an own question back that nobody has answered. Raises WrongState."""
    if approval.asked_by_id != by.pk:
        raise NotAllowed
    try:
        with audit.unit() as entries:
            database.value("approval_withdraw", approval.pk)
            entries.record(Action.APPROVAL_WITHDRAWN, approval.pk)
    except database.Refused:
        raise WrongState(REASONS["answered"]()) from None
