"""Urgent requests alert whoever is on call at once and climb: rungs, recipients, mails, two workers, lost ticks."""

from threading import Barrier, Thread

import pytest
from django.utils import timezone

from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_request
from cases.access.duty import list_alerts
from cases.models import HelpRequest
from cases.services import absence, answering
from tests.cases.helpers import log, on_call
from tests.cases.test_reminders import fire
from tests.conftest import as_role
from tests.security.attack import plant, run


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


@pytest.mark.parametrize("why", ["outside the team", "walled", "away", "gone"])
def test_whoever_is_on_call_and_may_not_see_it_is_passed_over(intake, definer, why):
    on_call(intake, "boba")
    if why == "outside the team":
        plant("UPDATE cases_dutyshift SET on_call_id = %s", intake.ceca.pk)  # she was of intake when it was planned
    if why == "away":
        with intake.acting("koka") as koka:
            absence.add_absence(
                person=intake.boba, from_on=timezone.localdate(), until_on=timezone.localdate(), by=koka
            )
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
        assert run("SELECT * FROM app.urgent_waiting()") == [(1, 0, ["Ana", "Boba"])]
    minutes_pass(5)
    fire()
    assert alerted(definer)[2:] == [("ana", 10), ("boba", 10)]
    minutes_pass(5)
    fire()
    assert alerted(definer)[4:] == [("koka", 15)]
    with intake.acting("koka"):
        assert run("SELECT * FROM app.urgent_waiting()") == [(1, 1, ["Ana", "Boba"])]
        assert run("SELECT count(*) FROM cases_notice") == [(0,)]  # a number, no code
    with intake.acting("ana"):
        assert run("SELECT * FROM app.urgent_waiting()") == [(0, 0, [])]
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


def test_i_take_it_rests_the_ladder_for_half_an_hour_and_then_it_climbs_anew(intake, definer):
    on_call(intake, "boba")
    code = log(intake, in_danger_now=True)
    with intake.acting("boba") as boba:
        answering.take(request=get_request(boba, code), by=boba)
        answering.take(request=get_request(boba, code), by=boba)  # a second click
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
        answering.take(request=request, by=ceca)


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
