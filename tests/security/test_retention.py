"""How long a case is kept: closing proposes a day, two decide, a coordinator sees codes and days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case, retention
from cases.choices import CaseState
from cases.codes import ClosureReason, LegalOutcome
from cases.compartments import ErasureReason
from cases.models import Approval, Case
from cases.services import erasing, walls
from cases.services.closing import reopen_case
from tests.cases import erasing as acts
from tests.conftest import as_role
from tests.security.attack import plant, rewritten


@pytest.fixture
def code(cast):
    cast.intake()
    return acts.full_case(cast)


def close(cast, code, days_ago=0):
    """Closed, and due since so many days."""
    with cast.acting("ana") as ana:
        pk = get_case(ana, code).case.pk
    plant("UPDATE cases_case SET risk = 'standard' WHERE id = %s", pk)
    plant("DELETE FROM cases_reminder")
    plant("DELETE FROM cases_deadline WHERE case_id = %s", pk)
    with cast.acting("ana"):
        database.value("case_close", pk, CaseState.CLOSED, ClosureReason.NEEDS_MET, LegalOutcome.NONE)
    if days_ago:
        plant("UPDATE cases_case SET retention_due_on = current_date - %s WHERE id = %s", days_ago, pk)


def test_closing_proposes_a_day_and_opening_again_takes_it_back(cast, code, definer):
    close(cast, code)
    (due,) = definer.execute("SELECT retention_due_on FROM cases_case").fetchone()
    assert abs((due - timezone.localdate()).days - 5 * 365.25) < 3
    with cast.acting("ana") as ana:
        reopen_case(case=get_case(ana, code).case, text="She is back.", by=ana)
    assert definer.execute("SELECT retention_due_on FROM cases_case").fetchone() == (None,)


def ask_retention(cast, code):
    with cast.acting("ana") as ana:
        asked = erasing.ask_erasure(case=get_case(ana, code).case, kept=None, reason=ErasureReason.RETENTION, by=ana)
        return Approval.objects.get(pk=asked)


def test_nothing_goes_before_its_day_and_nothing_goes_by_itself(cast, code, definer):
    close(cast, code)
    with pytest.raises(NotAllowed):
        ask_retention(cast, code)
    plant("UPDATE cases_case SET retention_due_on = current_date - 400")
    with as_role("worker") as worker:
        worker.execute("SELECT app.reminders_fire('Europe/Belgrade')")
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (1,)
    acts.agree(cast, ask_retention(cast, code))
    assert acts.logged(definer, "case_erased")[0][1] == "case:retention"


def test_what_does_not_fit_the_case_any_more_is_not_done(cast, code, definer):
    """Asked as kept long enough, then opened again; asked to keep a date, which was settled meanwhile."""
    close(cast, code, days_ago=3)
    approval = ask_retention(cast, code)
    with cast.acting("ana") as ana:
        reopen_case(case=get_case(ana, code).case, text="She is back.", by=ana)
    with pytest.raises(WrongState, match="does not fit"):
        acts.agree(cast, approval)
    assert definer.execute("SELECT state FROM cases_case").fetchone() == ("open",)
    judged = "NOT app.ending_fits(hit.case_id, hit.kind, hit.record_id, hit.detail)"
    with rewritten("ending_do", judged, "false"):
        acts.agree(cast, approval)
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)


def test_a_date_that_was_settled_meanwhile_is_not_what_stays(cast, code, definer):
    date = acts.critical_date(code, cast)
    approval = acts.ask(cast, code, kept=date)
    plant(
        "UPDATE cases_deadline SET state = 'met', settled_at = now(), settled_by_id = %s WHERE id = %s",
        cast.ana.pk,
        date,
    )
    with pytest.raises(WrongState, match="does not fit"):
        acts.agree(cast, approval)
    assert definer.execute("SELECT state FROM cases_case").fetchone() == ("open",)


def test_the_list_of_the_house_tells_of_no_question_about_a_wall(cast, code):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        walls.keep_out(case=case, person=cast.boba, reason="named", text="Her brother.", second=True, by=ana)
    close(cast, code, days_ago=3)
    with cast.acting("koka"):
        assert [row.asked for row in retention.list_due_for_house(page=1)] == [""]
    with rewritten("retention_list", "p.kind IN ('erase_case', 'keep_case', 'lift_hold')", "true"), cast.acting("koka"):
        assert [row.asked for row in retention.list_due_for_house(page=1)] == ["set_wall"]


def test_two_keep_it_longer(cast, code, definer):
    close(cast, code, days_ago=3)
    until = timezone.localdate() + timedelta(days=200)
    with cast.acting("ana") as ana:
        asked = erasing.ask_to_keep(case=get_case(ana, code).case, until=until, by=ana)
        approval = Approval.objects.get(pk=asked)
        with pytest.raises(WrongState):
            erasing.ask_to_keep(case=get_case(ana, code).case, until=until, by=ana)
    acts.agree(cast, approval)
    assert definer.execute("SELECT retention_due_on FROM cases_case").fetchone() == (until,)


def test_the_coordinator_sees_codes_and_days_and_no_protected_case(cast, code):
    close(cast, code, days_ago=3)
    with cast.acting("koka"):
        (row,) = retention.list_due_for_house(page=1)
        assert (row.code, row.held, row.asked, row.lead) == (code, False, "", "Ana")
        assert Case.objects.count() == 0
    with cast.acting("ana") as ana:
        assert [case.code for case in retention.list_due_cases(ana, page=1)] == [code]
        assert database.rows("retention_list", 0, 10) == []
    plant("UPDATE cases_case SET compartment = 'protected'")
    with cast.acting("koka"):
        assert list(retention.list_due_for_house(page=1)) == []
