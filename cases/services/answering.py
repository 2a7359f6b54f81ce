"""What happens to a request until it is a case or has another honest end. PostgreSQL judges every step again."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.exceptions import WrongState, refusal
from accounts.models import User
from cases.access import OPEN_REQUESTS
from cases.access.absence import away_until
from cases.access.queue import people_for_requests
from cases.choices import NoteType, RequestState
from cases.codes import RequestReason
from cases.models import Case, HelpRequest
from cases.services import casework, meanwhile
from cases.services.sealed import inbox

# Which reasons fit which ending. Spam needs none.
REASONS: dict[str, tuple[RequestReason, ...]] = {
    RequestState.INFORMATION_GIVEN: (
        RequestReason.ANSWERED,
        RequestReason.WANTS_NOTHING_MORE,
        RequestReason.NO_CONTACT,
    ),
    RequestState.REFERRED_OUT: (
        RequestReason.OTHER_SERVICE_FITS,
        RequestReason.OUTSIDE_TASK,
        RequestReason.NO_CAPACITY,
    ),
    RequestState.NOT_ELIGIBLE: (
        RequestReason.OUTSIDE_TASK,
        RequestReason.NO_CAPACITY,
        RequestReason.NOT_A_REQUEST,
    ),
    RequestState.WITHDRAWN: (
        RequestReason.HER_WISH,
        RequestReason.WANTS_NOTHING_MORE,
        RequestReason.NO_CONTACT,
    ),
    RequestState.DUPLICATE: (RequestReason.SAME_MATTER,),
    RequestState.SPAM: (),
}
IN_WRITING = frozenset({RequestState.REFERRED_OUT, RequestState.NOT_ELIGIBLE})
_SIMPLE = (
    RequestState.INFORMATION_GIVEN,
    RequestState.NOT_ELIGIBLE,
    RequestState.SPAM,
    RequestState.WITHDRAWN,
)

_CLICK = timedelta(minutes=1)
_WAITING = ["state", "waiting_until", "promised_for", "acknowledged_at", "acknowledged_by", "assignee"]


def _meanwhile() -> WrongState:
    return WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))


def acknowledge_first() -> str:
    """Why nobody waits with an urgent request that nobody has acknowledged: its alerts would fall silent."""
    return _("She has no answer yet, and it is urgent. First “Acknowledge: she has an answer”, then wait.")


def acknowledge(*, request: HelpRequest, by: User) -> None:
    """Somebody has answered: the first-response clock stops. It is hers where nobody has it. A second click changes nothing."""
    acknowledge_many(requests=[request], by=by)


def acknowledge_many(*, requests: Iterable[HelpRequest], by: User) -> int:
    """The same for several, in one unit of work; returns how many were still new."""
    done = 0
    with audit.unit() as entries:
        for request in requests:
            changed = HelpRequest.objects.filter(pk=request.pk, state=RequestState.NEW).update(
                state=RequestState.ACKNOWLEDGED,
                acknowledged_at=timezone.now(),
                acknowledged_by=by,
                assignee=Coalesce("assignee", Value(by.pk)),
            )
            if changed:
                done += 1
                entries.record(Action.REQUEST_ACKNOWLEDGED, request.pk)
    return done


def take(*, request: HelpRequest, seen: str, by: User) -> None:
    """ "I take it": it is hers, and the ladder of an urgent one rests for a while. A second click changes nothing.

    `seen` is the id of whoever had it on the page where she pressed, empty for nobody: raises WrongState where somebody
    else has it by now, so that nobody is pushed aside unseen.
    """
    with audit.unit() as entries:
        current = _locked(request)
        now = timezone.now()
        if current.assignee_id != by.pk:
            meanwhile.same_person(current, seen)
        if current.taken_by_id == current.assignee_id == by.pk and current.taken_at and now - current.taken_at < _CLICK:
            return
        HelpRequest.objects.filter(pk=request.pk).update(assignee=by, taken_at=now, taken_by=by)
        entries.record(Action.REQUEST_TAKEN, request.pk)


def assign(*, request: HelpRequest, person: User, by: User, seen: str | None = None) -> None:
    """Give it to a member of its team. Raises WrongState where she may not get it or it has ended; `seen` as for `take`."""
    with audit.unit():
        current = _locked(request)
        if seen is not None and current.assignee_id not in {person.pk, by.pk}:
            meanwhile.same_person(current, seen)
        if not assign_many(requests=[request], person=person, by=by):
            raise _meanwhile()


def assign_many(*, requests: Sequence[HelpRequest], person: User, by: User, only_free: bool = False) -> int:
    """Give several to one member of their team, in one unit of work; returns how many she got.

    `only_free`: those that somebody has meanwhile are left alone. Raises WrongState where she may not get one.
    """
    done = 0
    # Of somebody who is away nobody expects an answer now: where it is urgent, the others are alerted.
    waits: dict[str, None] = {"taken_at": None, "taken_by": None} if away_until([person.pk]) else {}
    with audit.unit() as entries:
        if requests and person.pk not in people_for_requests(requests):
            raise WrongState(_("She is not on the team of this request, or must not see it."))
        for request in requests:
            found = HelpRequest.objects.filter(pk=request.pk, state__in=OPEN_REQUESTS)
            changed = (found.filter(assignee__isnull=True) if only_free else found).update(assignee=person, **waits)
            if changed:
                done += 1
                entries.record(Action.REQUEST_ASSIGNED, request.pk)
    return done


def ask_back(*, request: HelpRequest, look_again_on: date, by: User, seen: str | None = None) -> None:
    """She was asked something: we wait for her answer and look again on that day, in the morning.

    `seen` as for `promise_date`.
    """
    morning = timezone.make_aware(datetime.combine(look_again_on, time(9)))
    _wait(
        request, RequestState.AWAITING_PERSON, morning, Action.REQUEST_ASKED_BACK, by, seen
    )  # a promise to her stands


def promise_date(*, request: HelpRequest, until: datetime, by: User, seen: str | None = None) -> None:
    """She was promised a day and hour, or it is moved; it stands in the queue and on the desk when it comes.

    `seen`: what her page said of waiting (`meanwhile.waiting_of`), None where nothing was shown to her. Raises WrongState
    where somebody has promised something else meanwhile, waits for an answer, or ended the promise. The same twice is one.
    """
    _wait(request, RequestState.WAITING, until, Action.REQUEST_PROMISED, by, seen)


def end_promise(*, request: HelpRequest, kept: bool, by: User, seen: str | None = None) -> None:
    """The promise was kept, or she knows that it is taken back. A second click changes nothing.

    `seen` as for `promise_date`.
    """
    with audit.unit() as entries:
        current = _locked(request)
        meanwhile.same_waiting(current, seen)
        if current.promise is None:
            return
        if current.state == RequestState.WAITING:
            current.state, current.waiting_until = RequestState.ACKNOWLEDGED, None
        current.promised_for = None
        current.save(update_fields=["state", "waiting_until", "promised_for"])
        entries.record(Action.REQUEST_PROMISE_ENDED, request.pk, detail="kept" if kept else "taken_back")


def _wait(
    request: HelpRequest, state: RequestState, until: datetime, action: Action, by: User, seen: str | None
) -> None:
    """Whoever waits has answered her, and answers for what was promised. Raises WrongState while alerts of it run."""
    with audit.unit() as entries:
        current = _locked(request)
        if seen is not None and (current.state, current.waiting_until) == (state, until):
            return  # a second click
        meanwhile.same_waiting(current, seen)
        if current.alerts_run:
            raise WrongState(acknowledge_first())
        promise = until if state == RequestState.WAITING else current.promise
        current.state, current.waiting_until, current.promised_for = state, until, promise
        if current.acknowledged_at is None:
            current.acknowledged_at, current.acknowledged_by = timezone.now(), by
        if current.assignee_id is None:
            current.assignee = by
        current.save(update_fields=_WAITING)
        entries.record(action, request.pk)


def go_on(*, request: HelpRequest, by: User, seen: str | None = None) -> None:
    """We wait for her answer no more; a promise to her still stands. A second click changes nothing.

    `seen` as for `promise_date`.
    """
    with audit.unit() as entries:
        current = _locked(request)
        if current.state != RequestState.AWAITING_PERSON:
            return
        meanwhile.same_waiting(current, seen)
        current.state = RequestState.WAITING if current.promised_for else RequestState.ACKNOWLEDGED
        current.waiting_until = current.promised_for
        current.save(update_fields=["state", "waiting_until"])
        entries.record(Action.REQUEST_WENT_ON, request.pk)


def end_request(*, request: HelpRequest, state: RequestState, by: User, reason: str = "", told: bool = False) -> None:
    """End a request that does not become a case, with a reason. Raises WrongState when it has ended meanwhile."""
    if state not in _SIMPLE:
        raise WrongState(_("Choose how this request ends."))
    _end(request, state, reason, by, told_in_writing=told)


def refer_out(*, request: HelpRequest, reason: str, to_whom: str, refer_by: date, by: User, told: bool = False) -> None:
    """Another service takes over: to whom (sealed to the team), and until when it answers."""
    with audit.unit():
        _end(request, RequestState.REFERRED_OUT, reason, by, told_in_writing=told, refer_by=refer_by)
        inbox.revise_request(request=request, field=inbox.REFERRAL, value=to_whom, by=by)


_WALLS: dict[str, Callable[[], str]] = {
    "wall_first": lambda: _(
        "Somebody who must not see one of the two works on the case. Its lead keeps her out of the case first."
    ),
    "nobody_left": lambda: _("Then nobody could open what waits. Add somebody to the team first."),
}


def mark_duplicate(
    *, request: HelpRequest, other: HelpRequest | None, case: Case | None, nonce: UUID, note: str, by: User
) -> None:
    """The same matter is with us already: in another request, or in a case that she works on.

    `note`: her words, looked through, filed on that case. Raises WrongState, NotAllowed.
    """
    original = case.request_id if case else other.pk if other else None
    if original is None or original == request.pk:
        raise WrongState(_("Give the code of another request or case that you can open."))
    if _leads_back(original, request):
        raise WrongState(_("That request is marked as the same as this one already. Open it again first."))
    try:
        database.value("walls_meet", request.pk, original)
    except database.Refused as refused:
        raise refusal(refused.reason, _WALLS) from None
    with audit.unit():
        _end(request, RequestState.DUPLICATE, RequestReason.SAME_MATTER, by, duplicate_of_id=original)
        if case is not None and note:
            casework.write_note(case=case, nonce=nonce, type=NoteType.CASE_NOTE, text=note, by=by)


def _leads_back(original: UUID, request: HelpRequest) -> bool:
    """Whether that one is marked as the same as this one, be it through others: then neither would be the first."""
    seen: set[UUID] = set()
    found: UUID | None = original
    while found and found not in seen:
        if found == request.pk:
            return True
        seen.add(found)
        marked = HelpRequest.objects.filter(pk=found, state=RequestState.DUPLICATE)
        found = marked.values_list("duplicate_of", flat=True).first()
    return False


def _end(request: HelpRequest, state: RequestState, reason: str, by: User, **facts: object) -> None:
    if reason not in (REASONS[state] or ("",)):
        raise WrongState(_("Choose a reason."))
    if state in IN_WRITING and _runs(request) and not facts["told_in_writing"]:
        raise WrongState(_("A time limit may be running: give her the day in writing first, then tick it."))
    with audit.unit() as entries:
        changed = HelpRequest.objects.filter(pk=request.pk, state__in=OPEN_REQUESTS).update(
            state=state, end_reason=reason, ended_at=timezone.now(), ended_by=by, waiting_until=None, **facts
        )
        if not changed:
            raise _meanwhile()
        entries.record(Action.REQUEST_ENDED, request.pk, detail=str(state))


def _runs(request: HelpRequest) -> bool:
    return bool(request.offence_learned_on or request.suspect_learned_on)


def reopen_request(*, request: HelpRequest, by: User) -> bool:
    """Undo a wrong ending. An accepted request stays accepted. False: it is open already, nothing was changed."""
    with audit.unit() as entries:
        changed = HelpRequest.objects.filter(pk=request.pk, state__in=list(REASONS)).update(
            state=RequestState.NEW,
            acknowledged_at=None,
            acknowledged_by=None,
            ended_at=None,
            ended_by=None,
            end_reason="",
            duplicate_of=None,
            refer_by=None,
            referral_answer="",
            referral_answered_at=None,
            referral_answered_by=None,
            told_in_writing=False,
        )
        if changed:
            entries.record(Action.REQUEST_REOPENED, request.pk)
        elif not HelpRequest.objects.filter(pk=request.pk, state__in=OPEN_REQUESTS).exists():
            raise WrongState(_("This request cannot be opened again."))
    return bool(changed)


def _locked(request: HelpRequest) -> HelpRequest:
    """The request's row, held until the end. Raises WrongState where it has ended."""
    current = HelpRequest.objects.select_for_update().filter(pk=request.pk, state__in=OPEN_REQUESTS).first()
    if current is None:
        raise _meanwhile()
    return current
