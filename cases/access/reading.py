"""Reading, in numbers: who looked at how much on a day. No case can be told from another here."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.models import User
from accounts.paging import PAGE_SIZE, Page
from cases.access import require_role

DAYS = (1, 7, 30, 90)


@dataclass(frozen=True)
class Kind:
    """One of the numbers of a line: from which number on it stands out on a day, and what it counts."""

    code: str
    limit: int
    label: str | Promise
    says: str | Promise


# In the order in which app.unusual_reading counts them. The limits are a first guess; docs/handbook/coordinator.md.
KINDS = (
    Kind("cases", 40, _("Cases"), _("different cases she opened")),
    Kind("identities", 8, _("Identities"), _("times she opened who somebody is")),
    Kind("reach", 20, _("Reach"), _("times she opened how somebody may be reached")),
    Kind("prints", 5, _("Prints"), _("summaries and plans she opened for printing or took out")),
    Kind("files", 15, _("Downloads"), _("files she downloaded")),
    Kind(
        "nights", 5, _("At night"), _("what she opened between 22 and 6 while she was not on call, each once an hour")
    ),
    Kind("quiet", 5, _("Left long ago"), _("cases closed for 90 days, or with no line for 180, that she opened")),
    Kind("foreign", 1, _("Without a role"), _("cases she opened on which she had no role at that moment")),
    Kind("refused", 5, _("Refused"), _("codes she tried that are not there for her")),
)


@dataclass(frozen=True)
class Line:
    """One person on one day: the numbers by kind, and whether each stands out."""

    name: str
    day: date
    numbers: list[tuple[Kind, int, bool]]


def list_unusual(user: User, *, days: int, person: UUID | None, kind: str, page: int) -> Page:
    """Days of people with a number that reaches its limit, or with any number of one kind. Raises NotAllowed."""
    require_role(user, Role.COORDINATOR, Role.ADMINISTRATOR)
    start = (page - 1) * PAGE_SIZE
    limits = [known.limit for known in KINDS]
    if kind in {known.code for known in KINDS}:
        limits = [1 if known.code == kind else NEVER for known in KINDS]
    asked = (settings.TIME_ZONE, days if days in DAYS else DAYS[1], person, limits, start, PAGE_SIZE + 1)
    rows = [_line(row) for row in database.rows("unusual_reading", *asked)]
    audit.seen(Action.READING_VIEWED, "")
    return Page(rows, page)


NEVER = 2**31 - 1


def _line(row: Any) -> Line:
    pairs = zip(KINDS, row.numbers, strict=True)
    return Line(row.name, row.day, [(kind, number, number >= kind.limit) for kind, number in pairs])


def list_readers(user: User) -> QuerySet[User]:
    """Whom a line can be about."""
    return User.objects.filter(roles__overlap=[Role.CASEWORKER, Role.LAWYER]).order_by("display_name", "pk")
