"""Whoever asked for an act of two learns how it ended: she alone, while the case is hers to see, and of an erasure a number."""

from contextlib import nullcontext

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts import database
from accounts.models import Team
from accounts.quorum import by_code
from accounts.services import delayed
from cases.access import get_case, get_request, list_notices
from cases.codes import ApprovalKind
from cases.compartments import ErasureReason, WallReason
from cases.models import Erasure
from cases.services import erasing, reminders
from cases.services.answering import reopen_request
from cases.services.approvals import answer_approval, ask_approval, withdraw_approval
from cases.views.notices import lines
from tests.cases import erasing as acts
from tests.cases.helpers import assign, open_case
from tests.conftest import as_role
from tests.security.attack import open_table, plant, rewritten, run, switched_off
from tests.security.test_erased_requests import ended, erase_request
from tests.security.test_quorum import announce, away, pass_delay
from tests.security.test_second_person import ask_lower

OUT = "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case"


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", "backup", voucher="")
    return code


def told(definer: psycopg.Connection) -> list[tuple]:
    return definer.execute(
        "SELECT u.login_name, n.detail FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id"
        " WHERE n.kind = 'ended' ORDER BY n.created_at"
    ).fetchall()


def on_desk(cast, name: str) -> list[tuple]:
    """Code, words and address of what her desk says, without what others ask of her."""
    with cast.acting(name) as person:
        found = lines([row for row in list_notices(person) if row.kind == "ended"], person)
        return [(line.code, str(line.words), line.url) for line in found]


def lapse() -> None:
    with as_role("worker") as worker:
        worker.execute("SELECT app.delayed_lapse()")


def answer(cast, approval, approves: bool, by: str = "boba") -> None:
    with cast.acting(by) as person:
        answer_approval(approval=approval, approves=approves, by=person)


# --- A second person answers ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("approves", "detail", "words"),
    [
        (True, "approved:lower_risk", "Lower the risk: a second person agreed. It is done."),
        (False, "refused:lower_risk", "Lower the risk: a second person refused. Nothing was changed."),
    ],
)
def test_whoever_asked_finds_the_answer_on_her_desk(cast, code, definer, approves, detail, words):
    approval = ask_lower(cast, code)
    definer.execute("DELETE FROM cases_mailout")
    answer(cast, approval, approves)
    answer(cast, approval, approves)  # a second click
    assert told(definer) == [("ana", detail)]
    assert on_desk(cast, "ana") == [(code, words, f"/cases/{code}/timeline")]
    assert on_desk(cast, "boba") == []
    assert definer.execute("SELECT recipient_id, kind FROM cases_mailout").fetchall() == [(cast.ana.pk, "next")]
    desk = cast.client("ana").get("/").content.decode()
    assert words in desk
    assert f'href="/cases/{code}/timeline"' in desk


def test_what_she_took_back_or_did_herself_is_not_told(cast, code, definer):
    approval = ask_lower(cast, code)
    with cast.acting("ana") as ana:
        withdraw_approval(approval=approval, by=ana)
    plant("DELETE FROM cases_approval")
    approval = ask_lower(cast, code)
    away(definer, "boba", "ceca")
    act = announce(cast, approval.pk, "lower_risk")
    pass_delay(definer)
    with cast.acting("ana") as ana:
        delayed.do(act_id=act.id, by=ana)
    assert definer.execute("SELECT state FROM cases_approval").fetchall() == [("approved",)]
    assert told(definer) == []


LEFT = {
    "left": "UPDATE cases_assignment SET state = 'ended' WHERE user_id = %s",
    "inactive": "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = id WHERE id = %s",
}


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("how", ["walled", "left", "inactive"])
def test_whoever_lost_the_case_meanwhile_is_not_told(cast, code, definer, how, control):
    approval = ask_lower(cast, code)
    ana = cast.ana.pk
    if how == "walled":
        plant(OUT, ana, cast.boba.pk)
    else:
        plant(LEFT[how], ana)
    off = rewritten("ended_told", "NOT app.works_on(person, record)", "false")
    with nullcontext() if control else off:
        answer(cast, approval, False)
    assert told(definer) == ([] if control else [("ana", "refused:lower_risk")])


def test_a_notice_of_a_case_that_is_hidden_from_her_now_is_hidden_too(cast, code):
    answer(cast, ask_lower(cast, code), False)
    plant(OUT, cast.ana.pk, cast.boba.pk)
    assert on_desk(cast, "ana") == []
    with switched_off(open_table("cases_notice")), cast.acting("ana"):
        assert ("ended",) in run("SELECT kind FROM cases_notice")


def test_nobody_writes_such_a_notice_for_somebody_else(cast, code, definer):
    """Whoever could would say in a colleague's name that an erasure is done."""
    forged = "INSERT INTO cases_notice (id, user_id, kind, detail, created_at) VALUES (gen_random_uuid(), %s, 'ended', 'erased', now())"
    with cast.acting("boba"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            run(forged, cast.ana.pk)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            run("UPDATE cases_notice SET detail = 'erased'")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            database.value("ended_told", cast.ana.pk, None, "erased", None)
    assert told(definer) == []
    with switched_off("GRANT INSERT ON cases_notice TO sidro_web", open_table("cases_notice")), cast.acting("boba"):
        run(forged, cast.ana.pk)
    assert told(definer) == [("ana", "erased")]


def test_a_question_about_a_wall_is_not_answered_to_whoever_may_not_see_it_any_more(cast, code, definer):
    assign(cast, code, "ceca", "backup")
    with cast.acting("ana") as ana:
        case, about = get_case(ana, code).case, f"{cast.boba.pk}:{WallReason.KNOWS}"
        approval = ask_approval(case=case, kind=ApprovalKind.SET_WALL, detail=about, reason="Her cousin.", by=ana)
    plant("UPDATE cases_assignment SET role = 'caseworker' WHERE user_id = %s", cast.ana.pk)
    answer(cast, approval, False, "ceca")
    assert told(definer) == []
    plant("UPDATE cases_approval SET state = 'asked', answered_by_id = NULL, answered_at = NULL")
    with rewritten("approval_end", "app.about_whom(a) IS NULL OR", "true OR"):
        answer(cast, approval, False, "ceca")
    assert told(definer) == [("ana", "refused:set_wall")]


# --- Erasing ----------------------------------------------------------------------------------
@pytest.mark.parametrize("keeps", [False, True])
def test_of_an_erasure_whoever_asked_gets_the_number_and_nothing_else(cast, definer, keeps):
    cast.intake()
    code = acts.full_case(cast)
    case, request = acts.case_ids(definer, code)
    acts.erase(cast, code, kept=acts.critical_date(code, cast) if keeps else None)
    assert told(definer) == [("ana", "erased")]
    columns = "SELECT case_id, request_id, deadline_id, task_id, assignment_id FROM cases_notice WHERE kind = 'ended'"
    assert definer.execute(columns).fetchall() == [(None,) * 5]
    assert not [table for table, _column in acts.rows_naming(definer, case, request, code) if table == "cases_notice"]
    with cast.acting("ana"):
        receipt = Erasure.objects.get()
    words = "The erasure you asked for was done. This is its receipt."
    assert on_desk(cast, "ana") == [(receipt.number, words, f"/erasures/{receipt.pk}")]
    assert on_desk(cast, "boba") == []
    client = cast.client("ana")
    page = client.get("/").content.decode()
    assert words in page
    card = page.partition(">Reminders and news ")[2].partition("</section>")[0]
    assert words in card
    assert code not in card
    assert (code in page) == keeps  # the date that was left stands there with the code
    assert client.get(f"/erasures/{receipt.pk}").status_code == 200


def test_an_erasure_that_was_refused_is_said_with_the_case(cast, code):
    answer(cast, acts.ask(cast, code), False)
    words = "Erase a case: a second person refused. Nothing was changed."
    assert on_desk(cast, "ana") == [(code, words, f"/cases/{code}/timeline")]


@pytest.mark.parametrize("control", [True, False])
def test_whoever_must_not_see_the_case_does_not_learn_that_it_was_erased(cast, code, definer, control):
    approval = acts.ask(cast, code)
    plant(OUT, cast.ana.pk, cast.boba.pk)
    off = rewritten("erase_case", "AND app.works_on(asker, wanted)", "")
    with nullcontext() if control else off:
        acts.agree(cast, approval)
    assert told(definer) == ([] if control else [("ana", "erased")])


def test_a_request_named_for_erasure_goes_or_is_kept_and_its_namer_is_told(cast, definer):
    cast.intake()
    code = ended(cast, definer)
    erase_request(cast, code, "ana")
    with cast.acting("ana") as ana:
        erasing.keep_request(request=get_request(ana, code), by=ana)  # by herself: nothing to tell
    assert told(definer) == []
    erase_request(cast, code, "ana")
    with cast.acting("boba") as boba:
        for _click in range(2):
            erasing.keep_request(request=get_request(boba, code), by=boba)
    kept = "You named this request for erasure. A colleague of your team wants to keep it, and it is kept."
    assert on_desk(cast, "ana") == [(code, kept, f"/requests/{code}")]
    erase_request(cast, code, "ana")
    assert erase_request(cast, code, "boba")
    assert told(definer) == [("ana", "erased")]  # what named the request went with it
    with cast.acting("ana"):
        number = Erasure.objects.get().number
    assert [line[0] for line in on_desk(cast, "ana")] == [number]


def test_a_request_that_is_opened_again_is_kept_and_she_is_told(cast, definer):
    cast.intake()
    code = ended(cast, definer)
    erase_request(cast, code, "ana", ErasureReason.HER_WISH)
    with cast.acting("boba") as boba:
        reopen_request(request=get_request(boba, code), by=boba)
    assert told(definer) == [("ana", "reopened")]
    words = "You named this request for erasure. It was opened again, so it is kept."
    assert on_desk(cast, "ana") == [(code, words, f"/requests/{code}")]


@pytest.mark.parametrize("control", [True, False])
def test_who_is_not_of_the_team_any_more_learns_nothing_of_its_request(cast, definer, control):
    cast.intake()
    code = ended(cast, definer)
    erase_request(cast, code, "ana")
    plant("DELETE FROM accounts_teammember WHERE user_id = %s", cast.ana.pk)
    off = rewritten("request_erase", "app.works_on(hit.erase_asked_by_id, wanted)", "true")
    with nullcontext() if control else off:
        assert erase_request(cast, code, "boba")
    assert told(definer) == ([] if control else [("ana", "erased")])


# --- Announced acts ---------------------------------------------------------------------------
def test_an_announced_act_that_somebody_stops_is_told_to_whoever_announced_it(cast, code, definer):
    approval = ask_lower(cast, code)
    away(definer, "boba", "ceca")
    act = announce(cast, approval.pk, "lower_risk")
    with cast.acting("koka") as koka:
        delayed.cancel(act_id=act.id, by=koka)
    words = "Lower the risk: Koka stopped what you announced. Nothing was changed."
    assert on_desk(cast, "ana") == [(code, words, "/two-people")]
    page = cast.client("ana").get("/two-people").content.decode()
    assert f'href="/cases/{code}"' in page
    assert "Koka stopped it, " in page
    assert on_desk(cast, "koka") == []
    act = announce(cast, approval.pk, "lower_risk")
    with cast.acting("ana") as ana:
        delayed.cancel(act_id=act.id, by=ana)
    assert told(definer) == [("ana", "stopped:lower_risk")]


def test_an_announced_erasure_that_nobody_did_in_time_is_told_once(cast, code, definer):
    approval = acts.ask(cast, code)
    away(definer, "boba", "ceca")
    announce(cast, approval.pk, "erase_case")
    pass_delay(definer, 7 * 86400 - 60)
    for days in (0, 1, 1):
        plant("UPDATE accounts_delayedact SET due_at = due_at - make_interval(days => %s)", days)
        lapse()
        assert len(told(definer)) == (1 if days else 0)
    words = "Erase a case: what you announced was not done in time. Its time ran out, and nothing was changed."
    assert on_desk(cast, "ana") == [(code, words, "/two-people")]
    page = cast.client("ana").get("/two-people").content.decode()
    assert "Not done in time." in page
    assert "stopped it" not in page


def test_what_lapsed_long_ago_is_ended_and_no_news(cast, code, definer):
    """The first run after an upgrade finds every announcement that was never done."""
    approval = ask_lower(cast, code)
    away(definer, "boba", "ceca")
    announce(cast, approval.pk, "lower_risk")
    pass_delay(definer, 15 * 86400)
    lapse()
    assert told(definer) == []
    assert definer.execute("SELECT cancelled_at IS NULL FROM accounts_delayedact").fetchall() == [(False,)]


def test_what_cannot_be_told_leaves_nobody_on_a_case_whose_time_is_over(cast, code, definer):
    assign(cast, code, "ceca", "caseworker")
    plant("UPDATE cases_assignment SET until_on = '2020-01-01' WHERE user_id = %s", cast.ceca.pk)
    approval = ask_lower(cast, code)
    away(definer, "boba", "ceca")
    announce(cast, approval.pk, "lower_risk")
    pass_delay(definer, 8 * 86400)
    with rewritten("ended_told", "PERFORM app.mail_wanted(person, false);", "RAISE EXCEPTION 'broken';"):
        with as_role("worker") as worker:
            assert worker.execute("SELECT app.access_expire('UTC')").fetchone() == (1,)
        with pytest.raises(psycopg.Error, match="broken"):
            lapse()
    lapse()
    assert told(definer) == [("ana", "lapsed:lower_risk")]


def test_the_clock_ends_what_nobody_did_after_all_else(monkeypatch):
    called: list[str] = []
    monkeypatch.setattr(reminders.database, "value", lambda name, *_: called.append(name))
    monkeypatch.setattr(reminders.database, "rows", lambda name, *_: called.append(name))
    monkeypatch.setattr(reminders, "write_ledger", lambda: None)
    monkeypatch.setattr(reminders.keeper_mail, "drain", lambda: 0)
    reminders.drain()
    assert called == ["access_expire", "grants_fire", "reminders_fire", "mail_claim", "delayed_lapse", "heartbeat"]


def test_an_announcement_that_an_answer_has_overtaken_is_told_once(cast, code, definer):
    approval = ask_lower(cast, code)
    away(definer, "boba", "ceca")
    act = announce(cast, approval.pk, "lower_risk")
    answer(cast, approval, False)
    with cast.acting("koka") as koka:
        delayed.cancel(act_id=act.id, by=koka)
    assert told(definer) == [("ana", "refused:lower_risk")]


def announced_by_ana(cast, definer, rule: str, record, days: int = 2) -> None:
    definer.execute(
        "INSERT INTO accounts_delayedact (id, rule, record_id, asked_at, asked_by_id, due_at)"
        " VALUES (gen_random_uuid(), %s, %s, now(), %s, now() + make_interval(days => %s))",
        [rule, record, cast.ana.pk, days],
    )


def test_an_announced_act_that_is_on_no_case_is_told_by_its_rule(cast, definer):
    announced_by_ana(cast, definer, "vouch", cast.ceca.pk)
    with cast.acting("koka") as koka:
        delayed.cancel(act_id=database.rows("delayed_list", 10)[0].id, by=koka)
    words = f"{by_code('vouch').what}: Koka stopped what you announced. Nothing was changed."
    assert on_desk(cast, "ana") == [("When two people are needed", words, reverse("accounts:two_people"))]


def test_two_acts_of_one_rule_stopped_within_seconds_name_nobody_wrongly(cast, definer):
    for name, about in (("koka", cast.ceca), ("lana", cast.boba)):
        announced_by_ana(cast, definer, "vouch", about.pk)
        with cast.acting(name) as person:
            delayed.cancel(act_id=database.rows("delayed_list", 10)[0].id, by=person)
    assert ["somebody stopped" in words for _code, words, _url in on_desk(cast, "ana")] == [True, True]


@pytest.mark.parametrize("control", [True, False])
def test_whoever_left_is_not_told_how_an_act_on_no_case_ended(cast, definer, control):
    announced_by_ana(cast, definer, "vouch", cast.ceca.pk)
    plant(LEFT["inactive"], cast.ana.pk)
    off = rewritten("ended_told", "u.id = person AND u.is_active", "true")
    with nullcontext() if control else off, cast.acting("koka") as koka:
        delayed.cancel(act_id=database.rows("delayed_list", 10)[0].id, by=koka)
    assert told(definer) == ([] if control else [("ana", "stopped:vouch")])


@pytest.mark.parametrize("meanwhile", [False, True])
def test_who_announced_to_vouch_is_not_told_that_nothing_was_done_when_a_colleague_vouched(cast, definer, meanwhile):
    cast.intake()
    announced_by_ana(cast, definer, "vouch", cast.ceca.pk, -8)
    if meanwhile:
        cast.vouch("boba", "ceca")
    lapse()
    assert told(definer) == ([] if meanwhile else [("ana", "lapsed:vouch")])


@pytest.mark.parametrize("meanwhile", [False, True])
def test_who_announced_intake_of_one_is_not_told_that_nothing_was_done_when_there_are_two(cast, definer, meanwhile):
    cast.intake()
    with cast.acting("ana"):
        team = Team.objects.get(kind="intake").pk
    announced_by_ana(cast, definer, "intake", team, -8)
    if not meanwhile:
        plant("DELETE FROM accounts_teammember WHERE user_id = %s", cast.boba.pk)
    lapse()
    assert told(definer) == ([] if meanwhile else [("ana", "lapsed:intake")])


@pytest.mark.parametrize("approves", [True, False])
def test_of_a_wall_the_line_leads_to_where_walls_stand(cast, code, approves):
    """The timeline tells of no wall: it would be read by everybody on the case."""
    assign(cast, code, "ceca", "backup")
    with cast.acting("ana") as ana:
        case, about = get_case(ana, code).case, f"{cast.boba.pk}:{WallReason.KNOWS}"
        approval = ask_approval(case=case, kind=ApprovalKind.SET_WALL, detail=about, reason="Her cousin.", by=ana)
    answer(cast, approval, approves, "ceca")
    ((_code, words, url),) = on_desk(cast, "ana")
    assert words.startswith(f"{ApprovalKind.SET_WALL.label}: a second person")
    assert url == f"/cases/{code}/people#walls"
    page = cast.client("ana").get(url).content.decode()
    assert 'id="walls"' in page
    assert ("<strong>Boba</strong>" in page) == approves
