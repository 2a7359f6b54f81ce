"""Tells the story of the practice installation through the real services, as role web."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from accounts import crypto, database
from cases.access import get_case, get_request
from cases.choices import CaseRole, NoteType, RequestState, Severity
from cases.models import Assignment
from cases.services.accept import accept_request
from cases.services.answering import acknowledge, end_request
from cases.services.assignment import answer_offer, offer_assignment
from cases.services.casework import write_note
from cases.services.deadlines import set_deadline
from cases.services.requests import NewRequest, log_request
from cases.services.slips import Slip, answer_slip
from config.demo import requests
from config.demo.acting import Players
from config.demo.cases import CASES, Date, Work
from config.demo.people import COLLEAGUES, FIRST, LAST

VOUCHED = ("ceca", "lana")  # by boba; nobody has read the words with ljilja yet
SLIP = Slip(town="Novi Sad", not_known=True)


def tell(*, token: str) -> None:
    """Everything after the first invitation, whose token is given. The last step invites the last person."""
    invitation = database.row("invitation_read", crypto.token_hash(token))
    if invitation is None:
        raise ValueError("the first invitation is not there, or was used")
    players = Players()
    players.enrol(FIRST, user_id=invitation.user_id, token=token)
    for account in COLLEAGUES:
        user_id, link = players.invite(account, by=FIRST.login_name)
        players.enrol(account, user_id=user_id, token=link)
    players.set_up_intake("ana", "boba")
    for name in VOUCHED:
        players.vouch(name, by="boba")
    for work in CASES:
        _case(players, work)
    _waiting(players)
    players.invite(LAST, by=FIRST.login_name)
    players.leave()


def _log(players: Players, told: requests.Told) -> str:
    """Log a request as if it had come that long ago; returns its code."""
    now = timezone.now()
    learned = None if told.learned_days_ago is None else timezone.localdate() - timedelta(days=told.learned_days_ago)
    new = NewRequest(
        nonce=uuid4(),
        restricted=told.restricted,
        channel=told.channel,
        language=told.language,
        about=told.about,
        minor=told.minor,
        in_danger_now=told.in_danger_now,
        thinks_of_ending_life=False,
        received_at=now - told.ago,
        words=told.words,
        contacts=told.contacts,
        offence_learned_on=learned,
    )
    with players.acting(told.by) as by:
        return log_request(new=new, by=by)


def _waiting(players: Players) -> None:
    """Requests in their different states."""
    codes = {told.name: _log(players, told) for told in (*requests.WAITING, requests.QUESTION)}
    for name in ("account", "question"):
        with players.acting("boba") as boba:
            acknowledge(request=get_request(boba, codes[name]), by=boba)
    with players.acting("boba") as boba:
        end_request(
            request=get_request(boba, codes["question"]),
            state=RequestState.INFORMATION_GIVEN,
            reason="answered",
            by=boba,
        )


def _case(players: Players, work: Work) -> None:
    """A request becomes a case, people come onto it, notes and dates are written by them."""
    code = _log(players, work.request)
    with players.acting(work.lead) as lead:
        request = get_request(lead, code)
        acknowledge(request=request, by=lead)
        case = accept_request(request=request, title=work.title, looked_through=work.looked_through, by=lead)
    for name, role in work.joins.items():
        offered = _ask(players, case.code, work.lead, name, role)
        with players.acting(name) as person:
            if role == CaseRole.LAWYER:
                answer_slip(assignment_id=offered, clear=True, by=person)
            answer_offer(assignment_id=offered, accepts=True, by=person)
    for name, role in work.asked.items():
        _ask(players, case.code, work.lead, name, role)
    for author, kind, text in work.notes:
        with players.acting(author) as by:
            note_type = NoteType(kind)
            write_note(case=get_case(by, case.code).case, nonce=uuid4(), type=note_type, text=text, by=by)
    for date in work.dates:
        _due(players, case.code, work.lead, date)


def _ask(players: Players, code: str, lead: str, name: str, role: str) -> UUID:
    with players.acting(lead) as by:
        case = get_case(by, code).case
        slip = SLIP if role == CaseRole.LAWYER else None
        offered: Assignment = offer_assignment(
            case=case, person=players.user(name), role=CaseRole(role), slip=slip, by=by
        )
        return offered.pk


def _due(players: Players, code: str, lead: str, date: Date) -> None:
    with players.acting(lead) as by:
        set_deadline(
            case=get_case(by, code).case,
            nonce=uuid4(),
            due_on=timezone.localdate() + timedelta(days=date.days),
            severity=Severity(date.severity),
            assignee=players.user(date.assignee) if date.assignee else None,
            text=date.text,
            by=by,
        )
