"""The weekly list: each rule shows its line, nothing of other people's cases, always one query more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.access.housekeeping import list_housekeeping
from cases.views.housekeeping import RULES
from tests.cases.helpers import assign, log, open_case
from tests.cases.test_pages import queries

AGO = timezone.now() - timedelta(days=40)


@pytest.fixture
def case(cast) -> str:
    cast.intake()
    return open_case(cast)


def lines(cast, name: str = "ana") -> dict[str, str]:
    with cast.acting(name) as by:
        return {line.rule: line.at_code for line in list_housekeeping(by)}


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
    assert len(RULES) == 12
