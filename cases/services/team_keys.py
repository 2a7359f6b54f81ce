"""After a member has left: a new pair of the team, and what waits sealed to it, a piece at a time.

Needs the key of a remaining member, so her signed-in page drives it; whatever is left goes on with anybody's next one.
"""

from accounts import audit
from accounts.access import teams_to_renew
from accounts.choices import Action
from accounts.models import Team, User
from accounts.services import teams
from cases.access.team_keys import requests_to_reseal
from cases.services.sealed import inbox

A_PIECE = 20


def go_on(*, by: User) -> int:
    """Make pairs that are due, then seal a piece of what waits. Returns how many requests were sealed anew."""
    for team in teams_to_renew(by):
        teams.renew_pair(team=team, by=by)
    present = {team.kind: team for team in Team.objects.filter(members__user=by, retired_at__isnull=True)}
    waiting = [request for request in requests_to_reseal(by)[:A_PIECE] if request.team.kind in present]
    with audit.unit() as entries:
        done = sum(inbox.reseal_request(request=row, to=present[row.team.kind], by=by) for row in waiting)
        if done:
            entries.record(Action.REQUESTS_RESEALED, detail=str(done))
    return done
