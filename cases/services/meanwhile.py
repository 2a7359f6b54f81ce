"""Two people with the same page before them: whoever comes second is told what the first one did."""

from django.utils.translation import gettext as _

from accounts.exceptions import WrongState
from accounts.templatetags.sidro import short_time
from accounts.wording import one_stop
from cases.choices import RequestState
from cases.codes import TimelineKind
from cases.models import Deadline, HelpRequest, Task, TimelineEntry


def settled(row: Deadline | Task) -> WrongState:
    """What to say where a task or date is not as it was on the page where she pressed."""
    if row.settled_by is None:
        return WrongState(_("Somebody has changed this meanwhile. Look at it again; what you typed is still here."))
    said = _("%(name)s has settled this meanwhile: %(state)s. Nothing was changed.")
    return WrongState(said % {"name": row.settled_by.display_name, "state": row.get_state_display()})


def moved(row: Deadline | Task, detail: str) -> WrongState:
    """What to say where an open task has another time ("moved") or another person ("reassigned") than on her page;

    a running date another person.
    """
    kind = TimelineKind.TASK if isinstance(row, Task) else TimelineKind.DATE
    told = TimelineEntry.objects.filter(case=row.case_id, kind=kind, record_id=row.pk, detail=detail)
    last = told.select_related("by").order_by("-at").first()
    words = {"name": last.by.display_name if last and last.by else "–"}
    if detail == "moved" and isinstance(row, Task):
        words["moment"] = short_time(row.shown_due)
        said = _("%(name)s has moved it meanwhile to %(moment)s. Nothing was changed: look, then press again.")
    else:
        words["person"] = row.assignee.display_name if row.assignee else _("Lead and backup")
        said = _("%(name)s has given it meanwhile to %(person)s. Nothing was changed: look, then press again.")
    return WrongState(one_stop(said % words))


def same_person(request: HelpRequest, seen: str) -> None:
    """Nobody is pushed aside unseen. `seen`: the id of whoever had it, empty for nobody. Raises WrongState."""
    if request.assignee and str(request.assignee_id) != seen:
        said = _("%(name)s has taken it meanwhile. Speak with her before you take it from her.")
        raise WrongState(said % {"name": request.assignee.display_name})


def waiting_of(request: HelpRequest) -> str:
    """What a page says of the waiting of a request, to be sent back with its forms: the promise, and when we look again."""
    look_again = request.waiting_until if request.state == RequestState.AWAITING_PERSON else None
    return "/".join(str(int(moment.timestamp())) if moment else "" for moment in (request.promise, look_again))


def same_waiting(request: HelpRequest, seen: str | None) -> None:
    """No promise takes the place of another one unseen. None: nothing was shown to her. Raises WrongState."""
    if seen is None or seen == waiting_of(request):
        return
    who = request.assignee.display_name if request.assignee else "–"
    if request.promise and seen.partition("/")[0] != waiting_of(request).partition("/")[0]:
        said = _(
            "Meanwhile she was promised %(moment)s; %(name)s has the request. Nothing was changed: look, then press again."
        )
        raise WrongState(said % {"moment": short_time(request.promise), "name": who})
    if request.state == RequestState.AWAITING_PERSON:
        said = _(
            "Meanwhile we wait for her answer until %(moment)s; %(name)s has the request. Nothing was changed: look, then press again."
        )
        raise WrongState(said % {"moment": short_time(request.waiting_until), "name": who})
    raise WrongState(
        _(
            "The promise was kept or taken back meanwhile, or the waiting is over. Nothing was changed: look, then press again."
        )
    )
