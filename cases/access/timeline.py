"""Lines of a case's timeline."""

from accounts.models import User
from accounts.paging import Page, cut
from cases.access import OpenedCase
from cases.access.record import hidden_links
from cases.codes import TimelineKind
from cases.models import TimelineEntry

LINES_ON_A_PAGE = 50


def list_timeline(
    opened: OpenedCase, user: User, *, kind: str = "", page: int = 1, size: int = LINES_ON_A_PAGE
) -> Page:
    """Lines of a case that she may know of, newest first, all or of one kind. An unknown kind is no filter."""
    lines = TimelineEntry.objects.filter(~hidden_links(user), case=opened.case)
    if kind in TimelineKind.values:
        lines = lines.filter(kind=kind)
    columns = ("kind", "record_id", "detail", "at", "by_id", "by__display_name")
    return cut(lines.order_by("-at", "pk").values_list(*columns, named=True), page, size)
