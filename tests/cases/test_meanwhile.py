"""Two people with the same page open: the second is never told "Done" for nothing, and pushes nobody aside unseen."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.exceptions import WrongState
from cases.access import get_case
from cases.choices import CaseRole
from cases.models import Deadline, Task
from cases.services import deadlines, tasks
from tests.cases.helpers import assign, log, open_case
from tests.security.attack import plant

TOMORROW = str(timezone.localdate() + timedelta(days=1))
LATER = str(timezone.localdate() + timedelta(days=2))
REASON = "Her lawyer filed it on another ground."


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    return code


def posted(client, address, **values):
    """Sent from a page of ours, as a browser does it."""
    return client.post(address, values, headers={"Sec-Fetch-Site": "same-origin"})


# --- Dates ------------------------------------------------------------------------------------
@pytest.fixture
def date(cast, code, definer):
    typed = {"nonce": uuid4(), "due_on": LATER, "text": "Private action", "severity": "critical"}
    assert cast.client("ana").post(f"/cases/{code}/dates", typed).status_code == 302
    return f"/cases/{code}/dates/{definer.execute('SELECT id FROM cases_deadline').fetchone()[0]}"


def test_letting_go_a_date_that_was_met_meanwhile_keeps_the_reason(cast, date, definer):
    ana, boba = cast.client("ana"), cast.client("boba")
    for _click in range(2):
        assert posted(ana, f"{date}/settle").status_code == 302
    late = posted(boba, f"{date}/waive", nonce=uuid4(), reason=REASON)
    assert late.status_code == 409
    assert "Ana has settled this meanwhile: Met." in late.content.decode()
    assert REASON in late.content.decode()
    assert posted(boba, f"{date}/assign", assignee=cast.boba.pk).status_code == 302
    assert definer.execute("SELECT state, assignee_id FROM cases_deadline").fetchone() == ("met", None)
    assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (0,)


def test_meeting_a_date_that_was_let_go_meanwhile_says_so(cast, date, definer):
    ana, boba, nonce = cast.client("ana"), cast.client("boba"), uuid4()
    for _click in range(2):
        assert posted(boba, f"{date}/waive", nonce=nonce, reason=REASON).status_code == 302
    late = posted(ana, f"{date}/settle")
    assert late.status_code == 409
    assert "Boba has settled this meanwhile" in late.content.decode()
    second = posted(ana, f"{date}/waive", nonce=uuid4(), reason="Another reason")  # it would be lost
    assert second.status_code == 409
    assert "Another reason" in second.content.decode()
    assert definer.execute("SELECT state FROM cases_deadline").fetchone() == ("waived",)


def test_a_date_that_was_given_away_meanwhile_is_not_given_again_unseen(cast, code, date, definer):
    assign(cast, code, "lana")
    plant("UPDATE accounts_user SET display_name = 'Lana P.' WHERE login_name = 'lana'")
    ana, boba = cast.client("ana"), cast.client("boba")
    stale, holder = seen_by(boba, date, "assign"), "SELECT assignee_id FROM cases_deadline"
    for _click in range(2):
        assert posted(ana, f"{date}/assign", assignee=cast.lana.pk, seen=stale).status_code == 302
    late = posted(boba, f"{date}/assign", assignee=cast.boba.pk, seen=stale)
    assert late.status_code == 422
    assert "Ana has given it meanwhile to Lana P. Nothing was changed" in late.content.decode()
    assert definer.execute(holder).fetchone() == (cast.lana.pk,)
    now = seen_by(boba, date, "assign")
    assert posted(boba, f"{date}/assign", assignee="", seen=now).status_code == 302
    assert definer.execute(holder).fetchone() == (None,)
    lost = posted(ana, f"{date}/assign", assignee=cast.ana.pk, seen=now)
    assert "Boba has given it meanwhile to Lead and backup." in lost.content.decode()


def test_two_clicks_on_a_date_in_the_same_moment_are_one(cast, code, date, definer):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        first, second, third = (Deadline.objects.get() for _copy in range(3))
        for copy in (first, second):
            deadlines.reassign_deadline(case=case, deadline=copy, assignee=cast.boba, by=ana, seen="")
        with pytest.raises(WrongState, match="Ana has given it meanwhile to Boba"):
            deadlines.reassign_deadline(case=case, deadline=third, assignee=cast.ana, by=ana, seen="")
    lines = definer.execute("SELECT detail FROM cases_timelineentry WHERE kind = 'date' ORDER BY at").fetchall()
    assert lines == [("set",), ("reassigned",)]


def test_letting_a_date_go_is_undone_on_its_page_too(cast, date, definer):
    ana = cast.client("ana")
    assert posted(ana, f"{date}/waive", nonce=uuid4(), reason=REASON).status_code == 302
    assert f'action="{date}/reopen"' in ana.get(date).content.decode()
    assert posted(ana, f"{date}/reopen").status_code == 302
    assert definer.execute("SELECT state FROM cases_deadline").fetchone() == ("running",)
    assert f'action="{date}/reopen"' not in ana.get(date).content.decode()


# --- Tasks ------------------------------------------------------------------------------------
@pytest.fixture
def task(cast, code, definer):
    typed = {"nonce": uuid4(), "kind": "promise", "text": "Call her", "due_on": TOMORROW, "assignee": cast.ana.pk}
    assert cast.client("ana").post(f"/cases/{code}/tasks", typed).status_code == 302
    return f"/cases/{code}/tasks/{definer.execute('SELECT id FROM cases_task').fetchone()[0]}"


def test_a_task_that_was_done_meanwhile_is_not_moved_nor_dropped(cast, task, definer):
    ana, boba = cast.client("ana"), cast.client("boba")
    for client in (ana, ana, boba):  # a second click, and the same by somebody else
        assert posted(client, f"{task}/done").status_code == 302
    for act, values in (("move", {"due_on": LATER}), ("drop", {"reason": "no_contact"})):
        late = posted(boba, f"{task}/{act}", **values)
        assert late.status_code == 409, act
        assert "Ana has settled this meanwhile: Done." in late.content.decode()
    moved = posted(boba, f"{task}/move", due_on=TOMORROW)  # the time it had: still nothing was moved
    assert moved.status_code == 409
    given = boba.post(f"{task}/assign", {"assignee": cast.ana.pk}, follow=True)
    assert "Ana has settled this meanwhile: Done." in given.content.decode()
    assert definer.execute("SELECT detail FROM cases_timelineentry WHERE kind = 'task' ORDER BY at").fetchall() == [
        ("set",),
        ("done",),
    ]


def test_a_task_that_was_dropped_meanwhile_is_not_done(cast, task):
    ana, boba = cast.client("ana"), cast.client("boba")
    for _click in range(2):
        assert posted(boba, f"{task}/drop", reason="her_wish").status_code == 302
    late = posted(ana, f"{task}/done")
    assert late.status_code == 409
    assert "Boba has settled this meanwhile" in late.content.decode()


def seen_by(client, page: str, act: str) -> str:
    """What the page of a task sends back with one of its forms."""
    return re.search(rf'/{act}" novalidate>.*?name="seen" value="([^"]*)"', client.get(page).content.decode())[1]


def test_a_task_that_was_moved_meanwhile_is_not_moved_again_unseen(cast, task, definer):
    ana, boba = cast.client("ana"), cast.client("boba")
    stale, third = seen_by(boba, task, "move"), str(timezone.localdate() + timedelta(days=3))
    for _click in range(2):
        assert posted(ana, f"{task}/move", due_on=LATER, seen=stale).status_code == 302
    late = posted(boba, f"{task}/move", due_on=third, seen=stale)
    assert late.status_code == 422
    assert "Ana has moved it meanwhile to" in late.content.decode()
    assert f'value="{third}"' in late.content.decode()
    moved = "SELECT count(*) FROM cases_timelineentry WHERE detail = 'moved'"
    assert definer.execute(moved).fetchone() == (1,)
    assert posted(boba, f"{task}/move", due_on=third, seen=seen_by(boba, task, "move")).status_code == 302
    assert definer.execute(moved).fetchone() == (2,)


def test_two_clicks_in_the_same_moment_are_one(cast, code, task, definer):
    """Both requests have read the task before either has changed it."""
    later = tasks.end_of(timezone.localdate() + timedelta(days=2))
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        for change in ({"due_at": later}, {"assignee": cast.boba}):
            act = tasks.move_task if "due_at" in change else tasks.reassign_task
            first, second = Task.objects.get(), Task.objects.get()
            seen = first.due_at.isoformat() if "due_at" in change else str(first.assignee_id)
            act(case=case, task=first, **change, by=ana, seen=seen)
            act(case=case, task=second, **change, by=ana, seen=seen)
        stale = Task.objects.get()
        tasks.move_task(case=case, task=Task.objects.get(), due_at=later + timedelta(days=1), by=ana)
        with pytest.raises(WrongState, match="Ana has moved it meanwhile"):  # another time, all the same
            tasks.move_task(
                case=case, task=stale, due_at=later + timedelta(days=2), by=ana, seen=stale.due_at.isoformat()
            )
    lines = definer.execute("SELECT detail FROM cases_timelineentry WHERE kind = 'task' ORDER BY at").fetchall()
    assert lines == [("set",), ("moved",), ("reassigned",), ("moved",)]


def test_a_task_that_was_given_away_meanwhile_is_not_given_again_unseen(cast, code, task, definer):
    assign(cast, code, "lana")
    ana, boba = cast.client("ana"), cast.client("boba")
    stale = seen_by(boba, task, "assign")
    for _click in range(2):
        assert posted(ana, f"{task}/assign", assignee=cast.lana.pk, seen=stale).status_code == 302
    late = posted(boba, f"{task}/assign", assignee=cast.boba.pk, seen=stale)
    assert late.status_code == 422
    assert "Ana has given it meanwhile to Lana." in late.content.decode()
    assert definer.execute("SELECT assignee_id FROM cases_task").fetchone() == (cast.lana.pk,)
    assert posted(boba, f"{task}/assign", assignee=cast.boba.pk, seen=seen_by(boba, task, "assign")).status_code == 302
    assert definer.execute("SELECT assignee_id FROM cases_task").fetchone() == (cast.boba.pk,)


@pytest.mark.parametrize("act", ["move", "assign"])
def test_a_task_that_was_moved_or_given_away_meanwhile_is_not_dropped_unseen(cast, code, task, definer, act):
    ana, boba = cast.client("ana"), cast.client("boba")
    stale = seen_by(boba, task, "drop")
    change = {"due_on": LATER} if act == "move" else {"assignee": cast.boba.pk}
    assert posted(ana, f"{task}/{act}", **change, seen=seen_by(ana, task, act)).status_code == 302
    late = posted(boba, f"{task}/drop", reason="her_wish", seen=stale)
    assert late.status_code == 422
    said = "Ana has moved it meanwhile to" if act == "move" else "Ana has given it meanwhile to Boba."
    assert said in late.content.decode()
    state = "SELECT state FROM cases_task"
    assert definer.execute(state).fetchone() == ("open",)
    with cast.acting("ana") as person:  # in the same moment
        case, copies = get_case(person, code).case, [Task.objects.get() for _copy in range(2)]
        seen = f"{copies[0].assignee_id}/{copies[0].due_at.isoformat()}"
        tasks.move_task(case=case, task=Task.objects.get(), due_at=tasks.end_of(timezone.localdate()), by=person)
        with pytest.raises(WrongState, match="Ana has moved it meanwhile"):
            tasks.drop_task(case=case, task=copies[1], reason="her_wish", by=person, seen=seen)
    now = seen_by(boba, task, "drop")
    for _click in range(2):
        assert posted(boba, f"{task}/drop", reason="her_wish", seen=now).status_code == 302
    assert definer.execute(state).fetchone() == ("dropped",)


def test_a_waiting_that_began_anew_meanwhile_is_not_ended_unseen(cast, request_page, definer):
    ana, boba = cast.client("ana"), cast.client("boba")
    ana.post(f"{request_page}/ask-back", {"look_again_on": TOMORROW})
    stale = seen_on(boba, request_page)
    assert f'name="seen" value="{stale}"' in boba.get(request_page).content.decode().partition("go-on")[2][:700]
    ana.post(f"{request_page}/ask-back", {"look_again_on": LATER, "seen": stale})
    late = boba.post(f"{request_page}/go-on", {"seen": stale}, follow=True)
    assert "Meanwhile we wait for her answer until" in late.content.decode()
    state = "SELECT state FROM cases_helprequest"
    assert definer.execute(state).fetchone() == ("awaiting_person",)
    boba.post(f"{request_page}/go-on", {"seen": seen_on(boba, request_page)})
    assert definer.execute(state).fetchone() == ("acknowledged",)


# --- Requests ---------------------------------------------------------------------------------
def hours(number):
    return timezone.localtime(timezone.now() + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def request_page(cast):
    cast.intake()
    return f"/requests/{log(cast)}"


def seen_on(client, page):
    return client.get(page).context["waiting_seen"]


def test_a_promise_is_not_overwritten_unseen(cast, request_page, definer):
    ana, boba = cast.client("ana"), cast.client("boba")
    stale, first, second = seen_on(boba, request_page), hours(30), hours(50)
    for _click in range(2):
        assert ana.post(f"{request_page}/promise", {"until": first, "seen": stale}).status_code == 302
    promised = definer.execute("SELECT promised_for FROM cases_helprequest").fetchone()
    late = boba.post(f"{request_page}/promise", {"until": second, "seen": stale})
    assert late.status_code == 422
    assert "Meanwhile she was promised" in late.content.decode()
    assert "Ana has the request" in late.content.decode()
    assert second in late.content.decode()
    waits = boba.post(f"{request_page}/ask-back", {"look_again_on": LATER, "seen": stale})
    assert waits.status_code == 422
    assert definer.execute("SELECT promised_for FROM cases_helprequest").fetchone() == promised
    again = {"until": second, "seen": late.context["waiting_seen"]}  # she has looked, and means it
    assert boba.post(f"{request_page}/promise", again).status_code == 302
    assert definer.execute("SELECT promised_for FROM cases_helprequest").fetchone() > promised


def test_a_promise_that_was_kept_is_not_taken_back_unseen(cast, request_page):
    ana, boba = cast.client("ana"), cast.client("boba")
    ana.post(f"{request_page}/promise", {"until": hours(30)})
    stale = seen_on(boba, request_page)
    kept = ana.post(f"{request_page}/promise/end", {"how": "kept", "seen": stale}, follow=True)
    assert "Noted: the promise was kept" in kept.content.decode()
    late = boba.post(f"{request_page}/promise/end", {"how": "taken_back", "seen": stale}, follow=True)
    assert "kept or taken back meanwhile" in late.content.decode()
    assert "Noted" not in late.content.decode()


def test_on_whose_desk_it_waits_is_said(cast, request_page, definer):
    ana, boba = cast.client("ana"), cast.client("boba")
    boba.post(f"{request_page}/ask-back", {"look_again_on": TOMORROW})
    ana.post(f"{request_page}/take", {"seen": str(cast.boba.pk)})
    said = boba.post(f"{request_page}/ask-back", {"look_again_on": LATER}, follow=True).content.decode()
    assert "on the desk of Ana, who has it" in said
    late = boba.post(f"{request_page}/assign", {"person": cast.boba.pk, "seen": str(cast.boba.pk)}, follow=True)
    assert "Ana has taken it meanwhile" in late.content.decode()
    assert definer.execute("SELECT assignee_id FROM cases_helprequest").fetchone() == (cast.ana.pk,)
