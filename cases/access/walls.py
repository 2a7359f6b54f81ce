"""Who must not see a request or a case: read by lead and backup, of a request by its team; by nobody else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from accounts import database
from accounts.choices import Role
from accounts.models import User
from cases.access import OpenedCase
from cases.choices import HOLDERS, AssignmentState
from cases.codes import WALL_QUESTIONS, ApprovalState
from cases.compartments import WallReason
from cases.models import Approval, Assignment

WORKS = [Role.CASEWORKER, Role.LAWYER, Role.COORDINATOR]  # an administrator alone meets no request and no case


@dataclass(frozen=True)
class StandingWall:
    """One person who must not see the record."""

    id: UUID
    person: UUID
    name: str
    reason: str
    set_at: datetime
    set_by: str
    lift_asked_by: UUID | None
    lift_asked_name: str

    @property
    def why(self) -> str:
        return str(WallReason(self.reason).label)


def list_walls(record_id: UUID) -> list[StandingWall]:
    """The walls of a case or of a request, for whoever may know of them; empty for everybody else."""
    return [StandingWall(**vars(row)) for row in database.rows("walls_of", record_id)]


def list_lifts_asked() -> list[Any]:
    """Walls on requests that another member of the team asked to lift, and she may: id, code, when, by whom."""
    return database.rows("request_walls_asked")


def get_wall(record_id: UUID, wall_id: UUID) -> StandingWall:
    """Raises Http404."""
    for wall in list_walls(record_id):
        if wall.id == wall_id:
            return wall
    raise Http404


def people_to_keep_out(user: User, *, besides: list[UUID] | tuple[UUID, ...] = ()) -> QuerySet[User]:
    """Colleagues who could meet a request or a case, by name; without herself and those who are kept out already."""
    people = User.objects.filter(is_active=True, roles__overlap=WORKS).exclude(pk__in=[user.pk, *besides])
    return people.order_by("display_name", "pk")


def needs_second_person(opened: OpenedCase, person: User) -> bool:
    """Whether she holds all keys of the case: then two people keep her out."""
    live = Assignment.objects.filter(case=opened.case, user=person, state=AssignmentState.LIVE, role__in=HOLDERS)
    return live.exists()


def list_questions(opened: OpenedCase) -> list[Approval]:
    """What waits for a second person: who is to be kept out, or let in again. PostgreSQL leaves out whom it is about."""
    asked = Approval.objects.filter(case=opened.case, state=ApprovalState.ASKED, kind__in=WALL_QUESTIONS)
    return list(asked.select_related("asked_by").order_by("asked_at", "pk"))


def asked_about(approval: Approval) -> User | None:
    """The person whom a question about a wall is about; None for other questions."""
    if approval.kind not in WALL_QUESTIONS:
        return None
    return User.objects.filter(pk=approval.detail.partition(":")[0]).first()
