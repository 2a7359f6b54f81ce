"""Lines of the desk that the database wrote to somebody: reminders of dates and tasks, raised risk, a second person.

To give a kind its own words, place or text: a line in KINDS. A kind without one is shown by its name and leads to the
case or the request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.keeper_access import list_acts
from accounts.models import User
from accounts.quorum import by_code
from accounts.templatetags.sidro import short_time
from cases.access.armed import last_callers
from cases.access.duty import shifts_by_id
from cases.access.identity import openings_by_id
from cases.codes import ApprovalKind, MoveState, NoticeKind
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
    """How notices of one kind read: their words, and the page of a case they lead to (by URL name and anchor, or `place`)."""

    words: Callable[[Any], Label]
    page: str = "cases:case_detail"
    anchor: str = ""
    place: Callable[[Any], str] | None = None


def _of_a_move(notice: "Notice") -> Label:
    """Who asks for whom and what to do about it; where nothing is asked or not any more, what has happened."""
    if notice.assignment:
        return _("You lead this case now: it was handed to you.")
    asked = next((row for row in getattr(notice.case, "asked_moves", ()) if str(row.pk) == notice.detail), None)
    if asked is None:
        return _("Who works on this case has changed. See whether somebody is missing, and ask her.")
    words = {"who": asked.asked_by.display_name, "person": asked.person.display_name}
    words["role"] = asked.get_role_display()
    if asked.state == MoveState.LEFT:
        return gettext("%(who)s asked for %(person)s, who does not work here any more. The wish has ended.") % words
    return (
        gettext(
            "%(who)s asks you to bring %(person)s onto this case. Role: %(role)s. Do it or decline, under “Work that moves”."
        )
        % words
    )


AT_ONCE = timedelta(seconds=10)  # what stopped an act told of it in the same transaction
KINDS: dict[str, Kind] = {
    NoticeKind.DATE: Kind(lambda notice: notice.deadline.get_severity_display(), anchor="#dates"),
    NoticeKind.TASK: Kind(lambda notice: notice.task.get_kind_display(), "cases:case_plan"),
    NoticeKind.REACHED: Kind(lambda notice: _reached(notice), "cases:case_timeline"),
    NoticeKind.DECLINED: Kind(lambda notice: _declined(notice), "cases:assignment_list"),
    NoticeKind.HANDOVER: Kind(lambda notice: _shift_cancelled(notice)),
    NoticeKind.GRANT: Kind(
        lambda notice: _("Who may open the identity has changed, or somebody asks."), "cases:case_identity"
    ),
    NoticeKind.IDENTITY: Kind(lambda notice: _looked(notice), place=lambda notice: _where_looked(notice)),
    NoticeKind.MOVE: Kind(_of_a_move, "cases:assignment_list"),
    NoticeKind.ENDED: Kind(lambda notice: _ended(notice), place=lambda notice: _where_ended(notice)),
    NoticeKind.WRAPS: Kind(
        lambda notice: _(
            "The nightly check found keys, rows or roles that do not fit together. Ask whoever runs the server to run"
            " manage.py check_wraps, and change nothing by hand before the log was looked at."
        )
    ),
}


def _reached(notice: Any) -> Label:
    name = getattr(notice, "caller", "")
    if not name:
        return _("Whoever was on call opened how to reach her.")
    return gettext("%(name)s was on call and opened how to reach her.") % {"name": name}


def _looked(notice: Any) -> Label:
    """Who opened the card of a protected case, when and why; a deputy is told only that somebody did."""
    look = getattr(notice, "look", None)
    if look is None:
        return cast(Label, notice.get_kind_display())
    words = {"name": look.person.display_name, "time": short_time(look.opened_at), "why": look.get_reason_display()}
    return gettext("%(name)s opened the identity of a protected case, %(time)s: %(why)s") % words


def _where_looked(notice: Any) -> str:
    page = "cases:case_identity" if getattr(notice, "look", None) else "cases:case_detail"
    return reverse(page, args=[notice.case.code])


def _shift_cancelled(notice: Any) -> Label:
    """Which shift of hers, and who took it out of the rota."""
    shift = getattr(notice, "shift", None)
    if shift is None or shift.cancelled_by is None:
        return _("A shift of yours was cancelled.")
    words = {"from": short_time(shift.starts_at), "to": short_time(shift.ends_at)}
    words["name"] = shift.cancelled_by.display_name
    return gettext("%(name)s cancelled your shift from %(from)s to %(to)s.") % words


def _declined(notice: Any) -> Label:
    """Who was asked and does not take it; why is hers to say."""
    asked = notice.assignment
    return gettext("%(name)s does not take this case. Role: %(role)s. Ask somebody else.") % {
        "name": asked.user.display_name,
        "role": asked.get_role_display(),
    }


ENDED: dict[str, Label] = {
    "approved": _("%(act)s: a second person agreed. It is done."),
    "refused": _("%(act)s: a second person refused. Nothing was changed."),
    "stopped": _("%(act)s: somebody stopped what you announced. Nothing was changed."),
    "lapsed": _("%(act)s: what you announced was not done in time. Its time ran out, and nothing was changed."),
    "erased": _("The erasure you asked for was done. This is its receipt."),
    "kept": _("You named this request for erasure. A colleague of your team wants to keep it, and it is kept."),
    "reopened": _("You named this request for erasure. It was opened again, so it is kept."),
}


def _ended(notice: Any) -> Label:
    """How an act of two ended that she had asked for. Of what was erased nothing but that."""
    how, _colon, code = notice.detail.partition(":")
    rule = by_code(code)
    act = ApprovalKind(code).label if code in ApprovalKind else rule.what if rule else code
    if name := getattr(notice, "stopper", ""):
        return gettext("%(act)s: %(name)s stopped what you announced. Nothing was changed.") % {
            "act": act,
            "name": name,
        }
    return ENDED[how] % {"act": act}


def _name_stoppers(notices: list[Any]) -> None:
    """Who stopped what she had announced: the act that was stopped when the notice was written.

    Where several people stopped acts of that rule then, on the same case or on none, it stays "somebody": a wrong name
    is worse than none.
    """
    stopped = [row for row in notices if row.kind == NoticeKind.ENDED and row.detail.startswith("stopped:")]
    acts = [act.row for act in list_acts() if act.row.mine and act.row.stopped_by] if stopped else []
    for notice in stopped:
        said = (notice.detail.partition(":")[2], notice.case.code if notice.case else "")
        fits = [
            act for act in acts if (act.rule, act.code) == said and abs(notice.created_at - act.cancelled_at) < AT_ONCE
        ]
        notice.stopper = fits[0].stopped_by if len({act.stopped_by for act in fits}) == 1 else ""


def _where_ended(notice: Any) -> str:
    """Where more of it stands: the timeline says who answered, but of no announcement, and of no wall."""
    how, _colon, code = notice.detail.partition(":")
    if how in ("stopped", "lapsed"):
        return reverse("accounts:two_people")
    if code in (ApprovalKind.SET_WALL, ApprovalKind.LIFT_WALL):
        return reverse("cases:assignment_list", args=[notice.case.code]) + "#walls"
    return reverse("cases:case_timeline", args=[notice.case.code])


NEUTRAL = Kind(lambda notice: notice.get_kind_display())


def lines(notices: list["Notice"], user: User) -> list[Line]:
    """Notices with their words and texts: as many queries for one as for fifty."""
    texts = casework.read_deadlines(deadlines=[row.deadline for row in notices if row.deadline], by=user)
    texts |= casework.read_tasks(tasks=[row.task for row in notices if row.task], by=user)
    reached: list[Any] = [row for row in notices if row.kind == NoticeKind.REACHED]
    callers = last_callers(row.case_id for row in reached) if reached else {}
    for row in reached:
        row.caller = callers.get(row.case_id, "")
    shifts = [row for row in notices if row.kind == NoticeKind.HANDOVER]
    known = shifts_by_id(row.detail or "" for row in shifts) if shifts else {}
    for row in shifts:
        cast(Any, row).shift = known.get(row.detail or "")
    opened = [row for row in notices if row.kind == NoticeKind.IDENTITY]
    looks = openings_by_id(row.detail or "" for row in opened) if opened else {}
    for row in opened:
        cast(Any, row).look = looks.get(row.detail or "")
    _name_stoppers(notices)
    return [_line(notice, texts) for notice in notices]


def _line(notice: "Notice", texts: dict[Any, str]) -> Line:
    kind = KINDS.get(notice.kind, NEUTRAL)
    code, url = "", ""
    if notice.case:
        code = notice.case.code
        url = kind.place(notice) if kind.place else reverse(kind.page, args=[code]) + kind.anchor
    elif notice.request:
        code, url = notice.request.code, reverse("cases:request_detail", args=[notice.request.code])
    elif notice.erasure:
        code, url = notice.erasure.number, reverse("cases:erasure_detail", args=[notice.erasure.pk])
    elif notice.kind == NoticeKind.HANDOVER:
        code, url = gettext("Duty rota"), reverse("cases:duty")
    elif notice.kind == NoticeKind.ENDED:
        code, url = gettext("When two people are needed"), reverse("accounts:two_people")
    due = notice.deadline.due_on if notice.deadline else notice.task and notice.task.shown_due
    text = texts.get(notice.deadline_id or notice.task_id, "")
    return Line(notice, code, kind.words(notice), url, text, due)
