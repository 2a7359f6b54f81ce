"""What services refuse, raw SQL under role web must not do either: an insider with a hole, or a bug of ours."""

import pytest
from django.db import DatabaseError, transaction

from cases.access import get_case
from cases.access.timeline import list_timeline
from cases.services import links
from tests.cases.helpers import assign, log, on_call, open_case, rate
from tests.security.attack import open_table, run, switched_off


def refused(statement: str, *arguments: object) -> None:
    reasons = r"row-level security|permission denied|not_allowed"
    with pytest.raises(DatabaseError, match=reasons), transaction.atomic():
        run(statement, *arguments)


# --- Who is put on call -----------------------------------------------------------------------
SHIFT = (
    "INSERT INTO cases_dutyshift (id, starts_at, ends_at, on_call_id, second_id, entered_at, entered_by_id)"
    " VALUES (gen_random_uuid(), now(), now() + make_interval(hours => %s), %s, %s, now(), %s)"
)
SECOND = "UPDATE cases_dutyshift SET second_id = %s RETURNING 1"
NO_PLANNING = "ALTER TABLE cases_dutyshift DISABLE TRIGGER shift_planned"


def test_nobody_outside_intake_is_put_on_call_or_second(cast):
    cast.intake()
    ana, boba, ceca, lana = cast.ana.pk, cast.boba.pk, cast.ceca.pk, cast.lana.pk
    attacks = [(8, ceca, None), (8, lana, None), (8, boba, ceca), (8, boba, boba), (200, boba, None)]
    with cast.acting("ana"):
        for hours, on_call_id, second in attacks:
            refused(SHIFT, hours, on_call_id, second, ana)
        run(SHIFT, 8, boba, None, ana)
        refused(SECOND, ceca)
        assert run(SECOND, ana) == [(1,)]
    with switched_off(NO_PLANNING), cast.acting("ana"):
        assert run(SECOND, ceca) == [(1,)]
        for number, (hours, on_call_id, second) in enumerate(attacks, 1):
            run(SHIFT, hours + number, on_call_id, second, ana)


def test_a_shift_of_somebody_who_left_intake_is_still_taken_out(cast, definer):
    cast.intake()
    on_call(cast, "boba")
    definer.execute("DELETE FROM accounts_teammember WHERE user_id = %s", [cast.boba.pk])
    cancel = "UPDATE cases_dutyshift SET cancelled_at = now(), cancelled_by_id = app.uid() RETURNING 1"
    with cast.acting("ana"):
        assert run(cancel) == [(1,)]


# --- Risk is never unrated --------------------------------------------------------------------
RATING = (
    "INSERT INTO cases_riskassessment (id, case_id, nonce, level, core_complete, attempt, counts, assessed_at, assessed_by_id)"
    " SELECT gen_random_uuid(), id, gen_random_uuid(), 'unknown', false, false, false, now(), app.uid() FROM cases_case"
)
ASK = (
    "INSERT INTO cases_approval (id, case_id, kind, record_id, detail, state, asked_at, asked_by_id)"
    " SELECT gen_random_uuid(), case_id, 'lower_risk', id, '', 'asked', now(), app.uid() FROM cases_riskassessment"
    " WHERE level = 'unknown'"
)


@pytest.mark.parametrize("level", ["standard", "elevated", "high", "immediate"])
def test_what_was_rated_never_becomes_unrated(cast, level):
    cast.intake()
    code = open_case(cast)
    rate(cast, code, level)
    with cast.acting("ana"):
        refused(RATING)
    with switched_off("ALTER TABLE cases_riskassessment DISABLE TRIGGER risk_assessed"), cast.acting("ana"):
        run(RATING)
    with cast.acting("ana"):
        refused(ASK)
    with switched_off("ALTER TABLE cases_approval DISABLE TRIGGER approval_asked"), cast.acting("ana"):
        run(ASK)


# --- A request is logged fresh ----------------------------------------------------------------
@pytest.mark.parametrize(
    "set_",
    [
        {"assignee_id": "app.uid()"},
        {"taken_at": "now()", "taken_by_id": "app.uid()"},
        {"acknowledged_at": "now()", "acknowledged_by_id": "app.uid()"},
        {"state": "'spam'", "ended_at": "now()", "ended_by_id": "app.uid()"},
        {"state": "'duplicate'", "duplicate_of_id": "r.id"},
        {"duplicate_of_id": "r.id"},
        {"waiting_until": "now() + interval '1 year'"},
        {"promised_for": "now() + interval '1 year'"},
        {"risk": "'standard'"},
        {"end_reason": "'other'"},
        {"refer_by": "now()"},
        {"referral_answer": "'taken_in'"},
    ],
    ids=lambda set_: " ".join(set_),
)
def test_only_a_fresh_request_is_logged(cast, set_):
    cast.intake()
    code = log(cast, by="ana")
    columns = {
        "id": "gen_random_uuid()", "code": "'FAKE-CODE'", "nonce": "gen_random_uuid()", "team_id": "r.team_id",
        "restricted": "false", "state": "'new'", "channel": "r.channel", "language": "r.language", "about": "r.about",
        "minor": "r.minor", "in_danger_now": "false", "thinks_of_ending_life": "false", "risk": "'unknown'",
        "received_at": "now()", "respond_by": "now()", "logged_by_id": "app.uid()", "end_reason": "''",
        "told_in_writing": "false", "referral_answer": "''", "inbox_public_key": "r.inbox_public_key",
    }  # fmt: skip

    def insert(**more: str) -> str:
        both = {**columns, **more}
        names, values = ", ".join(both), ", ".join(both.values())
        return f"INSERT INTO cases_helprequest ({names}) SELECT {values} FROM cases_helprequest r WHERE r.code = %s"

    with cast.acting("ana"):
        refused(insert(**set_), code)
        run(insert(), code)
    with switched_off(open_table("cases_helprequest")), cast.acting("ana"):
        run(insert(**set_, code="'FAKE-2222'"), code)


# --- A line about a link ----------------------------------------------------------------------
def test_a_link_is_told_only_to_whoever_sees_both_cases(cast):
    cast.intake()
    mine, other = open_case(cast), open_case(cast)
    assign(cast, mine, "lana")
    with cast.acting("ana") as ana:
        first, second = (get_case(ana, code).case for code in (mine, other))
        links.link_cases(case=first, other=second, kind="same_group", by=ana)

    def seen(name: str) -> tuple[int, int]:
        """Lines by raw SQL, and on the page."""
        with cast.acting(name) as person:
            page = list_timeline(get_case(person, mine), person, kind="link")
            return run("SELECT count(*) FROM cases_timelineentry WHERE kind = 'link'")[0][0], len(list(page))

    assert seen("ana") == (1, 1)
    assert seen("lana") == (0, 0)
    assert b"Same group" not in cast.client("lana").get(f"/cases/{mine}/timeline").content
    with switched_off(open_table("cases_timelineentry")):
        assert seen("lana") == (1, 0)  # each of the two holds alone
    assign(cast, other, "lana", voucher="")
    assert seen("lana") == (1, 1)
