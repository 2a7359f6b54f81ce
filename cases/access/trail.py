"""The trail of a case: who looked and who did what, for everybody on it. PostgreSQL judges who may see it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import database
from accounts.choices import Action
from accounts.paging import PAGE_SIZE, Page
from cases.access import OpenedCase


def _named(*starts: str) -> tuple[str, ...]:
    return tuple(code for code in Action.values if code.startswith(starts))


# What can be asked for, by code: its name, and the acts. Everything that is in none of them is a change.
KINDS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "opened": (_("Opened"), _named("case_viewed", "slip_opened", "exposure_")),
    "identity": (_("Who she is"), _named("identity_", "grant_")),
    "reach": (_("How to reach her"), _named("reach_", "call_", "duty_call")),
    "papers": (
        _("Files, letters, prints"),
        _named("file_", "letter_", "case_printed", "case_exported", "safety_plan_printed"),
    ),
}
CHANGES = "changes"


def acts(kind: str) -> list[str]:
    """Codes of the acts of one kind; none for all of them. An unknown kind is no filter."""
    if kind == CHANGES:
        elsewhere = {code for _label, codes in KINDS.values() for code in codes}
        return [code for code in Action.values if code not in elsewhere]
    return list(KINDS[kind][1]) if kind in KINDS else []


def list_trail(opened: OpenedCase, *, person: UUID | None, kind: str, page: int) -> Page:
    """Lines of the trail, newest first: the same act of one person within an hour is one line."""
    start = (page - 1) * PAGE_SIZE
    asked = (opened.case.pk, person, acts(kind), settings.TIME_ZONE, start, PAGE_SIZE + 1)
    return Page(database.rows("case_trail", *asked), page)


def people_in_trail(opened: OpenedCase) -> list[Any]:
    """Everybody who stands in it, by name."""
    return database.rows("case_trail_people", opened.case.pk)
