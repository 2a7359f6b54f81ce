"""Moves of work: what a coordinator may name, what waits for a lead."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404

from accounts import database
from accounts.choices import Action, Role
from accounts.models import PublicKey, User
from accounts.paging import PAGE_SIZE
from cases.access import OpenedCase, refuse, require_role
from cases.choices import CaseState
from cases.codes import MoveState
from cases.models import MoveRequest


def get_board_case(user: User, code: str) -> Any:
    """What the board shows of one case. A protected or walled one is like a code that does not exist: Http404."""
    require_role(user, Role.COORDINATOR)
    found = database.row("move_about", code)
    if found is None:
        refuse(Action.WORK_BOARD_VIEWED, code)
    return found


def people_to_move_to(user: User, found: Any) -> QuerySet[User]:
    """Whom a case may be given to, as far as a coordinator may know: active, with a confirmed key, not its lead.

    Nobody is left out for a wall: whoever is missing would tell of it.
    """
    require_role(user, Role.COORDINATOR)
    confirmed = PublicKey.objects.filter(
        user=OuterRef("pk"), retired_at__isnull=True, vouch__fingerprint=F("fingerprint")
    )
    people = User.objects.filter(Exists(confirmed), is_active=True, roles__overlap=[Role.CASEWORKER, Role.LAWYER])
    return people.exclude(pk=found.lead).order_by("display_name")


def list_own_moves(user: User) -> list[Any]:
    """What she has asked for lately, and how it stands."""
    return database.rows("my_moves")


def list_moves(user: User) -> QuerySet[MoveRequest]:
    """Moves that wait for her: PostgreSQL shows those of cases that she shares."""
    waiting = MoveRequest.objects.filter(state=MoveState.OPEN, case__state=CaseState.OPEN)
    return waiting.select_related("case", "person", "asked_by").order_by("asked_at")[:PAGE_SIZE]


def walled_moves() -> set[UUID]:
    """Those of them that name somebody who must not see the case: only who shares the case is told."""
    return {row.moves_walled for row in database.rows("moves_walled")}


def get_move(opened: OpenedCase, move_id: UUID) -> MoveRequest:
    found = MoveRequest.objects.filter(case=opened.case, pk=move_id).select_related("case", "person").first()
    if found is None:
        raise Http404
    return found
