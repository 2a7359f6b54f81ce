"""Cards of the desk about people: work that moves, access that ends, reviews; and those of the lawyer's desk."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from cases.access import lawyer as access_lawyer
from cases.access import moves as access_moves
from cases.access import people as access_people
from cases.access import supervision as access_supervision
from cases.services import casework
from cases.views.panel import NextStep


def slips(user: User) -> dict[str, Any] | None:
    """Slips about cases she is on already."""
    if not user.has(Role.LAWYER):
        return None
    found = list(access_people.list_waiting_slips(user))
    return {"slips": found} if found else None


def people(user: User) -> dict[str, Any] | None:
    """What the coordinator asks for, access that ends soon, reviews that are owed."""
    if not user.has(Role.CASEWORKER):
        return None
    hints = access_people.desk_hints()
    found = {
        "moves": list(access_moves.list_moves(user)) if hints.moves else [],
        "ending": list(access_people.list_ending_access(user)) if hints.ending else [],
        "reviews": list(access_supervision.list_owed_reviews(user)) if hints.reviews else [],
    }
    return found if any(found.values()) else None


def own_cases(user: User) -> dict[str, Any] | None:
    """The lawyer's cases by next date."""
    if not user.has(Role.LAWYER):
        return None
    found = list(access_lawyer.list_own_roles(user))
    titles = casework.read_titles(cases=[row.case for row in found], by=user)
    return {"rows": [(row, titles.get(row.case_id, "")) for row in found]} if found else None


def critical(user: User) -> dict[str, Any] | None:
    if not user.has(Role.LAWYER):
        return None
    found = list(access_lawyer.list_critical(user))
    texts = casework.read_deadlines(deadlines=found, by=user)
    return {"dates": [(date, texts.get(date.pk, "")) for date in found]} if found else None


def hours(user: User) -> dict[str, Any] | None:
    if not user.has(Role.LAWYER):
        return None
    return {"hours": access_lawyer.hours_this_month(user)}


def next_step(name: str, context: dict[str, Any]) -> NextStep | None:
    """The line at the top of the desk that a card wants, if it wants one."""
    if name == "slips":
        return NextStep(29, _("Answer the conflict slip"))
    if context.get("moves"):
        return NextStep(32, _("Answer whether work moves"))
    if context.get("reviews"):
        return NextStep(60, _("Review the case that waits longest"))
    return None
