"""The weekly list: what lies open on her cases and requests, oldest first, read in one query.

Each line names its rule, the day since when (or by when), and the code.
"""

from typing import Any

from django.conf import settings

from accounts import database
from accounts.choices import Role
from accounts.models import User
from cases.access import require_role

MOST = 10


def list_housekeeping(user: User) -> list[Any]:
    """At most eleven lines (rule, since, at_code), oldest first: the eleventh says that there are more."""
    require_role(user, Role.CASEWORKER, Role.LAWYER)
    return database.rows("housekeeping", settings.TIME_ZONE, MOST + 1)
