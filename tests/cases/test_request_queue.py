"""The queue of requests: the three months, its order and filters, several at once, and five hundred of them."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cases.access import get_request
from cases.access.queue import Wanted, find_other, list_requests
from cases.models import HelpRequest
from cases.services import answering
from cases.services.request_risk import rate_risk
from cases.services.running import running, three_months_after
from tests.cases.helpers import CORE_ANSWERS, log, open_case, request_state


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
        "answered": log(cast, in_danger_now=True, received_at=now - timedelta(days=1)),
        "urgent": log(cast, in_danger_now=True),
        "high": log(cast),
    }
    with cast.acting("ana") as ana:
        answering.acknowledge(request=get_request(ana, codes["answered"]), by=ana)
        rate_risk(request=get_request(ana, codes["high"]), answers={**CORE_ANSWERS, "ph3": "no"}, by=ana)
        found = [row.code for row in list_requests(ana, wanted=Wanted(), page=1)]
    names = {code: name for name, code in codes.items()}
    assert [names[code] for code in found] == ["urgent", "answered", "near", "high", "late", "far"]


def test_filters_of_the_queue(cast):
    cast.intake()
    plain, minor, restricted = log(cast), log(cast, minor="now", language="sq"), log(cast, restricted=True)
    with cast.acting("ana") as ana:
        answering.take(request=get_request(ana, minor), seen="", by=ana)
        answering.acknowledge(request=get_request(ana, plain), by=ana)

        def found(**wanted) -> set[str]:
            return {row.code for row in list_requests(ana, wanted=Wanted(**wanted), page=1)}

        assert found(whose="mine") == {plain, minor}, "whoever acknowledges what nobody has, has it"
        assert found(minor=True) == {minor} == found(language="sq")
        assert found(whose="nobody") == {restricted}
        assert found(restricted=True) == {restricted}
        assert found(state="acknowledged") == {plain}
        assert found(state="nothing", language="xx", whose="?") == {plain, minor, restricted}


# --- Several at once --------------------------------------------------------------------------
def test_bulk_leaves_out_what_has_to_be_looked_at_by_itself(cast, definer):
    cast.intake()
    plain = [log(cast) for _index in range(3)]
    never = [log(cast, minor="material"), log(cast, in_danger_now=True), log(cast, restricted=True)]
    client = cast.client("ana")
    preview = client.post("/requests/bulk", {"action": "acknowledge", "code": [*plain, *never, "AAAA-AAAA"]})
    assert {row.code for row in preview.context["chosen"].fit} == set(plain)
    assert {row.code for row, _why in preview.context["chosen"].left_out} == set(never)
    assert {request_state(definer, code) for code in plain} == {"new"}
    cast.client("boba").post(f"/requests/{plain[0]}/acknowledge")
    for _click in range(2):
        sure = {"action": "acknowledge", "code": [*plain, *never], "sure": "1"}
        assert client.post("/requests/bulk", sure).status_code == 302
    assert {request_state(definer, code) for code in plain} == {"acknowledged"}
    assert {request_state(definer, code) for code in never} == {"new"}
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


@pytest.mark.parametrize("action", ["acknowledge", "assign"])
def test_bulk_says_how_many_were_given_to_somebody_else_meanwhile(cast, action):
    cast.intake()
    cast.person("boba")
    codes = [log(cast) for _index in range(3)]
    hers = log(cast)
    with cast.acting("boba") as boba:
        answering.assign(request=get_request(boba, hers), person=boba, by=boba)
    client = cast.client("ana")
    preview = client.post("/requests/bulk", {"action": action, "code": [*codes, hers]}).content.decode()
    free = re.findall(r'name="free" value="([^"]+)"', preview)
    assert set(free) == set(codes), "of the one that Boba had before nobody is told"
    with cast.acting("boba") as boba:
        for code in codes[:2]:
            answering.assign(request=get_request(boba, code), person=boba, by=boba)
    sure = {"action": action, "code": [*codes, hers], "free": free, "sure": "1", "person": str(cast.ana.pk)}
    said = client.post("/requests/bulk", sure, follow=True).content.decode()
    assert "Meanwhile 2 of those that nobody had were given to somebody else, and stay there: Boba." in said
    with cast.acting("ana") as ana:
        assert [get_request(ana, code).assignee for code in codes] == [cast.boba, cast.boba, ana]


def test_bulk_says_truly_why_something_is_left_out(cast):
    cast.intake()
    answered, waiting, promised, over, given = (log(cast) for _index in range(5))
    client = cast.client("ana")
    with cast.acting("ana") as ana:
        day = timezone.now() + timedelta(days=2)
        answering.acknowledge(request=get_request(ana, answered), by=ana)
        answering.ask_back(request=get_request(ana, waiting), look_again_on=day.date(), by=ana)
        answering.promise_date(request=get_request(ana, promised), until=day, by=ana)
        answering.end_request(request=get_request(ana, over), state="spam", by=ana)
        answering.take(request=get_request(ana, given), seen="", by=ana)

    def reasons(action: str) -> dict[str, str]:
        chosen = {"action": action, "code": [answered, waiting, promised, over, given]}
        found = client.post("/requests/bulk", chosen).context["chosen"].left_out
        return {row.code: str(why) for row, why in found}

    assert reasons("acknowledge") == {
        answered: "Acknowledged already.",
        waiting: "Acknowledged already; it waits for her answer.",
        promised: "Acknowledged already; she was promised a day.",
        over: "It has ended meanwhile.",
    }
    assert reasons("assign")[given] == "Ana has it already."


def test_what_is_hers_is_not_offered_to_her_again(cast):
    cast.intake()
    code = log(cast)
    client = cast.client("ana")
    assert "I take it" in client.get(f"/requests/{code}").content.decode()
    with cast.acting("boba") as boba:
        answering.assign(request=get_request(boba, code), person=cast.ana, by=boba)
    assert "I take it" not in client.get(f"/requests/{code}").content.decode()
    urgent = log(cast, in_danger_now=True)
    with cast.acting("boba") as boba:
        answering.assign(request=get_request(boba, urgent), person=cast.ana, by=boba)
    assert "I take it" in client.get(f"/requests/{urgent}").content.decode(), "only this makes its ladder rest"
    client.post(f"/requests/{urgent}/take")
    assert "I take it" not in client.get(f"/requests/{urgent}").content.decode()


def test_a_duplicate_names_its_original_where_the_reader_may_open_it(cast):
    cast.intake()
    first, second, third = log(cast), log(cast), log(cast)
    case = open_case(cast)
    with cast.acting("ana") as ana:
        other, of_case = find_other(ana, first)[0], find_other(ana, case)[1]
        nothing = {"nonce": uuid4(), "note": "", "by": ana}
        answering.mark_duplicate(request=get_request(ana, second), other=other, case=None, **nothing)
        answering.mark_duplicate(request=get_request(ana, third), other=None, case=of_case, **nothing)
    assert (
        f'href="/requests/{first}">Request {first}</a>'
        in cast.client("ana").get(f"/requests/{second}").content.decode()
    )
    assert f'href="/cases/{case}">Case {case}</a>' in cast.client("ana").get(f"/requests/{third}").content.decode()
    page = cast.client("boba").get(f"/requests/{third}").content.decode()
    assert case not in page, "she is not on that case"


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
