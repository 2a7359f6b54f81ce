"""What somebody who leaves, or has left, leaves behind. PostgreSQL decides who sees which number and which code."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import ngettext

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.models import User
from accounts.paging import PAGE_SIZE, Page
from cases.access import require_role
from cases.access.duty import count_shifts

WHO_ASKS = (Role.CASEWORKER, Role.COORDINATOR, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Left:
    """One person: numbers, her cases by code as far as the reader may know them, and what she took along."""

    person_id: UUID
    counts: Any
    cases: Page
    looks: list[Any]


def list_leavers(user: User, *, page: int) -> Page:
    """Who was deactivated, the latest first."""
    require_role(user, *WHO_ASKS)
    return Page(database.rows("leavers", (page - 1) * PAGE_SIZE, PAGE_SIZE + 1), page)


def get_left(user: User, person_id: UUID, *, page: int) -> Left:
    """The hand-over list of one person; the look is logged. Raises Http404."""
    require_role(user, *WHO_ASKS)
    counts = database.row("leaver", person_id)
    if counts is None:
        raise Http404
    audit.seen(Action.LEAVING_VIEWED, person_id)
    cases = Page(database.rows("leaver_cases", person_id, (page - 1) * PAGE_SIZE, PAGE_SIZE + 1), page)
    return Left(person_id, counts, cases, database.rows("leaver_looks", person_id))


def warn_of_leaving(person_id: UUID) -> list[str]:
    """On how many coming shifts she stands, and of how many open cases she alone holds a key, for whoever may know the
    number; no code of a case."""
    said = []
    if shifts := count_shifts(person_id):
        text = ngettext(
            "She stands on the rota for %(number)s coming shift: put somebody else there.",
            "She stands on the rota for %(number)s coming shifts: put somebody else there.",
            shifts,
        )
        said.append(text % {"number": shifts})
    counts = database.row("leaver", person_id)
    if counts is None or not counts.only_hers:
        return said
    return [
        *said,
        ngettext(
            "%(number)d open case has a key that only she holds. Its lead asks a backup onto it first; afterwards only two"
            " key keepers can hand it over.",
            "%(number)d open cases have a key that only she holds. Their leads ask backups onto them first; afterwards"
            " only two key keepers can hand them over.",
            counts.only_hers,
        )
        % {"number": counts.only_hers},
    ]
