"""A request from logging to its end, at the level of services and pages."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case, get_request
from cases.access.queue import Wanted, for_desk, list_consents, list_requests
from cases.choices import RequestState
from cases.models import CaseCheck, HelpRequest, RiskAssessment
from cases.services import answering, comparing, contact_log
from cases.services.accept import accept_request
from cases.services.answering import REASONS
from cases.services.request_risk import rate_risk
from cases.services.requests import end_call, open_contacts, read
from cases.services.running import running, three_months_after
from cases.services.sealed import content
from tests.cases.helpers import CONTACTS, case_of, log, open_case

CORE = {"sc1": "yes", "ag1": "no", "su2": "no", "ph2": "yes", "ph3": "yes"}


@pytest.fixture
def request_code(cast):
    cast.intake()
    return log(cast)


def now_in(definer, code: str) -> str:
    return definer.execute("SELECT state FROM cases_helprequest WHERE code = %s", [code]).fetchone()[0]


# --- Logging ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "wanted"),
    [("yes", [(True, "self")]), ("no", [(False, "self")]), ("guardian", [(True, "guardian")]), ("not_asked", [])],
)
def test_spoken_consent_is_noted_as_she_said_it_and_never_where_nobody_asked(cast, said, wanted):
    cast.intake()
    code = log(cast, by="ceca", consent=said, language="sq")
    with cast.acting("ana") as ana:
        found = list(list_consents(get_request(ana, code)))
        assert [(row.given, row.given_by) for row in found] == wanted
        assert {(row.purpose, row.how, row.language, row.text_version) for row in found} <= {
            ("services", "spoken", "sq", "2026-11")
        }


def test_consent_goes_with_the_request_into_the_case(cast):
    cast.intake()
    code = open_case(cast, consent="yes")
    with cast.acting("ana") as ana:
        assert get_case(ana, code).case.consents.get().given


def test_urgent_ticks_are_immediate_risk(cast):
    cast.intake()
    code = log(cast, thinks_of_ending_life=True)
    with cast.acting("ana") as ana:
        assert get_request(ana, code).risk == "immediate"


@pytest.mark.parametrize("minor", ["now", "material"])
def test_under_18_is_a_hard_stop_of_the_form(cast, definer, minor):
    cast.intake()
    client = cast.client("ceca")
    values = {"nonce": uuid4(), "restricted": "no", "minor": minor, "about": "other", "words": "my daughter",
              "channel": "phone", "language": "sr", "received_at": "2026-01-10T10:00"}  # fmt: skip
    refused = client.post("/requests/new", values)
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"minor_steps_read"}
    assert "Never ask for, open, receive" in refused.content.decode()
    assert client.post("/requests/new", {**values, "minor_steps_read": "on"}).status_code == 302
    assert definer.execute("SELECT minor FROM cases_helprequest").fetchall() == [(minor,)]


def test_nobody_agrees_for_another_woman(cast):
    cast.intake()
    client = cast.client("ceca")
    values = {"nonce": uuid4(), "restricted": "no", "minor": "no", "about": "other", "words": "x", "consent": "yes",
              "channel": "phone", "language": "sr", "received_at": "2026-01-10T10:00"}  # fmt: skip
    assert client.post("/requests/new", values).context["form"].errors.keys() == {"consent"}


def test_a_pasted_conversation_fills_the_form_and_logs_nothing(cast, definer):
    cast.intake()
    client = cast.client("ceca")
    page = client.post("/requests/paste", {"conversation": "21.11.26, 20:55 - Jovana: zovi 060 123 4567"})
    assert page.status_code == 200
    html = page.content.decode()
    assert 'value="060 123 4567"' in html
    assert 'action="/requests/new"' in html
    assert "Jovana" in html
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (0,)
    assert client.post("/requests/paste", {"conversation": ""}).status_code == 422


def test_the_form_names_who_is_on_restricted_intake(cast):
    cast.intake()
    assert "On restricted intake are: Ana, Boba." in cast.client("ceca").get("/requests/new").content.decode()


# --- The three months -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 1, 15), date(2026, 4, 15)),
        (date(2025, 11, 30), date(2026, 2, 28)),
        (date(2023, 11, 30), date(2024, 2, 29)),
        (date(2026, 10, 31), date(2027, 1, 31)),
    ],
)
def test_three_months(day, end, definer, db):
    assert three_months_after(day) == end
    assert definer.execute("SELECT (%s::date + interval '3 months')::date", [day]).fetchone() == (end,)


def test_the_later_of_the_two_days_counts():
    runs = running(date(2026, 1, 1), date(2026, 1, 10), date(2026, 4, 5))
    assert (runs.knows_who, runs.day, runs.safe_day, runs.days_left, runs.is_near) == (
        True,
        85,
        date(2026, 4, 10),
        5,
        True,
    )
    assert not running(date(2026, 1, 10), date(2026, 1, 1), date(2026, 1, 11)).knows_who
    assert not running(date(2026, 1, 1), None, date(2026, 4, 5)).is_near
    assert running(None, None, date(2026, 1, 1)) is None


def test_the_queue_is_ordered_by_urgency_the_three_months_risk_and_clock(cast):
    cast.intake()
    now, today = timezone.now(), timezone.localdate()
    codes = {
        "late": log(cast, received_at=now - timedelta(days=9)),
        "near": log(
            cast, suspect_learned_on=today - timedelta(days=85), offence_learned_on=today - timedelta(days=300)
        ),
        "far": log(cast, offence_learned_on=today - timedelta(days=10)),
        "urgent": log(cast, in_danger_now=True),
        "high": log(cast),
    }
    with cast.acting("ana") as ana:
        rate_risk(request=get_request(ana, codes["high"]), answers={**CORE, "ph3": "no"}, by=ana)
        found = [row.code for row in list_requests(ana, wanted=Wanted(), page=1)]
    names = {code: name for name, code in codes.items()}
    assert [names[code] for code in found] == ["urgent", "near", "high", "late", "far"]


def test_filters_of_the_queue(cast):
    cast.intake()
    plain, minor, restricted = log(cast), log(cast, minor="now", language="sq"), log(cast, restricted=True)
    with cast.acting("ana") as ana:
        answering.take(request=get_request(ana, minor), by=ana)
        answering.acknowledge(request=get_request(ana, plain), by=ana)

        def found(**wanted) -> set[str]:
            return {row.code for row in list_requests(ana, wanted=Wanted(**wanted), page=1)}

        assert found(whose="mine") == {minor} == found(minor=True) == found(language="sq")
        assert found(whose="nobody") == {plain, restricted}
        assert found(restricted=True) == {restricted}
        assert found(state="acknowledged") == {plain}
        assert found(state="nothing", language="xx", whose="?") == {plain, minor, restricted}


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
        answering.go_on(request=request, by=boba)
        answering.go_on(request=request, by=boba)
        request.refresh_from_db()
        assert (request.state, request.waiting_until) == ("acknowledged", None)


def test_taking_and_giving_to_somebody(cast, request_code):
    with cast.acting("ana") as ana:
        request = get_request(ana, request_code)
        answering.take(request=request, by=ana)
        answering.take(request=request, by=ana)
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
            answering.take(request=request, by=ana)
    assert now_in(definer, code) == state
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
    assert now_in(definer, code) == "new"


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
    assert now_in(definer, code) == "new"


def test_two_tabs_and_a_second_click(cast, definer):
    """The second tab is told that somebody was faster; nothing happens twice."""
    cast.intake()
    code = log(cast)
    first, second = cast.client("ana"), cast.client("boba")
    assert first.post(f"/requests/{code}/end?state=spam", {"nonce": uuid4()}).status_code == 302
    for address in ("take", "promise", "ask-back"):
        values = {"until": "2026-12-24T10:00", "look_again_on": "2026-12-24"}
        assert second.post(f"/requests/{code}/{address}", values).status_code == 302
    assert "meanwhile" in second.get(f"/requests/{code}").content.decode()
    assert now_in(definer, code) == "spam"
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
        rate_risk(request=request, answers=CORE, by=ana)
        request.refresh_from_db()
        assert (request.risk, request.respond_by < before) == ("immediate", True)
        sooner = request.respond_by
        rate_risk(request=request, answers={**CORE, "ph2": "no"}, by=ana)
        request.refresh_from_db()
        assert (request.risk, request.respond_by) == ("immediate", sooner)
        assert read(request=request, by=ana).answers["ph2"] == "no"


def test_a_yes_to_under_18_marks_the_request(cast, request_code):
    with cast.acting("ana") as ana:
        request = get_request(ana, request_code)
        rate_risk(request=request, answers={**CORE, "ag1": "yes"}, by=ana)
        request.refresh_from_db()
        assert request.minor == "now"


def test_risk_dates_and_checklist_go_into_the_case(cast):
    cast.intake()
    code = log(cast, minor="material")
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        rate_risk(request=request, answers=CORE, by=ana)
        case = accept_request(request=get_request(ana, code), title="x", looked_through="y", by=ana)
        rating = RiskAssessment.objects.get(case=case)
        assert (rating.level, rating.core_complete) == ("immediate", True)
        opened = content.read(case_id=case.pk, record_ids=[rating.pk], purpose="content", by=ana)
        assert opened[rating.pk, "risk.answers"] == CORE
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
    assert now_in(definer, code) == "new"


# --- Several at once --------------------------------------------------------------------------
def test_bulk_leaves_out_what_has_to_be_looked_at_by_itself(cast, definer):
    cast.intake()
    plain = [log(cast) for _index in range(3)]
    never = [log(cast, minor="material"), log(cast, in_danger_now=True), log(cast, restricted=True)]
    client = cast.client("ana")
    preview = client.post("/requests/bulk", {"action": "acknowledge", "code": [*plain, *never, "AAAA-AAAA"]})
    assert {row.code for row in preview.context["chosen"].fit} == set(plain)
    assert {row.code for row, _why in preview.context["chosen"].left_out} == set(never)
    assert {now_in(definer, code) for code in plain} == {"new"}
    cast.client("boba").post(f"/requests/{plain[0]}/acknowledge")
    for _click in range(2):
        sure = {"action": "acknowledge", "code": [*plain, *never], "sure": "1"}
        assert client.post("/requests/bulk", sure).status_code == 302
    assert {now_in(definer, code) for code in plain} == {"acknowledged"}
    assert {now_in(definer, code) for code in never} == {"new"}
    done = "SELECT count(*) FROM accounts_auditevent WHERE action = 'request_acknowledged'"
    assert definer.execute(done).fetchone() == (3,)


def test_bulk_gives_to_members_of_the_team_only_what_nobody_has(cast, definer):
    cast.intake()
    free, taken = log(cast), log(cast)
    cast.client("boba").post(f"/requests/{taken}/take")
    client = cast.client("ana")
    sure = {"action": "assign", "code": [free, taken], "sure": "1"}
    assert client.post("/requests/bulk", {**sure, "person": str(cast.ceca.pk)}).status_code == 422
    assert client.post("/requests/bulk", {**sure, "person": str(cast.ana.pk)}).status_code == 302
    with cast.acting("ana") as ana:
        assert get_request(ana, free).assignee == ana
        assert get_request(ana, taken).assignee == cast.boba


# --- Calls without a request ------------------------------------------------------------------
def test_a_call_without_a_request_is_two_clicks_and_can_be_taken_back(cast, definer):
    cast.intake()
    client = cast.client("ceca")
    page = client.get("/contacts/")
    values = {"nonce": page.context["form"]["nonce"].value(), "channel": "phone", "language": "sr"}
    for _click in range(2):
        assert client.post("/contacts/", {**values, "kind": "silent", "duration": "under_5"}).status_code == 302
    shown = client.get("/contacts/")
    assert {str(label): number for label, number in shown.context["counts"]}["Silent call"] == 1
    assert client.post(f"/contacts/{shown.context['today'][0].pk}/undo").status_code == 302
    assert sum(number for _label, number in client.get("/contacts/").context["counts"]) == 0
    assert client.post("/contacts/", {**values, "duration": "under_5"}).context["form"].errors.keys() == {"kind"}
    assert cast.client("ana").get("/contacts/").context["today"] == []


def test_only_caseworkers_count_contacts(cast):
    with cast.acting("lana") as lana, pytest.raises(NotAllowed):
        contact_log.count_contact(
            nonce=uuid4(), kind="spam", channel="phone", language="sr", duration="under_5", by=lana
        )


def test_a_queue_of_five_hundred_is_quick(cast, definer):
    cast.intake()
    code = log(cast)
    columns = [field.column for field in HelpRequest._meta.concrete_fields]
    made = {"id": "gen_random_uuid()", "nonce": "gen_random_uuid()", "code": "'Z' || lpad(n::text, 8, '0')"}
    definer.execute(
        f"INSERT INTO cases_helprequest ({', '.join(columns)}) SELECT"
        f" {', '.join(made.get(column, 'r.' + column) for column in columns)}"
        " FROM cases_helprequest r, generate_series(1, 500) n WHERE r.code = %s",
        [code],
    )
    with cast.acting("ana") as ana:
        list_requests(ana, wanted=Wanted(), page=1)
        began = timezone.now()
        assert len(list_requests(ana, wanted=Wanted(), page=10)) == 50
        assert timezone.now() - began < timedelta(seconds=0.5)
