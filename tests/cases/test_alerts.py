"""Urgent requests alert whoever is on call at once and climb: rungs, recipients, mails, two workers, lost ticks."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_request
from cases.access.duty import list_alerts
from cases.access.handover import collect
from cases.access.queue import for_desk
from cases.models import HelpRequest
from cases.services import absence, answering
from tests.cases.helpers import CORE_ANSWERS, log, on_call, request_state
from tests.cases.test_completing import post as change
from tests.cases.test_reminders import fire
from tests.conftest import as_role
from tests.security.attack import plant, rewritten, run


@pytest.fixture
def intake(cast, definer):
    cast.intake()
    cast.person("koka")
    return cast


def minutes_pass(number: int) -> None:
    """Stored times move, because row security and ladders use PostgreSQL's clock."""
    plant(
        "UPDATE cases_helprequest SET urgent_since = urgent_since - make_interval(mins => %(m)s),"
        " taken_at = taken_at - make_interval(mins => %(m)s), respond_by = respond_by - make_interval(mins => %(m)s)".replace(
            "%(m)s", str(number)
        )
    )
    plant(f"UPDATE cases_alert SET since = since - make_interval(mins => {number})")


def alerted(definer) -> list[tuple[str, int]]:
    return definer.execute(
        "SELECT u.login_name, a.rung FROM cases_alert a JOIN accounts_user u ON u.id = a.recipient_id ORDER BY 2, 1"
    ).fetchall()


def mails(definer) -> list[tuple[str, str]]:
    return definer.execute(
        "SELECT u.login_name, m.kind FROM cases_mailout m JOIN accounts_user u ON u.id = m.recipient_id ORDER BY 1"
    ).fetchall()


@pytest.mark.parametrize("how", ["in_danger_now", "thinks_of_ending_life"])
def test_whoever_is_on_call_is_alerted_in_the_same_transaction(intake, definer, how):
    on_call(intake, "boba")
    code = log(intake, **{how: True})
    assert alerted(definer) == [("boba", 0)]
    assert mails(definer) == [("boba", "now")]
    with intake.acting("boba") as boba:
        assert [request.code for request in list_alerts(boba)] == [code]


def test_an_ordinary_request_alerts_nobody_until_it_becomes_urgent(intake, definer):
    on_call(intake, "boba")
    code = log(intake)
    fire()
    assert alerted(definer) == []
    with intake.acting("ana"):
        HelpRequest.objects.filter(code=code).update(risk="immediate")
    assert alerted(definer) == [("boba", 0)]


def test_without_anybody_on_call_the_whole_team_is_alerted_at_once(intake, definer):
    log(intake, in_danger_now=True)
    assert alerted(definer) == [("ana", 0), ("boba", 0)]


@pytest.mark.parametrize("why", ["outside the team", "walled", "gone"])
def test_whoever_is_on_call_and_may_not_see_it_is_passed_over(intake, definer, why):
    on_call(intake, "boba")
    if why == "outside the team":
        plant("UPDATE cases_dutyshift SET on_call_id = %s", intake.ceca.pk)  # she was of intake when it was planned
    if why == "gone":
        plant(
            "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = %s WHERE id = %s",
            intake.vera.pk,
            intake.boba.pk,
        )
    if why == "walled":
        code = log(intake)
        plant(
            "INSERT INTO cases_wall (id, request_id, user_id, set_at, set_by_id)"
            " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_helprequest",
            intake.boba.pk,
            intake.ana.pk,
        )
        with intake.acting("ana"):
            HelpRequest.objects.filter(code=code).update(in_danger_now=True)
    else:
        log(intake, in_danger_now=True)
    names = [name for name, _rung in alerted(definer)]
    assert names == (["ana", "boba"] if why == "outside the team" else ["ana"])


def test_a_restricted_request_alerts_members_of_the_restricted_team_only(intake, definer):
    plant(
        "DELETE FROM accounts_teammember m USING accounts_team t WHERE t.id = m.team_id AND t.kind = 'restricted'"
        " AND m.user_id = %s",
        intake.boba.pk,
    )
    on_call(intake, "boba")
    log(intake, restricted=True, in_danger_now=True)
    assert alerted(definer) == [("ana", 0)]


def test_the_ladder_climbs_to_second_team_and_coordinators(intake, definer):
    on_call(intake, "boba", "ana")
    log(intake, in_danger_now=True)
    fire()
    assert alerted(definer) == [("boba", 0)]
    minutes_pass(5)
    fire()
    assert alerted(definer)[1:] == [("ana", 5)]
    with intake.acting("koka"):
        assert run("SELECT * FROM app.urgent_waiting()") == [(1, 0, 0, ["Ana", "Boba"])]
    minutes_pass(5)
    fire()
    assert alerted(definer)[2:] == [("ana", 10), ("boba", 10)]
    minutes_pass(5)
    fire()
    assert alerted(definer)[4:] == [("koka", 15)]
    with intake.acting("koka"):
        assert run("SELECT * FROM app.urgent_waiting()") == [(1, 1, 0, ["Ana", "Boba"])]
        assert run("SELECT count(*) FROM cases_notice") == [(0,)]  # a number, no code
    with intake.acting("ana"):
        assert run("SELECT * FROM app.urgent_waiting()") == []
        assert len(run("SELECT 1 FROM cases_notice")) == 1  # two rungs, one line on her desk
    assert fire() == 0


def test_after_downtime_everybody_is_told_once(intake, definer):
    on_call(intake, "boba", "ana")
    log(intake, in_danger_now=True)
    plant("DELETE FROM cases_mailout")
    minutes_pass(600)
    fire()
    assert mails(definer) == [("ana", "now"), ("boba", "now"), ("koka", "now")]
    assert fire() == 0


def test_two_workers_at_once_fire_once(intake, definer):
    on_call(intake, "boba", "ana")
    for _index in range(4):
        log(intake, in_danger_now=True)
    plant("DELETE FROM cases_mailout")
    minutes_pass(5)
    barrier = Barrier(2)

    def tick() -> None:
        barrier.wait()
        fire()

    threads = [Thread(target=tick) for _index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alerted(definer) == [("boba", 0)] * 4 + [("ana", 5)] * 4
    assert mails(definer) == [("ana", "now")]


@pytest.mark.parametrize("how", ["acknowledged", "ended"])
def test_an_answer_stops_the_ladder(intake, definer, how):
    code = log(intake, in_danger_now=True)
    with intake.acting("ana") as ana:
        request = get_request(ana, code)
        if how == "acknowledged":
            answering.acknowledge(request=request, by=ana)
        else:
            plant("UPDATE cases_helprequest SET ended_at = now(), ended_by_id = %s", ana.pk)
    minutes_pass(60)
    assert fire() == 0


@pytest.mark.parametrize("state", ["awaiting_person", "waiting"])
def test_waiting_never_silences_an_urgent_request_that_nobody_has_acknowledged(intake, definer, state):
    code = log(intake, in_danger_now=True)
    with intake.acting("ana") as ana, pytest.raises(WrongState, match="First “Acknowledge"):
        ANSWERED[state](get_request(ana, code), ana)
    with intake.acting("ana"), pytest.raises(DatabaseError, match="acknowledge_first"), transaction.atomic():
        HelpRequest.objects.filter(code=code).update(state=state, waiting_until=timezone.now() + timedelta(days=3))
    client, day = intake.client("ana"), timezone.localdate() + timedelta(days=3)
    address, values = {
        "awaiting_person": ("ask-back", {"look_again_on": day.isoformat()}),
        "waiting": ("promise", {"until": f"{day}T10:30"}),
    }[state]
    assert "First “Acknowledge" in client.get(f"/requests/{code}").content.decode(), "said beforehand"
    page = client.post(f"/requests/{code}/{address}", values)
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == values.keys()
    assert day.isoformat() in page.content.decode(), "what she typed is still there"
    assert request_state(definer, code) == "new"
    with intake.acting("ana") as ana:
        answering.acknowledge(request=get_request(ana, code), by=ana)
        ANSWERED[state](get_request(ana, code), ana)
    assert request_state(definer, code) == state


def test_whoever_acknowledges_what_nobody_has_has_it(intake, definer):
    code, second, others = (log(intake, in_danger_now=urgent) for urgent in (True, False, True))
    with intake.acting("boba") as boba:
        answering.assign(request=get_request(boba, others), person=boba, by=boba)
    client = intake.client("ana")
    page = client.post(f"/requests/{code}/acknowledge", follow=True).content.decode()
    assert "It is yours now, because nobody had it." in page
    for other in (second, others):
        client.post(f"/requests/{other}/acknowledge")
    with intake.acting("ana") as ana:
        names = {row.code: row.assignee.login_name for row in HelpRequest.objects.select_related("assignee")}
        assert names == {code: "ana", second: "ana", others: "boba"}
        mine = for_desk(ana, until=timezone.now())[1]
        assert [row.code for row in mine] == [code], "an urgent one stays on her desk"
        assert code in {row.code for row in collect(ana)}


def test_i_take_it_rests_the_ladder_for_half_an_hour_and_then_it_climbs_anew(intake, definer):
    on_call(intake, "boba")
    code = log(intake, in_danger_now=True)
    with intake.acting("boba") as boba:
        answering.take(request=get_request(boba, code), seen="", by=boba)
        answering.take(request=get_request(boba, code), seen="", by=boba)  # a second click
        found = get_request(boba, code)
        assert (found.taken_by_id, found.assignee_id) == (boba.pk, boba.pk)
        assert not list_alerts(boba)
    minutes_pass(29)
    assert fire() == 0
    minutes_pass(2)
    fire()
    assert alerted(definer) == [("boba", 0), ("boba", 0)]
    minutes_pass(16)
    fire()
    assert ("koka", 15) in alerted(definer)


def test_a_request_that_is_opened_again_alerts_again(intake, definer):
    on_call(intake, "boba")
    code = log(intake, in_danger_now=True)
    with intake.acting("ana") as ana:
        answering.end_request(request=get_request(ana, code), state="information_given", reason="answered", by=ana)
        answering.reopen_request(request=get_request(ana, code), by=ana)
    assert alerted(definer) == [("boba", 0), ("boba", 0)]


ANSWERED = {
    "acknowledged": lambda request, by: answering.acknowledge(request=request, by=by),
    "awaiting_person": lambda request, by: answering.ask_back(
        request=request, look_again_on=timezone.localdate() + timedelta(days=2), by=by
    ),
    "waiting": lambda request, by: answering.promise_date(
        request=request, until=timezone.now() + timedelta(days=3), by=by
    ),
}


@pytest.mark.parametrize("how", ["in_danger_now", "thinks_of_ending_life", "questions"])
@pytest.mark.parametrize("state", sorted(ANSWERED))
def test_a_request_that_becomes_urgent_after_its_answer_is_new_again_and_alerts(intake, definer, state, how):
    """An answer from before does not count: its holder and whoever is on call are alerted, the clock is a new one."""
    on_call(intake, "boba")
    code = log(intake, contacts={}, minor="unknown")
    with intake.acting("ana") as ana:
        answering.assign(request=get_request(ana, code), person=ana, by=ana)
        ANSWERED[state](get_request(ana, code), ana)
        assert get_request(ana, code).state == state
    minutes_pass(60)
    boba = intake.client("boba")
    if how == "questions":
        page = boba.post(f"/requests/{code}/risk", CORE_ANSWERS)
    else:
        page = change(boba, code, **{how: "on"})
    assert page.status_code == 302
    assert alerted(definer) == [("ana", 0), ("boba", 0)]
    assert mails(definer) == [("ana", "now"), ("boba", "now")]
    for name in ("ana", "boba"):
        with intake.acting(name) as person:
            assert [request.code for request in list_alerts(person)] == [code]
            found = get_request(person, code)
    assert (found.state, found.assignee_id, found.acknowledged_at) == ("new", intake.ana.pk, None)
    assert timedelta(minutes=14) < found.respond_by - timezone.now() <= timedelta(minutes=15)
    assert bool(found.promise) == (state == "waiting"), "what was promised stands"
    page = boba.get(f"/requests/{code}").content.decode()
    assert "it became urgent: she needs an answer at once" in page
    assert "Acknowledge: she has an answer" in page
    assert "Answer by:" in page
    minutes_pass(15)
    fire()
    assert ("koka", 15) in alerted(definer)
    boba.post(f"/requests/{code}/acknowledge")  # she has an answer now
    change(boba, code, phone="+38160")  # nothing new that is urgent
    minutes_pass(60)
    assert fire() == 0
    with intake.acting("ana") as ana:
        assert get_request(ana, code).state == "acknowledged"
        assert not list_alerts(ana)


def test_nobody_silences_it_by_editing_in_the_same_step(intake, definer):
    """State, who answered, who took it and the clock are set anew where it becomes urgent, whatever is written with it."""
    on_call(intake, "boba")
    code = log(intake, contacts={}, minor="unknown")
    with intake.acting("ana") as ana:
        now = timezone.now()
        answered = {"state": "acknowledged", "acknowledged_at": now, "acknowledged_by": ana}
        HelpRequest.objects.filter(code=code).update(
            in_danger_now=True, taken_at=now + timedelta(days=1), taken_by=ana, **answered
        )
    assert alerted(definer) == [("boba", 0)]
    with intake.acting("ana") as ana:
        found = get_request(ana, code)
        assert (found.state, found.acknowledged_by_id, found.taken_at) == ("new", None, None)
        with pytest.raises(DatabaseError), transaction.atomic():
            HelpRequest.objects.filter(code=code).update(in_danger_now=False)


def test_it_is_silenced_by_editing_with_the_control_off(intake, definer):
    on_call(intake, "boba")
    code = log(intake, contacts={}, minor="unknown")
    with intake.acting("ana") as ana:
        answering.acknowledge(request=get_request(ana, code), by=ana)
    with rewritten("urgency_begins", "NEW.state := 'new';", ""), intake.acting("ana"):
        HelpRequest.objects.filter(code=code).update(in_danger_now=True)
    assert alerted(definer) == []


def test_i_take_it_from_before_it_was_urgent_does_not_rest_the_ladder(intake, definer):
    on_call(intake, "boba")
    code = log(intake, contacts={}, minor="unknown")
    with intake.acting("boba") as boba:
        answering.take(request=get_request(boba, code), seen="", by=boba)
    change(intake.client("ana"), code, in_danger_now="on")
    assert alerted(definer) == [("boba", 0)]
    with intake.acting("boba") as boba:
        assert [request.code for request in list_alerts(boba)] == [code]


def test_a_holder_who_is_away_is_passed_over(intake, definer):
    on_call(intake, "boba")
    code = log(intake, contacts={}, minor="unknown")
    with intake.acting("ana") as ana:
        answering.assign(request=get_request(ana, code), person=ana, by=ana)
        answering.acknowledge(request=get_request(ana, code), by=ana)
        today = timezone.localdate()
        absence.add_absence(person=ana, from_on=today, until_on=today, by=ana)
    change(intake.client("boba"), code, in_danger_now="on")
    assert alerted(definer) == [("boba", 0)]


def test_an_urgent_mail_does_not_wait_for_fifteen_minutes(intake, definer):
    on_call(intake, "boba")
    log(intake, in_danger_now=True)
    with as_role("worker") as worker:
        (mail,) = worker.execute("SELECT id FROM app.mail_claim(5, 60)").fetchall()
        worker.execute("SELECT app.mail_done(%s, true)", [mail[0]])
        log(intake, in_danger_now=True)
        assert len(worker.execute("SELECT id FROM app.mail_claim(5, 60)").fetchall()) == 1


def test_who_cannot_see_a_request_cannot_take_it(intake):
    code = log(intake, in_danger_now=True)
    with intake.acting("ana") as ana:
        request = get_request(ana, code)
    with intake.acting("ceca") as ceca, pytest.raises((NotAllowed, WrongState)):
        answering.take(request=request, seen="", by=ceca)


def test_the_coordinators_desk_tells_at_once_that_an_urgent_request_waits_and_nothing_of_it(intake):
    on_call(intake, "boba")
    koka = intake.client("koka")
    assert "Nothing waits for you" in koka.get("/").content.decode()
    code = log(intake, in_danger_now=True)
    for address in ("/", "/board"):
        page = koka.get(address).content.decode()
        assert "One urgent request waits for an answer." in page
        assert "Alerted: Boba." in page
        assert "Nothing waits" not in page
        assert code not in page
    minutes_pass(15)
    assert "Call somebody of intake now" in koka.get("/").content.decode()
    intake.client("boba").post(f"/requests/{code}/take")
    assert "Nothing waits for you" in koka.get("/").content.decode(), "somebody is answering"
