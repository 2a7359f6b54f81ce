"""A request from its first answer to its end, at the level of services and pages."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.exceptions import WrongState
from cases.access import get_request
from cases.access.queue import for_desk
from cases.choices import RequestState
from cases.models import CaseCheck, RiskAssessment, Task
from cases.services import absence, answering, comparing
from cases.services.accept import accept_request
from cases.services.answering import REASONS
from cases.services.request_risk import rate_risk
from cases.services.requests import end_call, open_contacts, read
from cases.services.sealed import content
from tests.cases.helpers import CONTACTS, CORE_ANSWERS, case_of, log, open_case, request_state


@pytest.fixture
def request_code(cast):
    cast.intake()
    return log(cast)


# --- Answering --------------------------------------------------------------------------------
def test_waiting_with_a_promise_and_for_her_answer(cast, request_code):
    until = timezone.now() + timedelta(hours=3)
    with cast.acting("boba") as boba:
        request = get_request(boba, request_code)
        answering.promise_date(request=request, until=until, by=boba)
        request.refresh_from_db()
        assert (request.state, request.waiting_until, request.assignee) == ("waiting", until, boba)
        assert request.acknowledged_by == boba
        assert [row.pk for row in for_desk(boba, until=timezone.now() + timedelta(days=1))[1]] == [request.pk]
        assert for_desk(boba, until=timezone.now())[1] == []
        answering.ask_back(request=request, look_again_on=timezone.localdate() + timedelta(days=5), by=boba)
        assert for_desk(boba, until=timezone.now())[1] == [request]
        for _click in range(2):
            answering.go_on(request=request, by=boba)
            request.refresh_from_db()
            assert (request.state, request.waiting_until) == ("waiting", until)
        for _click in range(2):
            answering.end_promise(request=request, kept=True, by=boba)
            request.refresh_from_db()
            assert (request.state, request.waiting_until, request.promise) == ("acknowledged", None, None)


def test_opened_again_it_stands_on_her_desk_with_its_promise(cast, request_code):
    tomorrow = timezone.now() + timedelta(hours=20)
    ends = {
        "state": RequestState.WITHDRAWN,
        "reason": REASONS[RequestState.WITHDRAWN][0] if REASONS[RequestState.WITHDRAWN] else "",
    }
    with cast.acting("boba") as boba:
        request = get_request(boba, request_code)
        answering.promise_date(request=request, until=tomorrow, by=boba)
        answering.end_request(request=request, by=boba, **ends)
        assert for_desk(boba, until=timezone.now() + timedelta(days=1))[1] == []
        assert answering.reopen_request(request=request, by=boba)
        assert for_desk(boba, until=timezone.now())[1] == [request]
    with cast.acting("ana") as ana:
        assert for_desk(ana, until=timezone.now() + timedelta(days=1)) == (1, [])
    with cast.acting("boba") as boba:
        absence.add_absence(person=boba, from_on=timezone.localdate(), until_on=timezone.localdate(), by=boba)
    with cast.acting("ana") as ana:
        assert for_desk(ana, until=timezone.now() + timedelta(days=1))[1] == [request]


def test_opened_again_twice_it_is_open_already(cast, request_code):
    client, address = cast.client("ana"), f"/requests/{request_code}"
    with cast.acting("ana") as ana:
        state = RequestState.WITHDRAWN
        reason = REASONS[state][0] if REASONS[state] else ""
        answering.end_request(request=get_request(ana, request_code), state=state, reason=reason, by=ana)
    assert "The request is open again." in client.post(f"{address}/reopen", follow=True).content.decode()
    page = client.post(f"{address}/reopen", follow=True)
    assert [(said.level_tag, str(said)) for said in page.context["messages"]] == [
        ("success", "The request is open already. Nothing was changed.")
    ]


def test_a_promise_stands_until_it_is_kept_moved_or_taken_back(cast, request_code):
    client, address = cast.client("ana"), f"/requests/{request_code}"
    day = timezone.localdate() + timedelta(days=3)
    client.post(f"{address}/promise", {"until": f"{day}T10:30"})
    client.post(f"{address}/ask-back", {"look_again_on": timezone.localdate() + timedelta(days=9)})
    assert "10:30" in client.get(address).content.decode()
    client.post(f"{address}/promise", {"until": f"{day}T11:45"})
    page = client.get(address).content.decode()
    assert "11:45" in page
    assert "10:30" not in page
    client.post(f"{address}/promise/end", {"how": "forgotten"})
    assert "11:45" in client.get(address).content.decode()
    client.post(f"{address}/promise/end", {"how": "taken_back"})
    assert "Promised:" not in client.get(address).content.decode()


def test_a_promise_goes_on_the_plan_of_the_case(cast, request_code):
    until = timezone.now() + timedelta(days=2)
    with cast.acting("ana") as ana:
        request = get_request(ana, request_code)
        answering.promise_date(request=request, until=until, by=ana)
        case = accept_request(request=request, title="Group", looked_through="Looked through.", by=ana)
        assert Task.objects.filter(case=case).values_list("kind", "due_at", "exact").get() == ("promise", until, True)


def test_taking_and_giving_to_somebody(cast, request_code):
    with cast.acting("ana") as ana:
        request = get_request(ana, request_code)
        answering.take(request=request, seen="", by=ana)
        answering.take(request=request, seen="", by=ana)
        answering.assign(request=request, person=cast.boba, by=ana)
        with pytest.raises(WrongState, match="Boba has taken it meanwhile"):
            answering.take(request=request, seen="", by=ana)  # on a page from before: she is not pushed aside unseen
        request.refresh_from_db()
        assert request.assignee == cast.boba
        answering.take(request=request, seen=str(cast.boba.pk), by=ana)
        answering.assign(request=request, person=cast.boba, by=ana)
        request.refresh_from_db()
        assert (request.taken_by, request.assignee) == (ana, cast.boba)
        with pytest.raises(WrongState):
            answering.assign(request=request, person=cast.ceca, by=ana)


@pytest.mark.parametrize("state", sorted(REASONS))
def test_every_ending_has_its_reason_and_can_be_reopened(cast, definer, state):
    cast.intake()
    code, other = log(cast), log(cast)
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        reason = REASONS[state][0] if REASONS[state] else ""
        if reason and state not in {"referred_out", "duplicate"}:
            with pytest.raises(WrongState):
                answering.end_request(request=request, state=RequestState(state), by=ana)
        if state == "referred_out":
            answering.refer_out(
                request=request, reason=reason, to_whom="Women's centre", refer_by=timezone.localdate(), by=ana
            )
            assert read(request=request, by=ana).referral == "Women's centre"
        elif state == "duplicate":
            answering.mark_duplicate(
                request=request, other=get_request(ana, other), case=None, nonce=uuid4(), note="", by=ana
            )
        else:
            answering.end_request(request=request, state=RequestState(state), reason=reason, by=ana)
        with pytest.raises(WrongState):
            answering.take(request=request, seen="", by=ana)
    assert request_state(definer, code) == state
    with cast.acting("boba") as boba:
        answering.reopen_request(request=get_request(boba, code), by=boba)
        row = get_request(boba, code)
        assert (row.state, row.end_reason, row.duplicate_of_id, row.ended_at) == ("new", "", None, None)


def test_whoever_is_sent_on_gets_the_running_day_in_writing(cast, definer):
    cast.intake()
    code = log(cast, offence_learned_on=date(2026, 9, 1), language="en")
    client = cast.client("ana")
    address = f"/requests/{code}/end?state=not_eligible"
    assert "On 1 Dec 2026 the time to bring" in client.get(address).content.decode()
    values = {"nonce": uuid4(), "reason": "outside_task"}
    assert client.post(address, values).context["form"].errors.keys() == {"told_in_writing"}
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        answering.end_request(
            request=get_request(ana, code), state=RequestState.NOT_ELIGIBLE, reason="outside_task", by=ana
        )
    assert client.post(address, {**values, "told_in_writing": "on"}).status_code == 302
    assert definer.execute("SELECT state, told_in_writing FROM cases_helprequest").fetchone() == ("not_eligible", True)


@pytest.mark.parametrize(
    ("state", "values", "wrong"),
    [
        ("referred_out", {"reason": "outside_task"}, {"to_whom", "refer_by"}),
        ("referred_out", {"reason": "answered", "to_whom": "x", "refer_by": "2020-01-01"}, {"reason", "refer_by"}),
        ("withdrawn", {}, {"reason"}),
        ("duplicate", {"reason": "same_matter", "other": "AAAA-AAAA"}, {"other"}),
        ("duplicate", {"reason": "same_matter", "other": "OWN"}, {"other"}),
        ("nonsense", {"reason": "answered"}, {"state"}),
        ("accepted", {"reason": "answered"}, {"state"}),
    ],
)
def test_an_ending_with_wrong_input_ends_nothing(cast, definer, state, values, wrong):
    cast.intake()
    code = log(cast)
    values = {name: code if value == "OWN" else value for name, value in values.items()}
    answer = cast.client("ana").post(f"/requests/{code}/end?state={state}", {"nonce": uuid4(), **values})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == wrong
    assert request_state(definer, code) == "new"


@pytest.mark.parametrize(
    ("address", "values", "field"),
    [
        ("promise", {"until": "2020-01-01T10:00"}, "until"),
        ("promise", {"until": "soon"}, "until"),
        ("ask-back", {"look_again_on": "2020-01-01"}, "look_again_on"),
        ("assign", {"person": "STRANGER"}, "person"),
        ("call-ended", {"result": "perhaps"}, "result"),
        ("risk", {"sc1": "maybe"}, "sc1"),
    ],
)
def test_answering_with_wrong_input_says_so_by_the_field(cast, definer, address, values, field):
    cast.intake()
    code = log(cast)
    values = {name: str(cast.ceca.pk) if value == "STRANGER" else value for name, value in values.items()}
    answer = cast.client("ana").post(f"/requests/{code}/{address}", values)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert request_state(definer, code) == "new"


def test_two_tabs_and_a_second_click(cast, definer):
    """The second tab is told that somebody was faster; nothing happens twice."""
    cast.intake()
    code = log(cast)
    first, second = cast.client("ana"), cast.client("boba")
    assert first.post(f"/requests/{code}/end?state=spam", {"nonce": uuid4()}).status_code == 302
    day = timezone.localdate() + timedelta(days=3)
    for address in ("take", "promise", "ask-back"):
        values = {"until": f"{day}T10:00", "look_again_on": day}
        assert second.post(f"/requests/{code}/{address}", values).status_code == 302
    assert "meanwhile" in second.get(f"/requests/{code}").content.decode()
    assert request_state(definer, code) == "spam"
    assert definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'request_ended'").fetchone() == (1,)


# --- Reaching her, risk -----------------------------------------------------------------------
def test_a_call_to_her_is_an_attempt_with_a_result(cast, request_code):
    with cast.acting("ana") as ana:
        request = get_request(ana, request_code)
        for _click in range(2):
            assert open_contacts(request=request, by=ana) == CONTACTS
        assert request.attempts.count() == 1
        for _click in range(2):
            end_call(request=request, result="no_answer", by=ana)
        assert [(row.result, row.begun_by) for row in request.attempts.all()] == [("no_answer", ana)]
        open_contacts(request=request, by=ana)
        assert request.attempts.count() == 2


def test_risk_shortens_the_clock_and_is_never_eased(cast, request_code):
    with cast.acting("ana") as ana:
        request = get_request(ana, request_code)
        before = request.respond_by
        rate_risk(request=request, answers=CORE_ANSWERS, by=ana)
        request.refresh_from_db()
        assert (request.risk, request.respond_by < before) == ("immediate", True)
        sooner = request.respond_by
        rate_risk(request=request, answers={**CORE_ANSWERS, "ph2": "no"}, by=ana)
        request.refresh_from_db()
        assert (request.risk, request.respond_by) == ("immediate", sooner)
        assert read(request=request, by=ana).answers["ph2"] == "no"


def test_a_yes_to_under_18_marks_the_request(cast, request_code):
    with cast.acting("ana") as ana:
        request = get_request(ana, request_code)
        rate_risk(request=request, answers={**CORE_ANSWERS, "ag1": "yes"}, by=ana)
        request.refresh_from_db()
        assert request.minor == "now"


def test_risk_dates_and_checklist_go_into_the_case(cast):
    cast.intake()
    code = log(cast, minor="material")
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        rate_risk(request=request, answers=CORE_ANSWERS, by=ana)
        case = accept_request(request=get_request(ana, code), title="x", looked_through="y", by=ana)
        rating = RiskAssessment.objects.get(case=case)
        assert (rating.level, rating.core_complete) == ("immediate", True)
        opened = content.read(case_id=case.pk, record_ids=[rating.pk], purpose="content", by=ana)
        assert opened[rating.pk, "risk.answers"] == CORE_ANSWERS
        case.refresh_from_db()
        assert (case.risk, case.minor) == ("immediate", "material")
        today = timezone.localdate()
        due = {row.item: (row.due_on - today).days for row in CaseCheck.objects.filter(case=case)}
        assert due == {"duplicates": 1, "conflict": 2, "eligibility": 2, "consent": 7, "backup": 7}


# --- The same matter --------------------------------------------------------------------------
def test_what_she_can_open_is_compared_and_nothing_else(cast, definer):
    cast.intake()
    hers = open_case(cast, contacts={"phone": "060/555-1234"})
    of_boba = open_case(cast, lead="boba", contacts={"phone": "060 555 1234"})
    waiting = log(cast, contacts={"other_contact": "+381 60 555 12 34"})
    log(cast, contacts={"phone": "060 555 9999"})
    code = log(cast, contacts={"phone": "00381605551234"})
    with cast.acting("ana") as ana:
        same = comparing.compare(request=get_request(ana, code), by=ana)
        assert (same.requests, same.cases) == ((waiting,), (hers,))
    with cast.acting("boba") as boba:
        assert comparing.compare(request=get_request(boba, code), by=boba).cases == (of_boba,)
    count = "SELECT count(*) FROM accounts_auditevent WHERE action = 'request_compared'"
    assert definer.execute(count).fetchone() == (2,)
    page = cast.client("ana").get(f"/requests/{code}/accept").content.decode()
    assert hers in page
    assert of_boba not in page
    assert "ask who is on call" in page


def test_her_words_are_filed_on_the_case_that_it_repeats(cast):
    cast.intake()
    case_code, code = open_case(cast), log(cast)
    client = cast.client("ana")
    values = {"nonce": uuid4(), "reason": "same_matter", "other": case_code.lower(), "note": "She called again."}
    assert client.post(f"/requests/{code}/end?state=duplicate", values).status_code == 302
    with cast.acting("ana") as ana:
        assert get_request(ana, code).duplicate_of_id == case_of(case_code).request_id
    assert "She called again." in client.get(f"/cases/{case_code}").content.decode()


def test_a_note_on_a_case_that_is_not_hers_is_refused(cast, definer):
    cast.intake()
    of_boba, code = open_case(cast, lead="boba"), log(cast)
    values = {"nonce": uuid4(), "reason": "same_matter", "other": of_boba, "note": "x"}
    assert cast.client("ana").post(f"/requests/{code}/end?state=duplicate", values).status_code == 422
    assert request_state(definer, code) == "new"
