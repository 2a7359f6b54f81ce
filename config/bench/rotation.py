"""Joining a case and leaving it: keys sealed to somebody, accepted, and new ones made for whoever stays."""

from uuid import UUID

from cases.access import get_case, get_request
from cases.choices import CaseRole, EndReason
from cases.models import Assignment
from cases.services.accept import accept_request
from cases.services.assignment import answer_offer, end_assignment, offer_assignment
from cases.services.requests import log_request
from config.bench.house import ADMINISTRATOR, House, new_request
from config.bench.lines import milliseconds
from config.demo.people import Account

LEAD = "hundred"


def times(home: House, *, holders: int, runs: int) -> tuple[float, float]:
    """Medians of a joining and of a leaving, on a case that so many people hold; each leaving makes a version more."""
    code = _case(home, holders)
    newcomer = _person(home, "newcomer")
    joined, ended = [], []
    for _run in range(runs):
        joined.append(milliseconds(lambda: _join(home, code, newcomer)))
        ended.append(milliseconds(lambda: _leave(home, code, newcomer)))
    return sorted(joined)[runs // 2], sorted(ended)[runs // 2]


def _case(home: House, holders: int) -> str:
    with home.players.acting(LEAD) as by:
        request = get_request(by, log_request(new=new_request(), by=by))
        code = accept_request(request=request, title="Bench", looked_through="Bench", by=by).code
    for number in range(1, holders):
        _join(home, code, _person(home, f"holder{number}"))
    return code


def _person(home: House, name: str) -> str:
    """Somebody who is vouched for; made once."""
    if not home.players.has(name):
        account = Account(name, name.title(), ("caseworker",), "en", "")
        user_id, token = home.players.invite(account, by=ADMINISTRATOR.login_name)
        home.players.enrol(account, user_id=user_id, token=token)
        home.players.vouch(name, by="half")
    return name


def _join(home: House, code: str, name: str) -> None:
    person = home.players.user(name)
    with home.players.acting(LEAD) as by:
        offered: UUID = offer_assignment(
            case=get_case(by, code).case, person=person, role=CaseRole.CASEWORKER, by=by
        ).pk
    with home.players.acting(name) as by:
        answer_offer(assignment_id=offered, accepts=True, by=by)


def _leave(home: House, code: str, name: str) -> None:
    with home.players.acting(LEAD) as by:
        live = Assignment.objects.select_related("case").filter(case__code=code, user__login_name=name, state="live")
        end_assignment(assignment=live.get(), reason=EndReason.WORK_DONE, by=by)
