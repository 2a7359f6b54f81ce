"""Reach armed: a holder lets whoever is on call reach her for a time; whoever is on call calls."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.access import current_team
from cases.codes import ArmReason, CallResult, TimelineKind
from cases.models import ArmedReach, Case
from cases.services import timeline
from cases.services.sealed import armed as sealed

LONGEST = timedelta(hours=48)


def arm(*, case: Case, reason: ArmReason, until: datetime, by: User) -> None:
    """Seal the reach key to the intake team until then. A second click changes nothing. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "arm_reach", case)
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise WrongState(_("Choose a moment within the next 48 hours."))
    team = current_team(restricted=False)
    if team is None:
        raise WrongState(_("No intake team has been set up yet. Ask a caseworker to set it up under “Teams”."))
    row = ArmedReach(case=case, reason=reason, armed_at=now, armed_by=by, until=until)
    with audit.unit() as entries:
        over = ArmedReach.objects.filter(case=case, disarmed_at__isnull=True, until__lte=now)
        over.update(disarmed_at=now, disarmed_by=by)  # the clock may not have come by yet
        if insert_once(row):
            sealed.offer_to_team(case=case, team=team, by=by)
            timeline.tell(case_id=case.pk, kind=TimelineKind.CHANGE, record_id=row.pk, detail="armed", by=by)
            entries.record(Action.REACH_ARMED, case.pk, detail=str(reason))


def disarm(*, case: Case, by: User) -> None:
    """End it by hand; the key sealed to the team is deleted. A second click changes nothing. Raises NotAllowed."""
    permissions.require_action(by, "arm_reach", case)
    with audit.unit() as entries:
        ended = ArmedReach.objects.filter(case=case, disarmed_at__isnull=True).update(
            disarmed_at=timezone.now(), disarmed_by=by
        )
        if ended:
            timeline.tell(case_id=case.pk, kind=TimelineKind.CHANGE, detail="disarmed", by=by)
            entries.record(Action.REACH_DISARMED, case.pk)


def begin_call(*, armed_id: UUID, by: User) -> UUID:
    """Whoever is on call begins to call her; lead and backup are told. Returns the attempt. Raises Http404."""
    try:
        with audit.unit():
            return database.value("duty_call", armed_id)
    except database.Refused as refused:
        if refused.reason == "call_is_open":
            raise WrongState(_("You are calling her already, on the page of the case.")) from None
        raise Http404 from None


class Reach(NamedTuple):
    """What whoever is on call sees: the code, and how she can be reached."""

    case_code: str
    contacts: dict[str, str]


def open_call(*, attempt_id: UUID, by: User) -> Reach:
    """How she can be reached, while the call is open and reach is armed. The database logs it. Raises Http404."""
    with audit.unit():
        found = database.row("duty_reach", attempt_id)
    if found is None:
        raise Http404
    return Reach(found.case_code, sealed.open_reach(sealed=found, by=by))


def end_call(*, attempt_id: UUID, result: CallResult, by: User) -> None:
    """End it with a result; "reached" disarms. A second click changes nothing. Raises NotAllowed."""
    try:
        with audit.unit() as entries:
            database.value("duty_call_end", attempt_id, str(result))
            entries.record(Action.DUTY_CALL_ENDED, attempt_id, detail=str(result))
    except database.Refused as refused:
        if refused.reason != "wrong_state":
            raise NotAllowed from None
