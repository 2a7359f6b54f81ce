"""Erasing, keeping longer, holding back: asked by one person, done when another agrees. PostgreSQL judges and acts.

Sealed texts go with their keys. What stays is a receipt with a number, and entries of the log with opaque ids.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.exceptions import refusal
from accounts.models import User
from cases import permissions
from cases.codes import ApprovalKind
from cases.compartments import Erased, ErasureReason, HoldReason
from cases.models import Case, HelpRequest

REASONS: dict[str, Callable[[], str]] = {
    "held": lambda: _("A lawyer has stated a legal hold. While it stands, nothing of this case is erased."),
    "role_does_not_fit": lambda: _("She cannot be given this date. Choose somebody else."),
    "nobody_takes": lambda: _("No caseworker can be given this date now. Ask the administrator to invite one."),
    "asked": lambda: _("A second person has been asked already. Wait for the answer, or withdraw the question first."),
}


def ask_erasure(*, case: Case, kept: UUID | None, reason: ErasureReason, by: User) -> UUID:
    """Ask a second person to erase a case, or everything but the date `kept`. Returns the number of the question.

    Raises StepUpNeeded, NotAllowed, WrongState (a legal hold, asked already).
    """
    permissions.require_action(by, "erase_case", case)
    what = Erased.DATE if kept else Erased.CASE
    return _ask(case, ApprovalKind.ERASE_CASE, kept, f"{what}:{reason}", by)


def ask_to_keep(*, case: Case, until: date, by: User) -> UUID:
    """Ask a second person to keep a closed case until a later day. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "keep_case", case)
    return _ask(case, ApprovalKind.KEEP_CASE, None, until.isoformat(), by)


def ask_to_lift(*, case: Case, by: User) -> UUID:
    """Ask a second person to lift a legal hold. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "lift_hold", case)
    return _ask(case, ApprovalKind.LIFT_HOLD, None, "", by)


def _ask(case: Case, kind: ApprovalKind, record_id: UUID | None, detail: str, by: User) -> UUID:
    approval = uuid4()
    try:
        with audit.unit() as entries:
            database.value("ending_ask", case.pk, approval, str(kind), record_id, detail)
            entries.record(Action.APPROVAL_ASKED, approval, detail=str(kind))
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return approval


def erase_rest(*, case: Case, by: User) -> UUID:
    """Erase what was left of a case for the sake of one date, when that is over. Returns the receipt's id."""
    permissions.require_action(by, "erase_rest", case)
    return _call("erase_rest", case.pk)


def give_date(*, code: str, person: User | None, by: User) -> None:
    """What was left of an erased case to a caseworker: by lead or backup to somebody they name.

    Where nobody holds it any more, for a coordinator: she names nobody, PostgreSQL chooses.
    Raises NotAllowed, and WrongState with one text for everybody who cannot take it.
    """
    try:
        with audit.unit() as entries:
            given = database.value("date_give", code, person.pk if person else None)
            entries.record(Action.DATE_GIVEN, given)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None


def _call(function: str, *arguments: object) -> UUID:
    receipt = uuid4()
    try:
        with audit.unit():
            database.value(function, *arguments, receipt)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return receipt


def erase_request(*, request: HelpRequest, reason: ErasureReason, by: User) -> UUID | None:
    """Name an ended request for erasure; where a colleague has named it already, erase it and return the receipt's id.

    Raises StepUpNeeded, NotAllowed.
    """
    receipt = uuid4()
    try:
        with audit.unit() as entries:
            done = database.value("request_erase", request.pk, str(reason), receipt)
            if not done:
                entries.record(Action.REQUEST_ERASURE_ASKED, request.pk, detail=str(reason))
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return receipt if done else None


def keep_request(*, request: HelpRequest, by: User) -> None:
    """Take back that a request was named for erasure."""
    with audit.unit() as entries:
        database.value("request_keep", request.pk)
        entries.record(Action.REQUEST_KEPT, request.pk)


def state_hold(*, case: Case, reason: HoldReason, by: User) -> None:
    """A lawyer of the case states that nothing of it may be erased. Raises NotAllowed."""
    try:
        with audit.unit():
            database.value("hold_set", case.pk, str(reason))
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None


def pause_case(*, case: Case, pauses: bool, by: User) -> None:
    """She wants nobody to call her: the case stays; or she wants to go on. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "pause_case", case)
    try:
        with audit.unit():
            database.value("case_pause", case.pk, pauses)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
