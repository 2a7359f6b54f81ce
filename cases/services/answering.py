"""What happens to a request until it is a case or has another honest end. PostgreSQL judges every step again."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.exceptions import WrongState
from accounts.models import User
from cases.access import OPEN_REQUESTS
from cases.access.queue import people_for_requests
from cases.choices import NoteType, RequestState
from cases.codes import RequestReason
from cases.models import Case, HelpRequest
from cases.services import casework
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


def _meanwhile() -> WrongState:
    return WrongState(_("Somebody has dealt with this request meanwhile. Look at it again."))


def acknowledge(*, request: HelpRequest, by: User) -> None:
    """Somebody has answered: the first-response clock stops. A second click changes nothing."""
    acknowledge_many(requests=[request], by=by)


def acknowledge_many(*, requests: Iterable[HelpRequest], by: User) -> int:
    """The same for several, in one unit of work; returns how many were still new."""
    done = 0
    with audit.unit() as entries:
        for request in requests:
            changed = HelpRequest.objects.filter(pk=request.pk, state=RequestState.NEW).update(
                state=RequestState.ACKNOWLEDGED, acknowledged_at=timezone.now(), acknowledged_by=by
            )
            if changed:
                done += 1
                entries.record(Action.REQUEST_ACKNOWLEDGED, request.pk)
    return done


def take(*, request: HelpRequest, by: User) -> None:
    """ "I take it": it is hers, and the ladder of an urgent one rests for a while. A second click changes nothing."""
    with audit.unit() as entries:
        current = _locked(request)
        now = timezone.now()
        if current.taken_by_id == current.assignee_id == by.pk and current.taken_at and now - current.taken_at < _CLICK:
            return
        HelpRequest.objects.filter(pk=request.pk).update(assignee=by, taken_at=now, taken_by=by)
        entries.record(Action.REQUEST_TAKEN, request.pk)


def assign(*, request: HelpRequest, person: User, by: User) -> None:
    """Give it to a member of its team. Raises WrongState where she may not get it or it has ended."""
    if not assign_many(requests=[request], person=person, by=by):
        raise _meanwhile()


def assign_many(*, requests: Sequence[HelpRequest], person: User, by: User, only_free: bool = False) -> int:
    """Give several to one member of their team, in one unit of work; returns how many she got.

    `only_free`: those that somebody has meanwhile are left alone. Raises WrongState where she may not get one.
    """
    done = 0
    with audit.unit() as entries:
        if requests and person.pk not in people_for_requests(requests):
            raise WrongState(_("She is not on the team of this request, or must not see it."))
        for request in requests:
            found = HelpRequest.objects.filter(pk=request.pk, state__in=OPEN_REQUESTS)
            changed = (found.filter(assignee__isnull=True) if only_free else found).update(assignee=person)
            if changed:
                done += 1
                entries.record(Action.REQUEST_ASSIGNED, request.pk)
    return done


def ask_back(*, request: HelpRequest, look_again_on: date, by: User) -> None:
    """She was asked something: we wait for her answer and look again on that day, in the morning."""
    morning = timezone.make_aware(datetime.combine(look_again_on, time(9)))
    _wait(request, RequestState.AWAITING_PERSON, morning, Action.REQUEST_ASKED_BACK, by)


def promise_date(*, request: HelpRequest, until: datetime, by: User) -> None:
    """She was promised a day and hour; it stands in the queue and on the desk when it comes."""
    _wait(request, RequestState.WAITING, until, Action.REQUEST_PROMISED, by)


def _wait(request: HelpRequest, state: RequestState, until: datetime, action: Action, by: User) -> None:
    """Whoever waits has answered her, and answers for what was promised."""
    with audit.unit() as entries:
        current = _locked(request)
        current.state, current.waiting_until = state, until
        if current.acknowledged_at is None:
            current.acknowledged_at, current.acknowledged_by = timezone.now(), by
        if current.assignee_id is None:
            current.assignee = by
        current.save(update_fields=["state", "waiting_until", "acknowledged_at", "acknowledged_by", "assignee"])
        entries.record(action, request.pk)


def go_on(*, request: HelpRequest, by: User) -> None:
    """The waiting is over. A second click changes nothing."""
    with audit.unit() as entries:
        waiting = HelpRequest.objects.filter(
            pk=request.pk, state__in=[RequestState.AWAITING_PERSON, RequestState.WAITING]
        )
        if waiting.update(state=RequestState.ACKNOWLEDGED, waiting_until=None):
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


def mark_duplicate(
    *, request: HelpRequest, other: HelpRequest | None, case: Case | None, nonce: UUID, note: str, by: User
) -> None:
    """The same matter is with us already: in another request, or in a case that she works on.

    `note`: her words, looked through, filed on that case. Raises WrongState, NotAllowed.
    """
    original = case.request_id if case else other.pk if other else None
    if original is None or original == request.pk:
        raise WrongState(_("Give the code of another request or case that you can open."))
    with audit.unit():
        _end(request, RequestState.DUPLICATE, RequestReason.SAME_MATTER, by, duplicate_of_id=original)
        if case is not None and note:
            casework.write_note(case=case, nonce=nonce, type=NoteType.CASE_NOTE, text=note, by=by)


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


def reopen_request(*, request: HelpRequest, by: User) -> None:
    """Undo a wrong ending. An accepted request stays accepted."""
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
            told_in_writing=False,
        )
        if not changed:
            raise WrongState(_("This request cannot be opened again."))
        entries.record(Action.REQUEST_REOPENED, request.pk)


def _locked(request: HelpRequest) -> HelpRequest:
    """The request's row, held until the end. Raises WrongState where it has ended."""
    current = HelpRequest.objects.select_for_update().filter(pk=request.pk, state__in=OPEN_REQUESTS).first()
    if current is None:
        raise _meanwhile()
    return current
