"""Moves of work: a coordinator asks and may take it back, lead or backup does it or says no."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.choices import CaseRole
from cases.codes import MoveReason, MoveState
from cases.models import Case, MoveRequest

_REFUSED = {
    "role_does_not_fit": gettext_lazy("She cannot take this role. Choose another person or role."),
    "not_vouched": gettext_lazy(
        "Nobody has confirmed her key yet, so she cannot be given a case. Choose somebody else."
    ),
    "leads_already": gettext_lazy("She leads this case already. Choose somebody else."),
    "has_role": gettext_lazy(
        "She has this role on this case already, or was asked for it. Choose another person or role."
    ),
    "asked_already": gettext_lazy("Something is asked for on this case already. Lead or backup answers that first."),
}


def ask_move(*, code: str, person: User, role: CaseRole, reason: MoveReason, by: User) -> UUID | None:
    """Ask that a case of the board gets somebody. The same wish twice is one: None the second time.

    Raises NotAllowed where the code is not on her board, WrongState for what a coordinator may know (app.move_refusal).
    """
    if not by.has(Role.COORDINATOR):
        raise NotAllowed
    try:
        with audit.unit() as entries:
            made: UUID | None = database.value("move_ask", code, person.pk, str(role), str(reason))
            if made:
                entries.record(Action.MOVE_ASKED, made, detail=str(role))
    except database.Refused as refused:
        if refused.reason in _REFUSED:
            raise WrongState(str(_REFUSED[refused.reason])) from None
        raise NotAllowed from None
    return made


def answer_move(*, move: MoveRequest, state: MoveState, by: User) -> None:
    """Done or declined, by lead or backup. The same answer twice is one. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "offer_assignment", move.case)
    if state not in {MoveState.DONE, MoveState.DECLINED}:
        raise WrongState(_("Say whether it is done or declined."))
    with audit.unit() as entries:
        changed = MoveRequest.objects.filter(pk=move.pk, state=MoveState.OPEN).update(
            state=state, answered_at=timezone.now(), answered_by=by
        )
        if changed:
            entries.record(Action.MOVE_ANSWERED, move.pk, detail=str(state))
        elif not MoveRequest.objects.filter(pk=move.pk, state=state).exists():
            raise _answered(move)


def _answered(move: MoveRequest) -> WrongState:
    if MoveRequest.objects.filter(pk=move.pk, state=MoveState.BACK).exists():
        return WrongState(_("The coordinator has taken this back meanwhile. Nothing is asked of you any more."))
    return WrongState(_("Somebody has answered this already."))


def take_back(*, code: str, move_id: UUID, by: User) -> None:
    """A coordinator takes back what she asked for and nobody has answered. A second click changes nothing.

    Raises NotAllowed for what is not hers or not on her board, WrongState once it was answered.
    """
    if not by.has(Role.COORDINATOR):
        raise NotAllowed
    try:
        with audit.unit() as entries:
            if database.value("move_back", code, move_id):
                entries.record(Action.MOVE_ANSWERED, move_id, detail=str(MoveState.BACK))
    except database.Refused as refused:
        if refused.reason == "answered":
            raise WrongState(_("This was answered meanwhile. It cannot be taken back any more.")) from None
        raise NotAllowed from None


def settle(*, case: Case, person: User, role: CaseRole, entries: audit.Entries, by: User) -> None:
    """What was asked for has just been done, inside the unit of work that did it."""
    wanted = MoveRequest.objects.filter(case=case, person=person, role=role, state=MoveState.OPEN)
    for move in wanted:
        wanted.filter(pk=move.pk).update(state=MoveState.DONE, answered_at=timezone.now(), answered_by=by)
        entries.record(Action.MOVE_ANSWERED, move.pk, detail=str(MoveState.DONE))
