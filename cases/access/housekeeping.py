"""The weekly list: what lies open on her cases and requests, oldest first, read in one query.

Each line names its rule, the record that it is about, the day since when (or by when), and the code. What she has put
off is left out until its day has come.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404

from accounts import database
from accounts.choices import Role
from accounts.models import User
from cases.access import require_role

MOST = 10


def list_housekeeping(user: User) -> tuple[list[Any], int]:
    """At most eleven lines, oldest first (the eleventh says that there are more), and how many she has put off."""
    found = _rows(user)
    put_off = [line for line in found if line.put_off]
    return [line for line in found if not line.put_off], put_off[0].number if put_off else 0


def get_line(user: User, rule: str, record_id: UUID) -> Any:
    """A line that lies open for her, put off or not. Raises Http404."""
    found = next((line for line in _rows(user, record_id) if line.rule == rule), None)
    if found is None:
        raise Http404
    return found


def _rows(user: User, wanted: UUID | None = None) -> list[Any]:
    require_role(user, Role.CASEWORKER, Role.LAWYER)
    return database.rows("housekeeping", settings.TIME_ZONE, MOST + 1, wanted)
