"""An attempt that nobody answers climbs after fifteen minutes, once, and says nothing of the case."""

import pytest
from django.db import DatabaseError, transaction

from cases.access import get_case
from cases.choices import CaseRole
from tests.cases.helpers import assign, on_call
from tests.cases.test_reminders import fire
from tests.security.attack import plant, rewritten, run, switched_off
from tests.security.test_attempt import again, code, mailed, press, told  # noqa: F401 - the fixture
from tests.security.test_quorum import away


def later(minutes: int) -> None:
    """So many minutes after the word."""
    plant("UPDATE cases_riskassessment SET assessed_at = assessed_at - make_interval(mins => %s)", minutes)
    plant("UPDATE cases_notice SET created_at = created_at - make_interval(mins => %s)", minutes)
    plant("DELETE FROM cases_mailout")


@pytest.fixture
def pressed(cast, code):  # noqa: F811 - the fixture
    """Ana notes it alone; Boba is on call and told without the case."""
    on_call(cast, "boba")
    assert "Boba" in press(cast, code)
    return code


def test_after_fifteen_minutes_it_reaches_the_coordinator_and_the_rest_of_intake_once(cast, pressed, definer):
    later(14)
    fire()
    assert told(definer) == [("boba", "needed", False)]
    later(2)
    fire()
    assert told(definer) == [("boba", "needed", False), ("ceca", "needed", False), ("koka", "needed", False)]
    assert mailed(definer) == ["ceca", "koka"]
    desk = cast.client("koka").get("/")
    assert desk.context["next_step"].text == "A case needs somebody at once: call Ana"
    assert pressed not in desk.content.decode()
    later(5)
    fire()
    assert len(told(definer)) == 3
    assert mailed(definer) == []
    plant("DELETE FROM cases_notice WHERE user_id = %s", cast.koka.pk)  # as if she had come to us only now
    fire()
    assert len(told(definer)) == 2, "once for each attempt"


def test_one_who_has_seen_it_is_enough(cast, pressed, definer):
    plant("UPDATE cases_notice SET acknowledged_at = now()")
    later(16)
    fire()
    assert told(definer) == [("boba", "needed", False)]
    again(cast, pressed)
    later(16)
    fire()
    assert ("koka", "needed", False) in told(definer), "another attempt, which nobody has seen"


def test_it_reaches_nobody_whom_a_wall_keeps_out_and_nobody_away(cast, pressed, definer):
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, u.id, now(), c.opened_by_id FROM cases_case c, accounts_user u"
        " WHERE u.login_name = 'koka'"
    )
    later(16)
    fire()
    assert told(definer) == [("boba", "needed", False), ("ceca", "needed", False)]
    assert mailed(definer) == ["ceca"]
    plant("DELETE FROM cases_notice; UPDATE cases_riskassessment SET climbed_at = NULL")
    with rewritten("attempt_next", "AND NOT app.is_walled(u.id, r.case_id)", ""):
        fire()
    assert ("koka", "needed", False) in told(definer), "it is this line that keeps her out"


def test_who_is_away_is_told_where_nobody_else_is_left(cast, pressed, definer):
    away(definer, "ceca", "koka")
    later(16)
    fire()
    assert mailed(definer) == ["ceca", "koka"]


def test_of_a_protected_case_nobody_outside_is_told(cast, pressed, definer):
    before = told(definer)
    plant("UPDATE cases_case SET compartment = 'protected'")
    later(16)
    fire()
    assert told(definer) == before


def test_the_others_of_the_case_who_have_not_looked_are_not_told_twice(cast, code, definer):  # noqa: F811 - the fixture
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    press(cast, code)
    later(16)
    fire()
    assert told(definer) == [("boba", "attempt", True), ("ceca", "needed", False), ("koka", "needed", False)]


def test_nobody_notes_an_attempt_that_does_not_climb(cast, pressed, definer):
    """Past the site: the mark is the clock's, nobody writes it."""
    with cast.acting("ana") as ana:
        case = get_case(ana, pressed).case
        columns = "id, case_id, nonce, level, core_complete, attempt, counts, assessed_at, assessed_by_id, climbed_at"
        values = "gen_random_uuid(), %s, gen_random_uuid(), 'immediate', false, true, false, now(), %s, now()"
        insert = f"INSERT INTO cases_riskassessment ({columns}) VALUES ({values}) RETURNING 1"
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            run(insert, case.pk, ana.pk)
    with switched_off("ALTER TABLE cases_riskassessment DISABLE ROW LEVEL SECURITY"), cast.acting("ana"):
        assert run(insert, case.pk, ana.pk) == [(1,)]
