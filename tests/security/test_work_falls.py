"""What somebody was to do on a case is somebody else's when her role ends: the lead's, else a backup's, else nobody's."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.services import people
from cases.access import desk_hints, get_case
from cases.access.plan import list_my_tasks
from cases.choices import CaseRole, EndReason, Severity
from cases.models import Assignment
from cases.services import assignment, tasks
from cases.services.deadlines import set_deadline
from tests.cases.helpers import SLIP, assign, open_case
from tests.conftest import as_role
from tests.security.attack import plant, rewritten, run

OF_WHOM = "SELECT assignee_id FROM cases_task UNION SELECT assignee_id FROM cases_deadline"
TOLD = "SELECT kind, detail FROM cases_timelineentry WHERE detail = 'reassigned' ORDER BY kind"


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup, Ceca works on it with a promise and a date."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    give_work(cast, code, "ceca")
    return code


def give_work(cast, code, name):
    person, day = getattr(cast, name), timezone.localdate() + timedelta(days=5)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        due = timezone.now() + timedelta(hours=3)
        tasks.set_task(case=case, new=tasks.NewTask(uuid4(), "promise", due, True, person, "Call"), by=ana)
        set_deadline(
            case=case, nonce=uuid4(), due_on=day, severity=Severity.CRITICAL, assignee=person, text="Trial", by=ana
        )


def end(cast, code, name, by="ana"):
    with cast.acting(by) as actor:
        case = get_case(actor, code).case
        row = Assignment.objects.get(case=case, user=getattr(cast, name), state="live")
        assignment.end_assignment(assignment=row, reason=EndReason.WORK_DONE, by=actor)


def test_the_page_speaks_to_whoever_ends_it_and_of_an_offer_it_says_nothing_was_read(cast, code):
    cast.vouch("boba", "lana")
    with cast.acting("ana") as ana:
        offered = assignment.offer_assignment(
            case=get_case(ana, code).case, person=cast.lana, role=CaseRole.LAWYER, slip=SLIP, by=ana
        ).pk
        live = Assignment.objects.get(user=cast.ceca, state="live").pk
    said = (
        (
            "ceca",
            live,
            ("End your role", "Your access ends at once", "End my access"),
            ("Her access", "What she has read"),
        ),
        ("ana", live, ("End the role of Ceca", "Her access ends at once", "What she has read"), ("Your access",)),
        (
            "ana",
            offered,
            ("It has opened nothing to her yet.",),
            ("access ends", "What she has read", "End her access"),
        ),
    )
    for name, row, there, missing in said:
        page = cast.client(name).get(f"/cases/{code}/people/{row}/end").content.decode()
        assert all(words in page for words in there), (name, row)
        assert not any(words in page for words in missing), (name, row)
    own = cast.client("ceca").post(f"/cases/{code}/people/{live}/end", {"reason": "own_wish"}, follow=True)
    assert "Your access has ended." in own.content.decode()
    taken = cast.client("ana").post(f"/cases/{code}/people/{offered}/end", {"reason": "offer_withdrawn"}, follow=True)
    assert "Withdrawn: she is not asked any more." in taken.content.decode()


@pytest.mark.parametrize("by", ["ana", "ceca"])
def test_her_work_goes_to_the_lead_whoever_ends_her_role(cast, code, definer, by):
    with cast.acting(by):
        row = Assignment.objects.get(user=cast.ceca, state="live").pk
    page = cast.client(by).get(f"/cases/{code}/people/{row}/end").content.decode()
    whose = "yours" if by == "ceca" else "hers"
    assert f"2 open tasks, promises and dates of {whose} on this case go to Ana." in page
    end(cast, code, "ceca", by)
    assert definer.execute(OF_WHOM).fetchall() == [(cast.ana.pk,)]
    assert definer.execute(TOLD).fetchall() == [("date", "reassigned"), ("task", "reassigned")]
    with cast.acting("ana") as ana:
        assert len(list_my_tasks(ana)) == 1


def test_her_work_goes_to_the_lead_when_her_days_are_over_and_when_she_is_deactivated(cast, code, definer):
    plant("UPDATE cases_assignment SET until_on = now()::date - 2 WHERE user_id = %s", cast.ceca.pk)
    with as_role("worker") as worker:
        assert worker.execute("SELECT app.access_expire('UTC')").fetchone() == (1,)
    assert definer.execute(OF_WHOM).fetchall() == [(cast.ana.pk,)]
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ana, by=vera)
    mine = "SELECT DISTINCT assignee_id FROM cases_task WHERE kind = 'promise'"
    assert definer.execute(mine).fetchall() == [(cast.boba.pk,)]
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.boba, by=vera)
    assert definer.execute(mine).fetchall() == [(None,)]


def test_what_nobody_has_stands_on_the_desk_of_whoever_works_on_the_case(cast, code):
    give_work(cast, code, "ana")
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.boba, by=vera)
        people.deactivate(person=cast.ana, by=vera)
    with cast.acting("ceca") as ceca:
        assert {task.assignee_id for task in list_my_tasks(ceca) if task.kind == "promise"} == {cast.ceca.pk, None}
    plant("DELETE FROM cases_task WHERE assignee_id IS NOT NULL OR kind = 'tell'")
    with cast.acting("ceca"):
        assert desk_hints().tasks


def test_work_is_taken_from_nobody_who_is_on_the_case(cast, code):
    """Work falls only from whoever is on the case no more, and only to whoever it falls to."""
    take = "UPDATE cases_task SET assignee_id = %s WHERE kind = 'promise'"
    koka = cast.koka.pk
    with cast.acting("ana"):
        for person in (None, koka):
            with pytest.raises(DatabaseError, match="not_allowed"), transaction.atomic():
                run(take, person)
    with (
        rewritten(
            "falls_to", "next IS NOT DISTINCT FROM app.heir(wanted, person)\n     AND NOT EXISTS", "true OR EXISTS"
        ),
        cast.acting("ana"),
        transaction.atomic(),
    ):
        run(take, None)
        assert run("SELECT assignee_id FROM cases_task WHERE kind = 'promise'") == [(None,)]
