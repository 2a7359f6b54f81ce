"""Teams of hers whose pair a leaving member knows, and requests that are sealed to such a pair still."""

from dataclasses import dataclass

from django.db.models import F, QuerySet

from accounts.access import teams_to_renew
from accounts.models import Team, User
from cases.choices import RequestState
from cases.models import HelpRequest


@dataclass(frozen=True)
class TeamKeys:
    """What is left to do for the keys of her teams."""

    to_renew: list[Team]
    to_reseal: int

    def __bool__(self) -> bool:
        return bool(self.to_renew or self.to_reseal)


def requests_to_reseal(user: User) -> QuerySet[HelpRequest]:
    """Requests that wait under an older pair of her teams: open ones first."""
    found = (
        HelpRequest.objects.visible_to(user).filter(team__retired_at__isnull=False).exclude(state=RequestState.ACCEPTED)
    )
    return found.select_related("team").order_by(F("ended_at").asc(nulls_first=True), "received_at", "pk")


def left_to_do(user: User) -> TeamKeys:
    return TeamKeys(teams_to_renew(user), requests_to_reseal(user).count())
