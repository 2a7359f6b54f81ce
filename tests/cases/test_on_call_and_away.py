"""Whoever stands on the rota is on call, also on days on which she is away: being away only adds others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import database
from cases.access import get_request
from cases.access.armed import list_reachable
from cases.access.duty import list_alerts
from cases.access.handover import collect
from cases.access.queue import for_desk
from cases.services import answering, arming
from tests.cases.helpers import arm, assign, log, on_call, open_case
from tests.cases.test_absence import away
from tests.cases.test_alerts import alerted, mails, minutes_pass
from tests.cases.test_reminders import fire
from tests.security.attack import plant
from tests.security.test_attempt import code, mailed, press, told  # noqa: F401 - the fixture
from tests.security.test_attempt_climb import later


@pytest.fixture
def intake(cast, definer):
    cast.intake()
    cast.person("koka")
    return cast


def alerts(cast, name: str) -> list[str]:
    with cast.acting(name) as person:
        return [request.code for request in list_alerts(person)]


def test_who_is_on_call_though_she_is_away_is_alerted_and_the_others_at_once(intake, definer):
    on_call(intake, "boba")
    away(intake, "boba")
    request = log(intake, in_danger_now=True)
    assert alerted(definer) == [("ana", 0), ("boba", 0)]
    assert mails(definer) == [("ana", "now"), ("boba", "now")]
    assert alerts(intake, "boba") == [request]
    assert "Urgent: answer now" in intake.client("boba").get("/").content.decode()


def test_where_another_on_call_is_there_nobody_is_added(cast, code, definer):  # noqa: F811 - the fixture of the other file
    """Ceca is of intake, too."""
    on_call(cast, "boba")
    on_call(cast, "ana")
    away(cast, "boba")
    log(cast, in_danger_now=True)
    assert alerted(definer) == [("ana", 0), ("boba", 0)]


def test_a_second_who_is_away_is_alerted_in_her_turn(intake, definer):
    on_call(intake, "ana", "boba")
    away(intake, "boba")
    log(intake, in_danger_now=True)
    assert alerted(definer) == [("ana", 0)]
    minutes_pass(5)
    fire()
    assert alerted(definer)[1:] == [("ana", 5), ("boba", 5)]


def test_who_is_on_call_though_she_is_away_reaches_whom_a_colleague_armed(intake):
    opened = open_case(intake)
    on_call(intake, "boba")
    away(intake, "boba")
    armed_id = arm(intake, opened)
    page = intake.client("boba")
    assert "You are on call" in page.get("/").content.decode()
    assert opened in page.get("/duty").content.decode()
    with intake.acting("boba") as boba:
        assert [row.case_code for row in list_reachable(boba)] == [opened]
        attempt = arming.begin_call(armed_id=armed_id, by=boba)
        assert arming.open_call(attempt_id=attempt, by=boba).contacts


def test_the_word_of_an_attempt_reaches_who_is_on_call_though_she_is_away(cast, code, definer):  # noqa: F811 - the fixture of the other file
    """And whoever of intake is there besides."""
    on_call(cast, "boba")
    away(cast, "boba")
    press(cast, code)
    assert told(definer) == [("boba", "needed", False), ("ceca", "needed", False)]
    assert mailed(definer) == ["boba", "ceca"]


def test_an_attempt_that_nobody_has_seen_climbs_to_who_is_on_call_though_she_is_away(cast, code, definer):  # noqa: F811 - the fixture of the other file
    assign(cast, code, "boba", role="backup", voucher="")
    on_call(cast, "ceca")
    away(cast, "ceca")
    press(cast, code)
    assert told(definer) == [("boba", "attempt", True)]
    later(16)
    fire()
    assert mailed(definer) == ["ceca", "koka"]


# --- An urgent request that was given to somebody who is away -----------------------------------
def given_to_boba(cast) -> str:
    """Logged while nobody was on call; Boba got it, and is away."""
    request = log(cast, in_danger_now=True)
    with cast.acting("boba") as boba:
        answering.assign(request=get_request(boba, request), person=boba, by=boba)
    away(cast, "boba")
    plant("DELETE FROM cases_notice")
    return request


def test_what_is_urgent_stands_with_whoever_is_on_call_now_and_with_whoever_has_it(intake):
    request = given_to_boba(intake)
    assert alerts(intake, "ana") == [], "she is not on call"
    assert "Urgent: answer now" not in intake.client("ana").get("/").content.decode()
    on_call(intake, "ana")
    desk = intake.client("ana").get("/").content.decode()
    assert alerts(intake, "ana") == [request]
    assert "Boba has it" in desk.partition("Urgent: answer now")[2].partition("</section>")[0]
    mine = intake.client("boba").get("/").content.decode().partition("My requests: urgent")[2]
    assert request in mine.partition("</section>")[0]


def test_what_she_took_is_not_at_rest_once_somebody_has_it_who_is_away(intake):
    on_call(intake, "ana")
    request = given_to_boba(intake)
    with intake.acting("ana") as ana:
        answering.take(request=get_request(ana, request), seen=str(intake.boba.pk), by=ana)
    assert alerts(intake, "ana") == []
    with intake.acting("ana") as ana:
        assert request in [row.code for row in for_desk(ana, until=timezone.now())[1]], "on the desk of whoever has it"
        answering.assign(request=get_request(ana, request), person=intake.boba, by=ana)
    assert alerts(intake, "ana") == [request]


def card(cast, name: str) -> str:
    return cast.client(name).get("/").content.decode().partition("Urgent: answer now")[2].partition("</section>")[0]


def test_the_card_offers_to_take_it_until_it_is_hers(intake):
    on_call(intake, "ana")
    request = given_to_boba(intake)
    assert "I take it" in card(intake, "ana")
    ana, seen = intake.client("ana"), {"seen": str(intake.boba.pk)}
    assert ana.post(f"/requests/{request}/take", seen).status_code == 302
    assert card(intake, "ana") == "", "she is answering it"
    minutes_pass(31)
    assert request in card(intake, "ana")
    assert "I take it" not in card(intake, "ana"), "it is hers"
    with intake.acting("ana") as person:
        answering.assign(request=get_request(person, request), person=intake.boba, by=person)
    assert "I take it" in card(intake, "ana")


def test_who_is_on_call_and_must_not_see_it_learns_nothing_of_it(intake):
    on_call(intake, "ana")
    request = given_to_boba(intake)
    assert alerts(intake, "ana") == [request]
    plant(
        "INSERT INTO cases_wall (id, request_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_helprequest",
        intake.ana.pk,
        intake.boba.pk,
    )
    intake.again("ana")
    assert alerts(intake, "ana") == []
    with intake.acting("ana"):
        assert database.row("desk_hints", "UTC").alerts is False


# --- A shift handed over ------------------------------------------------------------------------
def test_what_stands_on_her_desk_of_whoever_is_away_is_handed_over(intake):
    """Boba has promised, is away, and it comes due; one that lies far ahead is not on the list."""
    soon, later_on = log(intake), log(intake)
    with intake.acting("boba") as boba:
        for request, hours in ((soon, 2), (later_on, 72)):
            answering.assign(request=get_request(boba, request), person=boba, by=boba)
            answering.promise_date(
                request=get_request(boba, request), until=timezone.now() + timedelta(hours=hours), by=boba
            )
    on_call(intake, "ana")
    with intake.acting("ana") as ana:
        assert collect(ana) == []
    away(intake, "boba")
    with intake.acting("ana") as ana:
        assert [(line.kind, line.code) for line in collect(ana)] == [("request_waiting", soon)]


# --- What the coordinator reads of them ---------------------------------------------------------
def test_the_coordinator_reads_who_was_alerted_and_not_of_which(intake):
    """Ana was alerted of the one of the evening, Boba of the two of the night. Of which of them would tell who is kept out."""
    on_call(intake, "ana")
    log(intake, in_danger_now=True)
    plant("UPDATE cases_dutyshift SET cancelled_at = now()")
    on_call(intake, "boba")
    log(intake, in_danger_now=True)
    log(intake, in_danger_now=True)
    koka = intake.client("koka")
    for address in ("/", "/board"):
        page = " ".join(koka.get(address).content.decode().split())
        assert "3 urgent requests wait for an answer." in page
        assert "Alerted of one of them or more: Ana, Boba." in page
    plant("DELETE FROM cases_alert WHERE recipient_id = %s", intake.ana.pk)
    page = " ".join(koka.get("/").content.decode().split())
    assert "Call somebody of intake now." in page, "nobody knows of one"
    assert "Alerted of one of them or more: Boba." in page
