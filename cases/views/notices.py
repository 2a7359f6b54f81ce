"""Lines of the desk that the database wrote to somebody: reminders of dates and tasks, raised risk, a second person.

To give a kind its own words, place or text: a line in KINDS. A kind without one is shown by its name and leads to the
case or the request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.access.armed import last_callers
from cases.codes import NoticeKind
from cases.services import casework

if TYPE_CHECKING:
    from cases.models import Notice  # for the annotation only: views never ask a model

Label = str | Promise


@dataclass(frozen=True)
class Line:
    """What the desk shows of a notice; `due` runs a clock, `text` was sealed."""

    notice: "Notice"
    code: str
    words: Label
    url: str
    text: str = ""
    due: Any = None


@dataclass(frozen=True)
class Kind:
    """How notices of one kind read: their words, and the page of a case they lead to (by URL name and anchor)."""

    words: Callable[[Any], Label]
    page: str = "cases:case_detail"
    anchor: str = ""


def _of_a_move(notice: "Notice") -> Label:
    """Who asks for whom and what to do about it; where nothing is asked any more, what has happened."""
    asked = next(iter(getattr(notice.case, "asked_moves", ())), None)
    if asked is None:
        return _("Who works on this case has changed. See whether somebody is missing, and ask her.")
    words = {"who": asked.asked_by.display_name, "person": asked.person.display_name}
    words["role"] = asked.get_role_display()
    return (
        gettext(
            "%(who)s asks you to bring %(person)s onto this case. Role: %(role)s. Do it or decline, under “Work that moves”."
        )
        % words
    )


KINDS: dict[str, Kind] = {
    NoticeKind.DATE: Kind(lambda notice: notice.deadline.get_severity_display(), anchor="#dates"),
    NoticeKind.TASK: Kind(lambda notice: notice.task.get_kind_display(), "cases:case_plan"),
    NoticeKind.REACHED: Kind(lambda notice: _reached(notice), "cases:case_timeline"),
    NoticeKind.RISK: Kind(lambda notice: _("The risk is immediate now."), "cases:case_risk"),
    NoticeKind.MOVE: Kind(_of_a_move, "cases:assignment_list"),
}


def _reached(notice: Any) -> Label:
    name = getattr(notice, "caller", "")
    if not name:
        return _("Whoever was on call opened how to reach her.")
    return gettext("%(name)s was on call and opened how to reach her.") % {"name": name}


NEUTRAL = Kind(lambda notice: notice.get_kind_display())


def lines(notices: list["Notice"], user: User) -> list[Line]:
    """Notices with their words and texts: as many queries for one as for fifty."""
    texts = casework.read_deadlines(deadlines=[row.deadline for row in notices if row.deadline], by=user)
    texts |= casework.read_tasks(tasks=[row.task for row in notices if row.task], by=user)
    reached: list[Any] = [row for row in notices if row.kind == NoticeKind.REACHED]
    callers = last_callers(row.case_id for row in reached) if reached else {}
    for row in reached:
        row.caller = callers.get(row.case_id, "")
    return [_line(notice, texts) for notice in notices]


def _line(notice: "Notice", texts: dict[Any, str]) -> Line:
    kind = KINDS.get(notice.kind, NEUTRAL)
    code, url = "", ""
    if notice.case:
        code, url = notice.case.code, reverse(kind.page, args=[notice.case.code]) + kind.anchor
    elif notice.request:
        code, url = notice.request.code, reverse("cases:request_detail", args=[notice.request.code])
    due = notice.deadline.due_on if notice.deadline else notice.task and notice.task.shown_due
    text = texts.get(notice.deadline_id or notice.task_id, "")
    return Line(notice, code, kind.words(notice), url, text, due)
