"""The cards of the desk, in the order in which they are shown. Each asks access for what waits for one person.

A card that has nothing to show is not there. To add one: a function here or in a module beside this one, a template
in templates/cases/desk/, and its place in PANELS; where most people have nothing of it, also a column of
`app.desk_hints`, which is asked once for all cards.
"""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import wants_second_device
from accounts.choices import Role
from accounts.models import User
from cases import access
from cases.access import armed, plan, queue
from cases.access.second import list_asked_of
from cases.access.walls import list_lifts_asked
from cases.codes import NoticeKind
from cases.views import date_panels, duty_panels, grants, housekeeping, key_panels, people_panels, team_keys
from cases.views.panel import Card, NextStep, Panel, slip_step


def no_team(user: User) -> Panel | None:
    if not user.has(Role.CASEWORKER) or access.current_team(restricted=False) is not None:
        return None
    return Panel("cases/desk/no_team.html", {}, NextStep(0, _("Set up intake"), reverse("accounts:teams")))


def requests(user: User) -> Panel | None:
    """Requests nobody has answered, and hers: urgent, promised within a day, or waiting. And what is due of whoever is away."""
    if not user.has(Role.CASEWORKER):
        return None
    number, mine = queue.for_desk(user, until=timezone.now() + queue.DUE_SOON)
    if not (number or mine):
        return None
    url = reverse("cases:request_list")
    step = NextStep(20, _("Answer whoever has waited longest"), url) if number else None
    own = [row for row in mine if row.assignee_id == user.pk]
    covered = [row for row in mine if row.assignee_id != user.pk]
    if late := _late(covered):
        words = _("Look after the request of a colleague who is away")
        step = NextStep(11, words, reverse("cases:request_detail", args=[late[0].code]))
    if _late(own):
        step = NextStep(10, _("Keep the promise on your request"), f"{url}?whose=mine")
    return Panel("cases/desk/requests.html", {"waiting": number, "my_requests": own, "covered": covered}, step)


def _late(requests: list[Any]) -> list[Any]:
    now = timezone.now()
    return [row for row in requests if any(at and at < now for at in (row.waiting_until, row.promised_for))]


def referrals(user: User) -> Panel | None:
    """Whom she has sent on, and nobody has said what came of it."""
    found = queue.list_referrals(user) if user.has(Role.CASEWORKER) else []
    if not found:
        return None
    step = NextStep(
        26, _("Ask the other service what came of it"), reverse("cases:request_detail", args=[found[0].code])
    )
    return Panel("cases/desk/referrals.html", {"referrals": found}, step)


def offers(user: User) -> Panel | None:
    found = access.list_offers(user)
    if not found:
        return None
    step = NextStep(30, _("Say whether you take the case you are asked onto"))
    if waiting := next((offer for offer in found if offer.keys_sealed and offer.slip == "pending"), None):
        step = slip_step(waiting.id)
    return Panel("cases/desk/offers.html", {"offers": found}, step)


def second(user: User) -> Panel | None:
    found, lifts = list(list_asked_of(user)), list_lifts_asked()
    if not (found or lifts):
        return None
    context = {"asked": found, "lifts": lifts, "number": len(found) + len(lifts)}
    return Panel("cases/desk/second.html", context, NextStep(22, _("Answer as the second person")))


def my_calls(user: User) -> Panel | None:
    """Calls that she has not ended: how to reach her stays open until she does. On call, until she says how it ended."""
    found, on_duty = list(plan.list_my_calls(user)), armed.list_unended(user)
    if not (found or on_duty):
        return None
    step = NextStep(5, _("End your call, or go on with it"))
    return Panel("cases/desk/my_calls.html", {"calls": found, "on_duty": on_duty}, step)


def risk_told(user: User) -> Panel | None:
    """Above all but an urgent request: an attempt that is under way, a risk that is immediate."""
    found = plan.list_risks_told(user)
    if not found:
        return None
    first = found[0]
    words = _("A suicide attempt is under way: open the case")
    if first.kind != NoticeKind.ATTEMPT:
        words = _("Look at the case whose risk is immediate")
    url = reverse("cases:case_risk", args=[first.case.code]) if first.case else ""
    if not url:
        words = _("A case needs somebody at once: call %(name)s") % {"name": first.asked_by}
    step = NextStep(2, words, url)
    return Panel("cases/desk/risk_told.html", {"told": found}, step)


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


def without_lead(user: User, hints: Any) -> Panel | None:
    """Cases of hers that nobody leads; for the coordinator where she finds them on the board."""
    found = access.list_cases_without_lead(user) if hints.unled else []
    board = hints.unled_house and access.board_has_unled(user)
    if not (found or board):
        return None
    return Panel(
        "cases/desk/without_lead.html",
        {"without_lead": found, "board": board},
        NextStep(24, _("See to it that somebody leads the case")),
    )


def second_device(user: User) -> Panel | None:
    """A gentle request, below all work: one lost phone should not keep her from it."""
    return Panel("cases/desk/second_device.html", {}) if wants_second_device(user) else None


PANELS = (
    Card(duty_panels.alerts, ("alerts",)),
    Card(risk_told, ("notices",)),
    Card(duty_panels.urgent_unanswered),
    Card(duty_panels.unattended),
    Card(duty_panels.handovers, ("handovers",)),
    Card(duty_panels.reachable),
    Card(duty_panels.to_arm, ("to_arm",)),
    Card(key_panels.keys, ("keys",)),
    Card(no_team),
    Card(team_keys.card, ("team_keys",)),
    Card(people_panels.slips),
    Card(offers),
    Card(my_calls, ("calls",)),
    Card(requests),
    Card(referrals, ("referrals",)),
    Card(second, ("second",)),
    Card(grants.card, ("grants",)),
    Card(people_panels.people, ("moves", "ending", "reviews")),
    Card(date_panels.work, told=True),
    Card(errands, ("errands",)),
    Card(to_vouch),
    Card(ask_again, ("ask_again",)),
    Card(people_panels.own_cases),
    Card(without_lead, ("unled", "unled_house"), told=True),
    Card(without_backup, ("alone",)),
    Card(duty_panels.covers, ("covers",)),
    Card(duty_panels.away_for, ("away_for",)),
    Card(people_panels.hours),
    Card(housekeeping.card),
    Card(second_device),
)


def panels_of(user: User) -> list[Panel]:
    """Her cards: what wants doing first, lists that can wait folded after everything else."""
    hints = access.desk_hints()
    made = [panel for card in PANELS for panel in card.panels(user, hints)]
    return sorted(made, key=lambda panel: bool(panel.folded))
