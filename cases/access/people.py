"""Who carries what, who can be asked onto a case, and how slips and ending access stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.exceptions import NotAllowed
from accounts.models import User
from accounts.paging import PAGE_SIZE
from cases.access import OpenedCase, require_role
from cases.access.absence import away_until
from cases.choices import AssignmentState, CaseRole
from cases.codes import SlipAnswer, TimelineKind
from cases.models import Absence, Assignment, Case, CaseJurisdiction, TimelineEntry, WorkProfile

ENDS_SOON = timedelta(days=7)


def list_loads(user: User) -> list[Any]:
    """Everybody who works on cases, worst first. Raises NotAllowed but for caseworkers and coordinators."""
    require_role(user, Role.CASEWORKER, Role.COORDINATOR)
    audit.seen(Action.LOAD_VIEWED, "")
    return _loads(None)


def own_load(user: User) -> Any:
    """Her own row, or None where she works on no cases."""
    return next(iter(_loads([user.pk])), None)


def _loads(wanted: list[UUID] | None) -> list[Any]:
    """What these people carry, or everybody; each with until when she is away today."""
    rows = database.rows("loads", wanted)
    away = away_until([row.person for row in rows])
    for row in rows:
        row.away_until = away.get(row.person)
    return rows


def get_person_to_edit(user: User, person_id: UUID) -> User:
    """Somebody whose profile she may keep: her own, or anybody's for whoever runs the house."""
    if person_id == user.pk:
        return user
    require_role(user, Role.COORDINATOR, Role.ADMINISTRATOR)
    found = User.objects.filter(pk=person_id, is_active=True).first()
    if found is None:
        raise Http404
    return found


def profile_of(person: User) -> WorkProfile | None:
    return WorkProfile.objects.filter(pk=person.pk).select_related("supervisor").first()


def profile_values(person: User) -> dict[str, Any]:
    """What stands in her profile, or what is assumed until somebody says so."""
    kept = profile_of(person) or WorkProfile()
    names = ("accepting", "capacity", "hours_per_week", "languages", "countries", "supervisor")
    return {name: getattr(kept, name) for name in names}


def possible_supervisors(person: User) -> QuerySet[User]:
    people = User.objects.filter(is_active=True, roles__contains=[Role.CASEWORKER])
    return people.exclude(pk=person.pk).order_by("display_name")


# --- Asking somebody --------------------------------------------------------------------------
@dataclass(frozen=True)
class Candidate:
    """Somebody who may be asked, with what helps to choose."""

    person: User
    load: Any
    speaks: bool
    vouched: bool
    advice_only: bool
    admitted: bool


def held_back_ids() -> set[UUID]:
    """People who are to be spoken with before they are asked: away today, or taking no new cases."""
    today = timezone.localdate()
    away = Absence.objects.filter(cancelled_at__isnull=True, from_on__lte=today, until_on__gte=today)
    closed = WorkProfile.objects.filter(accepting=False)
    return set(away.values_list("user_id").union(closed.values_list("user_id")).values_list("user_id", flat=True))


def list_candidates(opened: OpenedCase, role: str, people: Iterable[User], vouched: set[UUID]) -> list[Candidate]:
    """These people with what helps to choose one for a role, whoever carries least first."""
    people = list(people)
    loads = {row.person: row for row in _loads([person.pk for person in people])}
    countries = countries_of(opened.case) if role == CaseRole.LAWYER else set()
    found = [_candidate(opened.case, person, loads.get(person.pk), countries, vouched) for person in people]
    return sorted(found, key=lambda row: (row.load.percent if row.load else 0, row.person.display_name))


def _candidate(case: Case, person: User, load: Any, countries: set[str], vouched: set[UUID]) -> Candidate:
    where = set(load.countries) if load else set()
    return Candidate(
        person=person,
        load=load,
        speaks=bool(load and case.language in load.languages),
        vouched=person.pk in vouched,
        advice_only=_advice_only(countries, where),
        admitted=bool(countries & where),
    )


def countries_of(case: Case) -> set[str]:
    """Countries whose law may apply to a case."""
    live = CaseJurisdiction.objects.filter(case=case, removed_at__isnull=True)
    return set(live.values_list("country", flat=True))


def is_advice_only(case: Case, person: User) -> bool:
    """Whether a lawyer is admitted in none of the case's countries; False while none is noted."""
    profile = profile_of(person)
    return _advice_only(countries_of(case), profile.countries if profile else ())


def _advice_only(of_case: set[str], admitted: Iterable[str]) -> bool:
    return bool(of_case) and not of_case & set(admitted)


# --- Slips and ending access ------------------------------------------------------------------
def get_own_slip(user: User, assignment_id: UUID) -> Assignment:
    """Her own assignment with a conflict slip. PostgreSQL shows it to her unless she must not see the case."""
    found = Assignment.objects.filter(pk=assignment_id, user=user, role=CaseRole.LAWYER, conflict_slip__isnull=False)
    row = found.select_related("conflict_slip").first()
    if row is None:
        raise Http404
    return row


def get_lawyer(opened: OpenedCase, assignment_id: UUID) -> Assignment:
    """A lawyer asked onto the case or on it, for whoever may send her a slip. Raises NotAllowed, Http404."""
    if "offer_assignment" not in opened.actions:
        raise NotAllowed
    current = Assignment.objects.filter(
        case=opened.case,
        pk=assignment_id,
        role=CaseRole.LAWYER,
        state__in=[AssignmentState.OFFERED, AssignmentState.LIVE],
    )
    found = current.select_related("user", "case", "conflict_slip").first()
    if found is None:
        raise Http404
    return found


def list_waiting_slips(user: User) -> QuerySet[Assignment]:
    """Slips to her that wait on cases she is on already; those of offers stand beside the offer."""
    waiting = Assignment.objects.filter(user=user, state=AssignmentState.LIVE, conflict_slip__answer=SlipAnswer.PENDING)
    return waiting.select_related("case").order_by("conflict_slip__asked_at")[:PAGE_SIZE]


def list_ending_access(user: User) -> QuerySet[Assignment]:
    """Roles on cases she leads that end within a week by themselves."""
    led = Assignment.objects.filter(user=user, role=CaseRole.LEAD, state=AssignmentState.LIVE).values("case_id")
    ending = Assignment.objects.filter(
        case__in=led, state=AssignmentState.LIVE, until_on__lte=timezone.localdate() + ENDS_SOON
    )
    return ending.select_related("case", "user").order_by("until_on")[:PAGE_SIZE]


def current_role(opened: OpenedCase, person: str) -> Assignment | None:
    """What somebody is on this case, or was asked to be; `person` is an id as it was typed."""
    states = [AssignmentState.OFFERED, AssignmentState.LIVE]
    current = Assignment.objects.filter(case=opened.case, state__in=states).select_related("user")
    return next((row for row in current if str(row.user_id) == person), None)


def list_backups(opened: OpenedCase) -> QuerySet[Assignment]:
    """Live backups of a case, who can be handed the lead."""
    backups = Assignment.objects.filter(case=opened.case, state=AssignmentState.LIVE, role=CaseRole.BACKUP)
    return backups.select_related("user", "case").order_by("user__display_name")


def is_lead(user: User, case: Case) -> bool:
    return Assignment.objects.filter(case=case, user=user, state=AssignmentState.LIVE, role=CaseRole.LEAD).exists()


@dataclass(frozen=True)
class LeadChange:
    """How somebody came to lead a case, or to be its backup again: `what` is given, gave or took."""

    what: str
    at: datetime
    name: str  # of the other one; nobody's where she took the lead


def lead_changes(people: Iterable[Assignment]) -> dict[UUID, LeadChange]:
    """The last change of the lead of each of these people of one case, by assignment; read from the timeline."""
    live = [row for row in people if row.state == AssignmentState.LIVE]
    told = TimelineEntry.objects.filter(
        case__in={row.case_id for row in live}, kind=TimelineKind.PEOPLE, detail__in=("given:lead", "led:lead")
    )
    by_user: dict[UUID | None, Assignment] = {row.user_id: row for row in live}
    by_pk: dict[UUID | None, Assignment] = {row.pk: row for row in people}
    found = {}
    for entry in told.select_related("by").order_by("at"):
        given = entry.detail == "given:lead"
        led = by_pk.get(entry.record_id)
        if led:
            name = entry.by.display_name if given and entry.by else ""
            found[led.pk] = LeadChange("given" if given else "took", entry.at, name)
        giver = by_user.get(entry.by_id)
        if given and giver and led and giver.live_at and giver.live_at < entry.at:
            found[giver.pk] = LeadChange("gave", entry.at, led.user.display_name)
    return found


def roles_on(user: User, cases: Iterable[Case]) -> dict[UUID, Assignment]:
    """Her live role on each of these cases: one query."""
    own = Assignment.objects.filter(user=user, state=AssignmentState.LIVE, case__in=[case.pk for case in cases])
    return {row.case_id: row for row in own}
