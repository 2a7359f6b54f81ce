"""The cards of the desk, in the order in which they are shown. Each asks access for what waits for one person.

A card that has nothing to show is not there. To add one: a function here or in a module beside this one, a template
in templates/cases/desk/, and its place in PANELS; where most people have nothing of it, also a column of
`app.desk_hints`, which is asked once for all cards.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import wants_second_device
from accounts.choices import Role
from accounts.models import User
from cases import access
from cases.access import plan, queue
from cases.access.second import list_asked_of
from cases.views import date_panels, duty_panels, housekeeping, key_panels, people_panels
from cases.views.panel import Card, NextStep, Panel, slip_step


def no_team(user: User) -> Panel | None:
    if not user.has(Role.CASEWORKER) or access.current_team(restricted=False) is not None:
        return None
    return Panel("cases/desk/no_team.html", {}, NextStep(0, _("Set up intake"), reverse("accounts:teams")))


def requests(user: User) -> Panel | None:
    """Requests nobody has answered, and hers: with a promise that comes within a day or has passed, or waiting."""
    if not user.has(Role.CASEWORKER):
        return None
    number, mine = queue.for_desk(user, until=timezone.now() + timedelta(days=1))
    if not (number or mine):
        return None
    url = reverse("cases:request_list")
    step = NextStep(20, _("Answer whoever has waited longest"), url) if number else None
    if any(row.waiting_until and row.waiting_until < timezone.now() for row in mine):
        step = NextStep(10, _("Keep the promise on your request"), f"{url}?whose=mine")
    return Panel("cases/desk/requests.html", {"waiting": number, "my_requests": mine}, step)


def offers(user: User) -> Panel | None:
    found = access.list_offers(user)
    if not found:
        return None
    step = NextStep(30, _("Say whether you take the case you are asked onto"))
    if waiting := next((offer for offer in found if offer.keys_sealed and offer.slip == "pending"), None):
        step = slip_step(waiting.id)
    return Panel("cases/desk/offers.html", {"offers": found}, step)


def second(user: User) -> Panel | None:
    found = list(list_asked_of(user))
    if not found:
        return None
    return Panel("cases/desk/second.html", {"asked": found}, NextStep(22, _("Answer as the second person")))


def my_calls(user: User) -> Panel | None:
    """Calls that she has not ended: how to reach her stays open until she does."""
    found = list(plan.list_my_calls(user))
    if not found:
        return None
    step = NextStep(5, _("End your call, or go on with it"))
    return Panel("cases/desk/my_calls.html", {"calls": found}, step)


def ask_again(user: User) -> Panel | None:
    """Cases whose risk is to be asked again."""
    found = list(plan.list_risks_to_ask_again(user))
    step = NextStep(28, _("Ask about the risk again")) if found else None
    return (
        Panel("cases/desk/ask_again.html", {"cases": found}, step, _("Ask about the risk again"), len(found))
        if found
        else None
    )


def errands(user: User) -> Panel | None:
    found = list(access.list_errands(user))
    if not found:
        return None
    ready = access.vouched_ids([errand.user_id for errand in found])
    return Panel("cases/desk/errands.html", {"errands": found, "ready_for_keys": ready})


def to_vouch(user: User) -> Panel | None:
    number = access.count_keys_to_vouch(user)
    return Panel("cases/desk/to_vouch.html", {"to_vouch": number}) if number else None


def without_backup(user: User) -> Panel | None:
    found = access.list_cases_without_backup(user)
    if not found:
        return None
    context = {"without_backup": found}
    return Panel("cases/desk/without_backup.html", context, None, _("Cases without a backup"), len(found))


def second_device(user: User) -> Panel | None:
    """A gentle request, below all work: one lost phone should not keep her from it."""
    return Panel("cases/desk/second_device.html", {}) if wants_second_device(user) else None


PANELS = (
    Card(duty_panels.alerts, ("alerts",)),
    Card(duty_panels.urgent_unanswered),
    Card(duty_panels.handovers, ("handovers",)),
    Card(duty_panels.reachable),
    Card(duty_panels.to_arm, ("to_arm",)),
    Card(key_panels.keys, ("keys",)),
    Card(no_team),
    Card(people_panels.slips),
    Card(offers),
    Card(my_calls, ("calls",)),
    Card(requests),
    Card(second, ("second",)),
    Card(people_panels.people, ("moves", "ending", "reviews")),
    Card(date_panels.work),
    Card(errands, ("errands",)),
    Card(to_vouch),
    Card(ask_again, ("ask_again",)),
    Card(people_panels.own_cases),
    Card(without_backup, ("alone",)),
    Card(duty_panels.covers, ("covers",)),
    Card(people_panels.hours),
    Card(housekeeping.card),
    Card(second_device),
)


def panels_of(user: User) -> list[Panel]:
    """Her cards: what wants doing first, lists that can wait folded after everything else."""
    hints = access.desk_hints()
    made = [panel for card in PANELS for panel in card.panels(user, hints)]
    return sorted(made, key=lambda panel: bool(panel.folded))
