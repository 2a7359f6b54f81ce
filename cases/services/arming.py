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
from accounts.templatetags.sidro import short_time
from cases import permissions
from cases.access import current_team
from cases.access.absence import away_until
from cases.access.armed import find_kept_out
from cases.access.duty import next_shift, on_call_now
from cases.choices import Purpose
from cases.codes import ArmReason, CallResult, TimelineKind
from cases.models import ArmedReach, Case
from cases.services import timeline
from cases.services.calls import REACH
from cases.services.requests import can_be_called
from cases.services.sealed import armed as sealed
from cases.services.sealed import content
from cases.services.sealed_facts import is_protected

LONGEST = timedelta(hours=48)


def why_not(case: Case) -> str:
    """Why whoever is on call must not be let reach her now; empty where nothing speaks against it."""
    if is_protected(case):
        return _("A protected case: only the people on it reach her. Whoever is on call does not.")
    if case.paused_at:
        return _("She wants nobody to call her now. End the pause first, if she has asked you to.")
    return ""


def _who_comes(until: datetime) -> str:
    """That nobody is on call now, and from when on somebody is, or that all who are on call are away today."""
    if now := on_call_now():
        people = {person.pk: person.display_name for shift in now for person in (shift.on_call, shift.second) if person}
        if set(people) - set(away_until(people)):
            return ""
        said = _("On call now, and away today: %(names)s. Put somebody else on the rota, or call her yourself.")
        return said % {"names": ", ".join(people.values())}
    following = next_shift()
    if following is None or following.starts_at >= until:
        said = _(
            "Nobody is on call before %(time)s, when this ends: nobody can reach her."
            " Put somebody on the rota, or call her yourself."
        )
        return said % {"time": short_time(until)}
    said = _("Nobody is on call now; the next is on call from %(time)s, and may reach her from then on.")
    return said % {"time": short_time(following.starts_at)}


def who_cannot(case: Case, until: datetime) -> str:
    """That nobody is on call now, or somebody on call must not see the case, and what to do; empty where all is well,
    or it is not hers to know."""
    found = find_kept_out(case)
    if found is None:
        return _who_comes(until)
    names = {
        "kept": ", ".join(found.kept),
        "left": ", ".join(found.left),
        "time": short_time(found.until),
    }
    if found.left:
        return (
            _("%(kept)s must not see this case. Until %(time)s, of those on call only %(left)s can reach her.") % names
        )
    return (
        _(
            "%(kept)s must not see this case. Until %(time)s nobody on call can reach her:"
            " put somebody else on the rota, or call her yourself."
        )
        % names
    )


def arm(*, case: Case, reason: ArmReason, until: datetime, by: User) -> None:
    """Seal the reach key to the intake team until then. A second click changes nothing. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "arm_reach", case)
    if against := why_not(case):
        raise WrongState(against)
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise WrongState(_("Choose a moment within the next 48 hours."))
    team = current_team(restricted=False)
    if team is None:
        raise WrongState(_("No intake team has been set up yet. Ask a caseworker to set it up under “Teams”."))
    opened = content.read(case_id=case.pk, record_ids=[case.pk], purpose=Purpose.REACH, by=by)
    if not can_be_called(opened.get((case.pk, REACH), {})):
        raise WrongState(
            _("No number and no address of hers is noted: whoever is on call could not reach her. Add one first.")
        )
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
    """Whoever is on call begins to call her; lead and backup are told. Returns the attempt. Raises Http404.

    Raises WrongState for whoever is on call: of every number that is none of hers now the same is said, so that nobody
    learns of a wall from it.
    """
    try:
        with audit.unit():
            return database.value("duty_call", armed_id)
    except database.Refused as refused:
        if refused.reason == "call_is_open":
            raise WrongState(_("You are calling her already, on the page of the case.")) from None
        if any(by.pk in (shift.on_call_id, shift.second_id) for shift in on_call_now()):
            raise WrongState(_("The reach was ended. You cannot call her any more.")) from None
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
