"""Closing a case and opening it again. PostgreSQL asks everything here once more: app.case_close, app.case_reopen."""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts import audit, database, hooks
from accounts.choices import Action
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.access.closing import list_blocks
from cases.choices import CaseState, NoteType, Risk
from cases.codes import ApprovalKind, ClosureReason, LegalOutcome
from cases.models import Approval, Case
from cases.services import casework
from cases.services.approvals import ask_approval

ALONE = (Risk.ELEVATED, Risk.STANDARD)  # of these risks one person may close a case
REASONS: dict[str, Callable[[], str]] = {
    "second_person": lambda: _("A case of this risk is closed by two people."),
    "blocked": lambda: _("Something keeps this case open. Settle it first; it stands above the form."),
}


def needs_second_person(case: Case) -> bool:
    """High and immediate risk, and one that nobody has rated."""
    return case.risk not in ALONE


def close_case(
    *, case: Case, state: CaseState, reason: ClosureReason, outcome: LegalOutcome, text: str, by: User
) -> Approval | None:
    """Close a case, or hand the question to a second person where its risk asks for one: then that is returned.

    `text` says what a colleague should know later; with a second person it is the reason that she reads.
    Raises NotAllowed, WrongState (critical dates, open tasks, offers, other questions).
    """
    permissions.require_action(by, "close_case", case)
    _ask_hooks(case.pk)
    if list_blocks(case):
        raise WrongState(REASONS["blocked"]())
    if needs_second_person(case):
        detail = f"{state}:{reason}:{outcome}"
        return ask_approval(case=case, kind=ApprovalKind.CLOSE_CASE, reason=text, detail=detail, by=by)
    with audit.unit() as entries:
        if text:
            casework.write_note(case=case, nonce=uuid4(), type=NoteType.CASE_NOTE, text=text, by=by)
        try:
            database.value("case_close", case.pk, str(state), str(reason), str(outcome))
        except database.Refused as refused:
            if refused.reason in REASONS:
                raise WrongState(REASONS[refused.reason]()) from None
            raise NotAllowed from None
        entries.record(Action.CASE_CLOSED, case.pk, detail=f"{state}:{reason}:{outcome}")
    return None


def _ask_hooks(case_id: UUID) -> None:
    blocks = [sentence for ask in hooks.blocks_closing for sentence in ask(case_id)]
    if blocks:
        raise WrongState(" ".join(blocks))


def reopen_case(*, case: Case, text: str, by: User, nonce: UUID | None = None) -> None:
    """Open a closed case again, with the reason as a note. Raises NotAllowed, WrongState.

    Where it is open already, the note is all that is written; the same form sent twice writes one.
    """
    nonce = nonce or uuid4()
    if case.state == CaseState.OPEN:
        casework.write_note(case=case, nonce=nonce, type=NoteType.CASE_NOTE, text=text, by=by)
        return
    permissions.require_action(by, "reopen_case", case)
    with audit.unit() as entries:
        try:
            database.value("case_reopen", case.pk)
        except database.Refused:
            raise NotAllowed from None
        case.refresh_from_db(fields=["state"])
        casework.write_note(case=case, nonce=nonce, type=NoteType.CASE_NOTE, text=text, by=by)
        entries.record(Action.CASE_REOPENED, case.pk)
