"""New keys of the intake teams, driven by the page of a member: a piece at a time, and it goes on by itself."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.choices import Role
from accounts.models import User
from accounts.requests import StaffRequest
from cases.access import require_role
from cases.access.team_keys import left_to_do
from cases.services import team_keys as service
from cases.views.panel import NextStep, Panel


@require_http_methods(["GET", "POST"])
def team_keys(request: StaffRequest) -> HttpResponse:
    """How many requests wait to be sealed anew. A POST does a piece; for htmx only what is new comes back."""
    require_role(request.user, Role.CASEWORKER)
    done = service.go_on(by=request.user) if request.method == "POST" else None
    left = left_to_do(request.user)
    stuck = done == 0 and left.to_reseal > 0 and not left.to_renew
    context = {"left": left, "done": done, "stuck": stuck}
    if "HX-Request" in request.headers:
        return render(request, "cases/team_keys_part.html", context)
    if request.method == "POST" and not stuck:
        return redirect("cases:team_keys")
    return render(request, "cases/team_keys.html", context)


def card(user: User) -> Panel | None:
    """On the desk of a member: the work begins as soon as she looks at it."""
    left = left_to_do(user) if user.has(Role.CASEWORKER) else None
    if not left:
        return None
    return Panel("cases/desk/team_keys.html", {"left": left}, NextStep(24, _("Let the team’s new key be made")))
