"""The two intake teams: who holds their keys, letting a colleague in, taking one out."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import TeamSeen, get_person, get_team_member, intake_ready, list_candidates, list_teams
from accounts.choices import Role, TeamKind
from accounts.exceptions import NotAllowed, WrongState
from accounts.forms import TeamAddForm
from accounts.keeper_access import may_do_alone
from accounts.requests import StaffRequest
from accounts.services import teams as service
from accounts.step_up import require_step_up
from accounts.views.common import only_for


@require_GET
@only_for(Role.CASEWORKER)
def teams(request: StaffRequest) -> HttpResponse:
    """Members, and whether requests can be accepted yet."""
    found = list_teams(request.user)
    context = {
        "teams": found,
        "ready": intake_ready(),
        "may_set_up": not found and not request.user.has(Role.ADMINISTRATOR),
        "may_announce": _may_announce(found),
        "may_add": any(team.is_mine for team in found),
        "me": request.user.pk,
    }
    return render(request, "accounts/teams.html", context)


def _may_announce(found: list[TeamSeen]) -> UUID | None:
    """The intake team that she may go on with alone, where nobody else could be its second member."""
    mine = next((team.team.pk for team in found if team.is_mine and team.kind == TeamKind.INTAKE), None)
    return mine if mine and not intake_ready() and may_do_alone("intake", mine) else None


@require_POST
@only_for(Role.CASEWORKER)
def teams_set_up(request: StaffRequest) -> HttpResponse:
    """The first intake member makes both pairs of keys."""
    require_step_up(request)
    try:
        service.set_up(by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("Both teams are set up, with you as the first member."))
    return redirect("accounts:teams")


@require_http_methods(["GET", "POST"])
@only_for(Role.CASEWORKER)
def team_add(request: StaffRequest) -> HttpResponse:
    """Let a vouched caseworker in: the team's key is sealed to hers."""
    mine = {team.kind: team for team in list_teams(request.user) if team.is_mine}
    if not mine:
        raise NotAllowed
    require_step_up(request)
    people = list_candidates(list(mine.values()))
    form = TeamAddForm(request.POST or None, people=people, kinds=list(mine))
    if form.is_bound and form.is_valid():
        person = get_person(form.cleaned_data["person"])
        try:
            service.add_member(team=mine[form.cleaned_data["kind"]].team, person=person, by=request.user)
        except WrongState as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("%(name)s is a member now.") % {"name": person.display_name})
            return redirect("accounts:teams")
    return render(request, "accounts/team_add.html", {"form": form, "people": people})


@require_http_methods(["GET", "POST"])
@only_for(Role.CASEWORKER)
def team_remove(request: StaffRequest, kind: str, member_id: UUID) -> HttpResponse:
    """Take a colleague out of a team without ending her account: says what happens, then makes the new pair."""
    team, person = get_team_member(request.user, kind, member_id)
    require_step_up(request)
    if request.method == "GET":
        return render(request, "accounts/team_remove.html", {"team": team, "person": person})
    try:
        service.remove_member(team=team, person=person, by=request.user)
    except WrongState as wrong:
        messages.error(request, wrong.message)
        return redirect("accounts:teams")
    messages.success(
        request, _("%(name)s is not a member any more, and the team has a new key.") % {"name": person.display_name}
    )
    return redirect("cases:team_keys")
