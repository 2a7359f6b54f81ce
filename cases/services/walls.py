"""Who must not see a request or a case. PostgreSQL does what follows: app.wall_stands, app.wall_request_set.

Of a case the reason is sealed under its content key, of a request to its team.
"""

from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.exceptions import refusal
from accounts.models import User
from cases import permissions
from cases.access.walls import StandingWall
from cases.choices import CaseState, Purpose
from cases.codes import ApprovalKind
from cases.compartments import WallReason
from cases.models import Approval, Case, HelpRequest
from cases.services.approvals import ask_approval
from cases.services.sealed import content, inbox, rotation
from cases.services.sealed.keys import NotHeld

REASON = "wall.reason"
REASONS: dict[str, Callable[[], str]] = {
    "asked": lambda: _("A second person has been asked already. Wait for the answer, or withdraw the question first."),
    "wall_first": lambda: _("She works on the case of this matter. Its lead keeps her out of the case."),
    "second_person": lambda: _("She holds all keys of this case: two people keep her out."),
    "last_holder": lambda: _("Nobody else holds all keys of this case. Ask a backup first."),
    "nobody_left": lambda: _("Then nobody could open this request. Add somebody to the team first."),
}


def keep_out(*, case: Case, person: User, reason: WallReason, text: str, second: bool, by: User) -> Approval | None:
    """Keep somebody out of a case at once; whoever holds all its keys (`second`) is asked of a second person.

    Then the question is returned. The same again changes nothing. Raises NotAllowed, WrongState.
    """
    permissions.require_action(by, "set_wall", case)
    if second:
        detail = f"{person.pk}:{reason}"
        return _ask(case, ApprovalKind.SET_WALL, None, detail, text, by)
    wall = uuid4()
    try:
        with audit.unit() as entries:
            if database.value("wall_case_set", wall, case.pk, person.pk, str(reason)):
                if text:
                    content.write(
                        case_id=case.pk, record_id=wall, field=REASON, value=text, purpose=Purpose.CONTENT, by=by
                    )
                entries.record(Action.WALL_SET, wall)
                rotation.renew_after_an_end(case=case, by=by)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return None


def ask_to_lift(*, case: Case, wall: StandingWall, text: str, by: User) -> Approval:
    """Ask that somebody may see a case again; another person agrees. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "set_wall", case)
    detail = f"{wall.person}:{wall.reason}"
    return _ask(case, ApprovalKind.LIFT_WALL, wall.id, detail, text, by)


def _ask(case: Case, kind: ApprovalKind, wall: UUID | None, detail: str, text: str, by: User) -> Approval:
    """A second person is asked. A closed case takes no words: the code of the reason stands alone."""
    if case.state == CaseState.OPEN:
        return ask_approval(case=case, kind=kind, record_id=wall, detail=detail, reason=text, by=by)
    new = uuid4()
    try:
        with audit.unit() as entries:
            database.value("wall_ask", case.pk, new, str(kind), wall, detail)
            entries.record(Action.APPROVAL_ASKED, new, detail=str(kind))
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return Approval.objects.get(pk=new)


def read_reasons(*, case: Case, walls: Iterable[StandingWall], by: User) -> dict[UUID, str]:
    """What was written about each wall, also where two people set it; empty without the content key."""
    ids = [wall.id for wall in walls]
    if not ids:
        return {}
    try:
        opened = content.read(case_id=case.pk, record_ids=ids, purpose=Purpose.CONTENT, by=by)
    except NotHeld:
        return {}
    return {record: value for (record, _field), value in opened.items()}


# --- Requests ---------------------------------------------------------------------------------
def first_walls(*, request: HelpRequest, people: list[UUID], by: User) -> list[UUID]:
    """Before a request is inserted: whom the survivor named. Returns the ids. Raises WrongState, NotAllowed."""
    ids = [uuid4() for _person in people]
    try:
        database.value("walls_first", request.pk, request.team_id, ids, people, str(WallReason.NAMED))
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return ids


def keep_out_of_request(*, request: HelpRequest, person: User, reason: WallReason, text: str, by: User) -> None:
    """Keep somebody away from a request, and from the case that it becomes. The same again changes nothing."""
    wall = uuid4()
    try:
        with audit.unit() as entries:
            if database.value("wall_request_set", wall, request.pk, person.pk, str(reason)):
                if text:
                    inbox.seal_beside(request=request, record_id=wall, field=inbox.WALL, value=text, by=by)
                entries.record(Action.WALL_SET, wall)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None


def lift_of_request(*, wall: StandingWall, by: User) -> bool:
    """The first member of the team asks, another one lifts: then True. Raises NotAllowed."""
    try:
        with audit.unit() as entries:
            lifted = bool(database.value("wall_request_lift", wall.id))
            entries.record(Action.WALL_LIFTED if lifted else Action.WALL_LIFT_ASKED, wall.id)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return lifted


def read_reasons_of_request(*, request: HelpRequest, by: User) -> dict[UUID, str]:
    """What was written about each wall on a request."""
    return inbox.open_beside(request=request, field=inbox.WALL, by=by)
