"""The weekly list: each rule shows its line, nothing of other people's cases, always one query more."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.templatetags.sidro import short_time
from cases.access import get_case, get_request
from cases.access.housekeeping import list_housekeeping
from cases.choices import Severity
from cases.codes import TidyRule
from cases.services import answering
from cases.services.deadlines import set_deadline
from cases.views.housekeeping import RULES
from tests.cases.helpers import assign, log, open_case, reminded_today
from tests.cases.test_pages import queries

AGO = timezone.now() - timedelta(days=40)


@pytest.fixture
def case(cast) -> str:
    cast.intake()
    return open_case(cast)


def lines(cast, name: str = "ana") -> dict[str, str]:
    with cast.acting(name) as by:
        return {line.rule: line.at_code for line in list_housekeeping(by)[0]}


def in_order(cast, code: str, definer) -> None:
    """A case that wants nothing."""
    definer.execute("UPDATE cases_case SET risk = 'standard', next_review_on = now() + interval '9 days'")


def test_a_case_that_is_kept_well_is_not_on_the_list(cast, case, definer):
    in_order(cast, case, definer)
    assert lines(cast) == {}
    assert "Nothing lies open" in cast.client("ana").get("/housekeeping").content.decode()


def test_an_old_case_that_nobody_touched_is_there_by_each_of_its_rules(cast, case, definer):
    definer.execute("UPDATE cases_case SET opened_at = %s, reassess_at = %s", [AGO, AGO])
    assert lines(cast).keys() == {"no_backup", "quiet", "risk_never", "risk_again", "no_review"}
    assert set(lines(cast).values()) == {case}
    assert lines(cast, "boba") == {}, "not her case"
    page = cast.client("ana").get("/housekeeping")
    assert page.content.decode().count(f">{case}</a>") == 5
    assert f"/cases/{case}/people" in page.content.decode()
    assert "Weekly tidying" in cast.client("ana").get("/").content.decode()
    definer.execute("UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = opened_by_id")
    assert lines(cast) == {}


ROWS = {
    "date_nobody": "INSERT INTO cases_deadline (id, case_id, nonce, due_on, severity, state, set_at, set_by_id)"
    " SELECT gen_random_uuid(), id, gen_random_uuid(), current_date + 3, 'critical', 'running', now(), opened_by_id FROM cases_case",
    "task_late": "INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, set_at, set_by_id)"
    " SELECT gen_random_uuid(), id, gen_random_uuid(), 'task', now() - interval '8 days', false, 'open', now(), opened_by_id FROM cases_case",
    "check_late": "INSERT INTO cases_casecheck (id, case_id, item, due_on, outcome)"
    " SELECT gen_random_uuid(), id, 'consent', current_date - 1, '' FROM cases_case ON CONFLICT (case_id, item) DO UPDATE SET due_on = current_date - 1",
    "call_open": "INSERT INTO cases_contactattempt (id, case_id, on_duty, begun_at, begun_by_id, result)"
    " SELECT gen_random_uuid(), id, false, now() - interval '1 day', opened_by_id, '' FROM cases_case",
}  # fmt: skip


@pytest.mark.parametrize("rule", ROWS)
def test_what_is_late_on_a_case_is_on_the_list(cast, case, definer, rule):
    in_order(cast, case, definer)
    definer.execute(ROWS[rule])
    assert lines(cast) == {rule: case}
    assert lines(cast, "boba") == {}


def test_an_access_that_ends_and_a_promise_that_passed(cast, case, definer):
    in_order(cast, case, definer)
    assign(cast, case, "lana")
    definer.execute("UPDATE cases_assignment SET until_on = current_date + 2 WHERE role = 'lawyer'")
    request = log(cast)
    definer.execute(
        "UPDATE cases_helprequest SET state = 'waiting', waiting_until = now() - interval '1 day' WHERE code = %s",
        [request],
    )
    assert lines(cast) == {"access_ends": case, "promise_passed": request}
    assert lines(cast, "lana") == {}
    definer.execute(
        "INSERT INTO cases_wall (id, request_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_helprequest WHERE code = %s", [cast.ana.pk, cast.ana.pk, request]
    )  # fmt: skip
    assert lines(cast) == {"access_ends": case}


def test_a_day_to_look_again_is_no_broken_promise(cast, case, definer):
    in_order(cast, case, definer)
    request = log(cast)
    change = f"UPDATE cases_helprequest SET {{}} WHERE code = '{request}'"
    definer.execute(change.format("state = 'awaiting_person', waiting_until = now() - interval '1 day'"))
    assert lines(cast) == {"look_again": request}
    definer.execute(change.format("promised_for = now() + interval '1 day'"))
    assert lines(cast) == {"look_again": request}
    definer.execute(change.format("promised_for = now() - interval '1 hour'"))
    assert lines(cast) == {"promise_passed": request}


def test_a_referral_comes_back_until_somebody_says_what_came_of_it(cast, case, definer):
    in_order(cast, case, definer)
    code = log(cast)
    with cast.acting("ana") as ana:
        answering.refer_out(
            request=get_request(ana, code),
            reason="no_capacity",
            to_whom="The shelter",
            refer_by=timezone.localdate(),
            by=ana,
        )
    assert lines(cast) == {}, "they have until the evening"
    definer.execute("UPDATE cases_helprequest SET refer_by = current_date - 2 WHERE code = %s", [code])
    assert lines(cast) == lines(cast, "boba") == {"referral_late": code}
    ana, boba = cast.client("ana"), cast.client("boba")
    assert code in ana.get("/").content.decode()
    assert code not in boba.get("/").content.decode(), "on the desk of whoever sent her on"
    left = (
        "UPDATE accounts_user SET is_active = %s, deactivated_at = %s, deactivated_by_id = %s WHERE login_name = 'ana'"
    )
    definer.execute(left, [False, timezone.now(), cast.boba.pk])
    assert code in boba.get("/").content.decode(), "unless she has left"
    definer.execute(left, [True, None, None])
    url = f"/requests/{code}/referral"
    assert boba.post(url, {"seen": ""}).status_code == 422
    said = boba.post(url, {"seen": "", "answer": "not_taken_in"}, follow=True).content.decode()
    assert "If she still needs somebody, open it again." in said
    assert "They have not taken her in:" in said
    assert "Boba" in said
    stale = boba.post(url, {"seen": "", "answer": "taken_in"}, follow=True).content.decode()
    assert "Somebody has noted another answer meanwhile." in stale
    assert lines(cast) == {}
    told = "SELECT detail FROM accounts_auditevent WHERE action = 'referral_answered'"
    assert definer.execute(told).fetchall() == [("not_taken_in",)]
    boba.post(f"/requests/{code}/reopen")
    stands = "SELECT state, referral_answer, referral_answered_by_id FROM cases_helprequest WHERE code = %s"
    assert definer.execute(stands, [code]).fetchone() == ("new", "", None)
    assert boba.post(url, {"answer": "taken_in"}).status_code == 302
    assert definer.execute(stands, [code]).fetchone() == ("new", "", None)


def later(client, row) -> object:
    return client.post(row["later"])


def test_a_line_is_put_off_until_monday_and_comes_back_by_itself(cast, case, definer):
    definer.execute("UPDATE cases_case SET opened_at = %s", [AGO])
    client = cast.client("ana")
    first = client.get("/housekeeping").context["lines"][0]
    assert later(client, first).status_code == 302
    assert later(client, first).status_code == 302, "a second click"
    kept = definer.execute("SELECT user_id, rule, until_on FROM cases_putoff").fetchall()
    assert [row[:2] for row in kept] == [(cast.ana.pk, "no_backup")]
    today = timezone.localdate()
    assert kept[0][2].weekday() == 0
    assert today < kept[0][2] <= today + timedelta(days=7)
    told = "SELECT detail FROM accounts_auditevent WHERE action = 'tidying_put_off'"
    assert definer.execute(told).fetchall() == [("no_backup",)]
    page = client.get("/housekeeping")
    assert "no_backup" not in lines(cast)
    assert "Put off until next week: 1 line." in page.content.decode()
    definer.execute("UPDATE cases_putoff SET until_on = %s", [today])
    assert "no_backup" in lines(cast)
    assert client.get("/housekeeping").context["put_off"] == 0
    later(client, first)
    assert definer.execute("SELECT until_on FROM cases_putoff").fetchall() == [(kept[0][2],)], "the week after"


def test_what_was_put_off_is_shown_again(cast, case, definer):
    definer.execute("UPDATE cases_case SET opened_at = %s", [AGO])
    client = cast.client("ana")
    before = lines(cast)
    for row in client.get("/housekeeping").context["lines"]:
        later(client, row)
    page = client.get("/housekeeping").content.decode()
    assert "Nothing else lies open this week." in page
    assert "Put off until next week: 4 lines." in page
    assert "Weekly tidying</a> <span" not in client.get("/").content.decode(), "no card for what is put off"
    for _click in range(2):
        assert client.post("/housekeeping/again").status_code == 302
    assert lines(cast) == before
    assert len(before) == 4


def test_she_puts_off_her_own_lines_only_and_for_herself(cast, case, definer):
    definer.execute("UPDATE cases_case SET opened_at = %s", [AGO])
    assign(cast, case, "boba", role="backup", voucher="")
    rows = cast.client("ana").get("/housekeeping").context["lines"]
    row = next(row for row in rows if "/quiet/" in row["later"])
    assert later(cast.client("ceca"), row).status_code == 404, "not on the case"
    assert cast.client("ana").post(row["later"].replace("quiet", "risk_again")).status_code == 404, "not open"
    assert cast.client("ana").post(row["later"].replace("quiet", "nothing")).status_code == 404
    assert definer.execute("SELECT count(*) FROM cases_putoff").fetchone() == (0,)
    later(cast.client("ana"), row)
    assert "quiet" not in lines(cast)
    assert "quiet" in lines(cast, "boba")
    cast.client("boba").post("/housekeeping/again")
    assert "quiet" not in lines(cast), "somebody else's are left alone"


def test_lines_of_one_rule_are_told_apart(cast, case, definer):
    in_order(cast, case, definer)
    today = reminded_today()
    with cast.acting("ana") as ana:
        opened = get_case(ana, case).case
        for day, text in ((9, "Report to the police"), (4, "Motion to the court")):
            set_deadline(
                case=opened,
                nonce=uuid4(),
                due_on=today + timedelta(days=day),
                severity=Severity.CRITICAL,
                assignee=None,
                text=text,
                by=ana,
            )
    assign(cast, case, "lana")
    definer.execute("UPDATE cases_assignment SET until_on = current_date + 2 WHERE role = 'lawyer'")
    definer.execute(ROWS["check_late"])
    rows = cast.client("ana").get("/housekeeping").context["lines"]
    meant = [row["meant"] for row in rows]
    assert (
        meant[0]
        == f"Due on {short_time(timezone.localdate() - timedelta(days=1))}: Consent asked, one purpose at a time"
    )
    assert meant[1].startswith(f"{cast.lana.display_name} (Lawyer), until ")
    assert meant[2] == f"Due on {short_time(today + timedelta(days=4))}: Motion to the court"
    assert meant[3] == f"Due on {short_time(today + timedelta(days=9))}: Report to the police"
    assert {row["code"] for row in rows} == {case}


def test_a_page_of_dates_costs_what_one_date_costs(cast, case, definer):
    in_order(cast, case, definer)
    client = cast.client("ana")
    definer.execute(ROWS["date_nobody"])
    queries(client, "/housekeeping")
    one = queries(client, "/housekeeping")
    for _number in range(10):
        definer.execute(ROWS["date_nobody"])
    assert queries(client, "/housekeeping") == one
    assert len(client.get("/housekeeping").context["lines"]) == 10


def test_at_most_ten_lines_and_the_same_number_of_queries(cast, case, definer):
    client = cast.client("ana")
    queries(client, "/housekeeping")
    one = queries(client, "/housekeeping")
    for _number in range(11):
        open_case(cast)
    assert queries(client, "/housekeeping") == one
    page = client.get("/housekeeping")
    assert len(page.context["lines"]) == 10
    assert page.context["more"]


def test_every_rule_has_its_words():
    assert RULES.keys() == set(TidyRule)
