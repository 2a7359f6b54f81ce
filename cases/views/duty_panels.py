"""Cards of the desk about duty: urgent requests, colleagues who are away."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from cases.access import absence, armed, duty, handover
from cases.views.panel import NextStep, Panel


def alerts(user: User) -> Panel | None:
    found = duty.list_alerts(user) if user.has(Role.CASEWORKER) else []
    if not found:
        return None
    step = NextStep(1, _("Answer the urgent request"), reverse("cases:request_detail", args=[found[0].code]))
    return Panel("cases/desk/alerts.html", {"alerts": found}, step)


def urgent_unanswered(user: User) -> Panel | None:
    """For coordinators, from the first moment: an urgent request waits and who knows of it. Nothing of the request."""
    found = duty.find_urgent_waiting(user)
    if found is None:
        return None
    step = NextStep(2, _("Call somebody of intake: an urgent request has no answer"))
    return Panel("cases/desk/urgent_unanswered.html", {"urgent": found}, step if found.late or found.nobody else None)


def unattended(user: User) -> Panel | None:
    """For coordinators: something is overdue, and everybody on the case is away. The number and the way to the board."""
    number = duty.count_unattended(user)
    if not number:
        return None
    url = f"{reverse('cases:work_board')}?only=overdue"
    step = NextStep(23, _("See to it that somebody looks after what is overdue"), url)
    return Panel("cases/desk/unattended.html", {"number": number, "url": url}, step)


def covers(user: User) -> Panel | None:
    found = absence.list_covers(user) if user.has(Role.CASEWORKER) else []
    return (
        Panel("cases/desk/covers.html", {"covers": found}, None, _("You cover for somebody"), len(found))
        if found
        else None
    )


def away_for(user: User) -> Panel | None:
    """Her reminders go to others on these days, and her alerts but for those on call: she reads who has entered them."""
    found = absence.list_entered_for(user)
    return Panel("cases/desk/away_for.html", {"days": found}) if found else None


def to_arm(user: User) -> Panel | None:
    found = armed.list_proposals(user) if user.has(Role.CASEWORKER) else []
    return (
        Panel("cases/desk/to_arm.html", {"to_arm": found}, NextStep(15, _("Say who may reach her"))) if found else None
    )


def reachable(user: User) -> Panel | None:
    number = len(armed.list_reachable(user)) if user.has(Role.CASEWORKER) else 0
    if not number:
        return None
    return Panel(
        "cases/desk/reachable.html",
        {"number": number},
        NextStep(16, _("Call whoever you may reach"), reverse("cases:duty")),
    )


def handovers(user: User) -> Panel | None:
    found = handover.list_to_take(user) if user.has(Role.CASEWORKER) else []
    if not found:
        return None
    step = NextStep(10, _("Take over the shift"), reverse("cases:handover_detail", args=[found[0].pk]))
    return Panel("cases/desk/handovers.html", {"handovers": found}, step)
