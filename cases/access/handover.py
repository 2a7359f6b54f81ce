"""A shift handed over: what is open by itself, and the hand-overs of the last days."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from accounts import database
from accounts.choices import Role
from accounts.models import User
from cases.access import require_role
from cases.access.armed import list_reachable
from cases.access.duty import list_my_requests, next_people
from cases.choices import Compartment, RequestState
from cases.codes import TaskKind, TaskState
from cases.models import ArmedReach, Case, ContactAttempt, HelpRequest, ShiftHandover, Task

KEPT = timedelta(days=7)
MOST = 30


class Open(NamedTuple):
    """One open matter: what it is (a code of KINDS in the views), whose, and when it is due."""

    kind: str
    code: str
    at: str  # ISO, because it travels in a letter
    about: str = ""  # id of the case or request: whoever must not see that one is not shown the line


def collect(user: User) -> list[Open]:
    """Codes, kinds and times of what she leaves open; no text, because the next one may not be on these cases."""
    require_role(user, Role.CASEWORKER)
    now = timezone.now()
    mine = Case.objects.visible_to(user).filter(compartment=Compartment.STANDARD)  # of a protected one nobody hears
    tasks = Task.objects.filter(
        Q(assignee=user) | Q(assignee__isnull=True, case__assignments__user=user, case__assignments__state="live"),
        case__in=mine,
        state=TaskState.OPEN,
        due_at__lt=now + timedelta(days=1),
    ).filter(Q(exact=True) | Q(kind=TaskKind.CALL) | Q(kind=TaskKind.PROMISE))
    armed = ArmedReach.objects.filter(case__in=mine, disarmed_at__isnull=True, until__gt=now).select_related("case")
    calls = ContactAttempt.objects.filter(begun_by=user, ended_at__isnull=True).select_related("case", "request")
    found = [line for row in list_my_requests(user) for line in _of_request(row)]
    for task in tasks.select_related("case").distinct().order_by("due_at")[:MOST]:
        found.append(Open(str(task.kind), task.case.code, task.due_at.isoformat(), str(task.case_id)))
    for reach in list_reachable(user):  # cases of colleagues, as long as she is on call
        at = (reach.promised_at or reach.until).isoformat()
        found.append(Open("reach", reach.case_code, at, str(reach.case_id)))
    found += [Open("armed", row.case.code, row.until.isoformat(), str(row.case_id)) for row in armed[:MOST]]
    for call in calls.filter(Q(request__isnull=False) | Q(case__in=mine)).order_by("begun_at")[:MOST]:
        about = call.case or call.request
        found.append(
            Open("attempt", about.code if about else "", call.begun_at.isoformat(), str(about.pk if about else ""))
        )
    return found


def _of_request(request: HelpRequest) -> list[Open]:
    """A request by its state, with the moment that matters in it: the first answer, when she had it, what was promised.

    A promise that stands while we wait for her answer is a line of its own.
    """
    moments = {RequestState.NEW: request.respond_by, RequestState.ACKNOWLEDGED: request.acknowledged_at}
    at = moments.get(RequestState(request.state), request.waiting_until) or request.respond_by
    lines = [Open(f"request_{request.state}", request.code, at.isoformat(), str(request.pk))]
    if request.promise and request.state != RequestState.WAITING:
        lines.append(Open("request_waiting", request.code, request.promise.isoformat(), str(request.pk)))
    return lines


def find_openable(user: User, found: Sequence[Open]) -> dict[str, str]:
    """Which of these she may open, by id: `case` or `request`. Two queries however many there are."""
    ids = [row.about for row in found if row.about]
    requests = HelpRequest.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
    cases = Case.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
    return {str(pk): "request" for pk in requests} | {str(pk): "case" for pk in cases}


def find_kept_out(found: Sequence[Open]) -> dict[str, dict[UUID, str]]:
    """Who must not see which of these, by id: person and name. Only of those whose walls she may read; one query."""
    kept: dict[str, dict[UUID, str]] = {}
    for row in database.rows("walls_among", [UUID(item.about) for item in found if item.about]):
        kept.setdefault(str(row.record), {})[row.person] = row.name
    return kept


def proposed_for(user: User) -> User | None:
    """Whoever follows her on the rota, where it names exactly one; else she chooses."""
    following = next_people(user)
    return following[0] if len(following) == 1 else None


def list_handovers(user: User) -> list[ShiftHandover]:
    """Hand-overs of the last days that she gave or got."""
    recent = ShiftHandover.objects.filter(given_at__gt=timezone.now() - KEPT).select_related("from_user", "to_user")
    return list(recent.filter(Q(from_user=user) | Q(to_user=user)).order_by("-given_at")[:MOST])


def list_to_take(user: User) -> list[ShiftHandover]:
    """Hand-overs to her that she has not taken yet."""
    waiting = ShiftHandover.objects.filter(to_user=user, taken_at__isnull=True, given_at__gt=timezone.now() - KEPT)
    return list(waiting.select_related("from_user").order_by("given_at")[:MOST])


def get_handover(user: User, handover_id: UUID) -> ShiftHandover:
    found = ShiftHandover.objects.filter(Q(from_user=user) | Q(to_user=user), pk=handover_id)
    row = found.select_related("from_user", "to_user").first()
    if row is None:
        raise Http404
    return row


def name_of_giver(person: str) -> str:
    """Who had handed over what is not there any more; "" where nobody is meant."""
    try:
        found = User.objects.filter(pk=UUID(person)).first()
    except ValueError:
        return ""
    return found.display_name if found else ""
