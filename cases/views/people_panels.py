"""Cards of the desk about people: work that moves, access that ends, reviews; and those of the lawyer's desk."""

from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from cases.access import lawyer as access_lawyer
from cases.access import moves as access_moves
from cases.access import people as access_people
from cases.access import supervision as access_supervision
from cases.services import casework
from cases.views.panel import NextStep, Panel


def slips(user: User) -> Panel | None:
    """Slips about cases she is on already."""
    found = list(access_people.list_waiting_slips(user)) if user.has(Role.LAWYER) else []
    step = NextStep(29, _("Answer the conflict slip"))
    return Panel("cases/desk/slips.html", {"slips": found}, step) if found else None


def people(user: User) -> Panel | None:
    """What the coordinator asks for, access that ends soon, reviews that are owed."""
    if not user.has(Role.CASEWORKER):
        return None
    found = {
        "moves": list(access_moves.list_moves(user)),
        "ending": list(access_people.list_ending_access(user)),
        "reviews": list(access_supervision.list_owed_reviews(user)),
    }
    if not any(found.values()):
        return None
    walled = access_moves.walled_moves() if found["moves"] else set()
    step = NextStep(60, _("Review the case that waits longest")) if found["reviews"] else None
    if found["moves"]:
        step = NextStep(32, _("Answer whether work moves"))
    return Panel("cases/desk/people.html", {**found, "walled": walled}, step)


def own_cases(user: User) -> Panel | None:
    """The lawyer's cases by next date."""
    found = list(access_lawyer.list_own_roles(user)) if user.has(Role.LAWYER) else []
    if not found:
        return None
    titles = casework.read_titles(cases=[row.case for row in found], by=user)
    return Panel("cases/desk/own_cases.html", {"rows": [(row, titles.get(row.case_id, "")) for row in found]})


def critical(user: User) -> Panel | None:
    """Critical dates of the lawyer's cases."""
    found = list(access_lawyer.list_critical(user)) if user.has(Role.LAWYER) else []
    if not found:
        return None
    texts = casework.read_deadlines(deadlines=found, by=user)
    return Panel("cases/desk/critical.html", {"dates": [(date, texts.get(date.pk, "")) for date in found]})


def hours(user: User) -> Panel | None:
    """The lawyer's hours of this month, also when there are none."""
    if not user.has(Role.LAWYER):
        return None
    return Panel("cases/desk/hours.html", {"hours": access_lawyer.hours_this_month(user)})
