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


def slips(user: User) -> dict[str, Any] | None:
    """Slips about cases she is on already."""
    if not user.has(Role.LAWYER):
        return None
    found = list(access_people.list_waiting_slips(user))
    return {"slips": found} if found else None


def moves(user: User) -> dict[str, Any] | None:
    """What the coordinator asks for."""
    if not user.has(Role.CASEWORKER):
        return None
    found = list(access_moves.list_moves(user))
    return {"moves": found} if found else None


def ending(user: User) -> dict[str, Any] | None:
    if not user.has(Role.CASEWORKER):
        return None
    found = list(access_people.list_ending_access(user))
    return {"ending": found} if found else None


def reviews(user: User) -> dict[str, Any] | None:
    if not user.has(Role.CASEWORKER):
        return None
    found = list(access_supervision.list_owed_reviews(user))
    return {"reviews": found} if found else None


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


STEPS = {
    "slips": lambda: (29, _("Answer the conflict slip")),
    "moves": lambda: (32, _("Answer whether work moves")),
    "reviews": lambda: (60, _("Review the case that waits longest")),
}
