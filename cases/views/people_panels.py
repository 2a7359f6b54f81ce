"""Cards of the desk about people: work that moves, access that ends, reviews; and those of the lawyer's desk."""

from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from cases.access import lawyer as access_lawyer
from cases.access import moves as access_moves
from cases.access import people as access_people
from cases.access import supervision as access_supervision
from cases.services import casework
from cases.views.panel import NextStep, Panel, slip_step


def slips(user: User) -> Panel | None:
    """Slips about cases she is on already."""
    found = list(access_people.list_waiting_slips(user)) if user.has(Role.LAWYER) else []
    return Panel("cases/desk/slips.html", {"slips": found}, slip_step(found[0].pk)) if found else None


def people(user: User) -> list[Panel]:
    """What the coordinator asks for, access that ends soon, reviews that are owed."""
    if not user.has(Role.CASEWORKER):
        return []
    made = []
    if found := list(access_moves.list_moves(user)):
        context = {"moves": found, "walled": access_moves.walled_moves()}
        made.append(Panel("cases/desk/moves.html", context, NextStep(32, _("Answer whether work moves"))))
    if ends := list(access_people.list_ending_access(user)):
        made.append(Panel("cases/desk/ending.html", {"ending": ends}, None, _("Access that ends soon"), len(ends)))
    if owed := list(access_supervision.list_owed_reviews(user)):
        step = NextStep(60, _("Review the case that waits longest"))
        made.append(Panel("cases/desk/reviews.html", {"reviews": owed}, step, _("Reviews owed"), len(owed)))
    return made


def own_cases(user: User) -> Panel | None:
    """The lawyer's cases by next date."""
    found = list(access_lawyer.list_own_roles(user)) if user.has(Role.LAWYER) else []
    if not found:
        return None
    titles = casework.read_titles(cases=[row.case for row in found], by=user)
    rows = [(row, titles.get(row.case_id, "")) for row in found]
    return Panel("cases/desk/own_cases.html", {"rows": rows}, None, _("My cases"), len(rows))


def hours(user: User) -> Panel | None:
    """The lawyer's hours of this month, also when there are none."""
    if not user.has(Role.LAWYER):
        return None
    return Panel("cases/desk/hours.html", {"hours": access_lawyer.hours_this_month(user)})
