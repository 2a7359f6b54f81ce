"""Protected cases: named holders only, on no board, reached by nobody on call, sensitive facts sealed, two to unmark."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case, get_request, work_board
from cases.access.armed import list_proposals
from cases.access.handover import collect
from cases.choices import CaseRole
from cases.codes import ArmReason
from cases.models import Assignment, Case, TimelineEntry
from cases.services import approvals, arming, facts, links, protection
from cases.services.accept import accept_request
from cases.services.assignment import offer_assignment
from cases.services.casework import read_content
from cases.services.identity import open_card
from cases.services.moves import ask_move
from cases.services.tasks import NewTask, set_task
from tests.cases.helpers import arm, assign, case_of, log, on_call, open_case
from tests.conftest import as_role
from tests.security.attack import open_table, plant, rewritten, run, switched_off
from tests.security.test_quorum import announce, away, do, pass_delay

FACTS = {"person_category": "journalist", "age_band": "from_25", "gender": "woman"}
SEALED = ("sealed", "sealed", "sealed")


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup; the facts are known."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    with cast.acting("ana") as ana:
        facts.change_facts(case=case_of(code), values=FACTS, by=ana)
    return code


def protect(cast, code, by="ana"):
    with cast.acting(by) as person:
        protection.protect_case(case=get_case(person, code).case, by=person)


def columns(definer):
    return definer.execute("SELECT person_category, age_band, gender FROM cases_case").fetchone()


def test_in_one_act_the_facts_are_sealed_and_no_value_is_left(cast, code, definer):
    protect(cast, code)
    protect(cast, code, "boba")  # a second click
    assert columns(definer) == SEALED
    lines = [row[0] for row in definer.execute("SELECT detail FROM cases_timelineentry").fetchall()]
    assert not [line for line in lines if "journalist" in line or "from_25" in line or "woman" in line]
    assert lines.count("sealed_fact") == 3
    with cast.acting("boba") as boba:
        case = get_case(boba, code).case
        assert read_content(case=case, records=(), by=boba).sealed_facts == FACTS
        facts.change_facts(case=case, values={"age_band": "from_40", "stage": "assessment"}, by=boba)
        assert read_content(case=case, records=(), by=boba).sealed_facts == {**FACTS, "age_band": "from_40"}
    assert columns(definer) == SEALED
    assert not TimelineEntry.objects.filter(detail__contains="from_40").exists()


def test_pressed_in_a_second_tab_it_is_protected_already(cast, code, definer):
    client, url = cast.client("ana"), f"/cases/{code}/protect"
    for said in ("The case is protected: named holders only.", "It is protected already."):
        answer = client.post(url)
        assert answer.status_code == 302
        assert said in client.get(answer.headers["Location"]).content.decode()
    assert client.post(url, {"text": ""}).status_code == 422  # asking to take it off still wants to know why


def test_a_wish_to_take_the_protection_off_that_comes_too_late_does_not_protect_again(cast, code, definer):
    client = cast.client("ana")
    page = client.post(f"/cases/{code}/protect", {"text": "She is safe."}, follow=True).content.decode()
    assert "It is not protected any more." in page
    assert definer.execute("SELECT compartment FROM cases_case").fetchone() == ("standard",)
    assert definer.execute("SELECT count(*) FROM cases_approval").fetchone() == (0,)


def test_postgresql_takes_no_open_fact_of_a_protected_case(cast, code):
    protect(cast, code)
    write = "UPDATE cases_case SET gender = 'woman'"
    with cast.acting("ana"), pytest.raises(DatabaseError), transaction.atomic():
        run(write)
    with switched_off(open_table("cases_case")), cast.acting("ana"):
        run(write)


def test_one_person_does_not_take_the_protection_off(cast, code, definer):
    protect(cast, code)
    with cast.acting("ana") as ana:
        asked = protection.ask_to_unprotect(case=get_case(ana, code).case, text="It was a mistake.", by=ana)
        with pytest.raises(NotAllowed), transaction.atomic():
            approvals.answer_approval(approval=asked, approves=True, by=ana)
        for statement in (
            "UPDATE cases_case SET compartment = 'standard'",
            "SELECT app.case_unprotect(id) FROM cases_case",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                run(statement)
    assert columns(definer) == SEALED
    with cast.acting("boba") as boba:
        approvals.answer_approval(approval=asked, approves=True, by=boba)
    assert definer.execute("SELECT compartment FROM cases_case").fetchone() == ("standard",)
    assert columns(definer) == tuple(FACTS.values())


def test_a_marked_request_becomes_a_protected_case(cast, definer):
    cast.intake()
    code = log(cast, protected=True)
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        with pytest.raises(DatabaseError), transaction.atomic():
            run("UPDATE cases_helprequest SET protected = false")
        case = accept_request(request=request, title="T", looked_through="Looked through.", by=ana)
        assert get_case(ana, case.code).case.compartment == "protected"
    assert columns(definer) == SEALED
    other = log(cast)
    with cast.acting("boba") as boba:
        protection.protect_request(request=get_request(boba, other), by=boba)
        assert get_request(boba, other).protected


def test_the_board_and_the_moves_know_nothing_of_it_and_without_the_control_the_board_shows_it(cast, code, definer):
    cast.vouch("boba", "ceca")
    with cast.acting("koka") as koka:
        ask_move(code=code, person=cast.ceca, role=CaseRole.CASEWORKER, reason="overloaded", by=koka)
        assert len(database.rows("my_moves")) == 1
    protect(cast, code)
    with cast.acting("koka") as koka:
        assert work_board(koka, page=1)[0].object_list == []
        assert database.rows("my_moves") == []
    shown = rewritten("work_board", "i.compartment = 'standard'", "true")
    with shown, cast.acting("koka") as koka:
        assert [row.code for row in work_board(koka, page=1)[0].object_list] == [code]


def test_whoever_is_on_call_is_not_armed(cast, code):
    arm(cast, code)
    on_call(cast, "boba")
    protect(cast, code)
    with cast.acting("boba"):
        assert database.rows("duty_reachable") == []
    insert = (
        "INSERT INTO cases_armedreach (id, case_id, reason, armed_at, armed_by_id, until)"
        " SELECT gen_random_uuid(), id, 'her_wish', now(), %s, now() + interval '1 hour' FROM cases_case"
    )
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        assert list_proposals(ana) == []
        with pytest.raises(WrongState):
            arming.arm(case=case, reason=ArmReason.HER_WISH, until=timezone.now() + timedelta(hours=1), by=ana)
        with pytest.raises(DatabaseError), transaction.atomic():
            run(insert, ana.pk)
        with pytest.raises(DatabaseError), transaction.atomic():
            run("UPDATE cases_case SET on_duty_may_call = true")
    with switched_off(open_table("cases_armedreach")), cast.acting("ana") as ana:
        run(insert, ana.pk)


def test_no_hand_over_names_it(cast, code):
    with cast.acting("ana") as ana:
        new = NewTask(uuid4(), "call", timezone.now() + timedelta(hours=2), True, ana, "Call")
        set_task(case=get_case(ana, code).case, new=new, by=ana)
        assert [line.code for line in collect(ana)] == [code]
    protect(cast, code)
    with cast.acting("ana") as ana:
        assert collect(ana) == []


def test_only_the_lead_asks_somebody_onto_it(cast, code):
    cast.vouch("boba", "ceca")
    protect(cast, code)
    with cast.acting("boba") as boba:
        case = get_case(boba, code).case
        with pytest.raises(WrongState):
            offer_assignment(case=case, person=cast.ceca, role=CaseRole.CASEWORKER, by=boba)
        assert run("SELECT app.may_offer_role(%s, 'caseworker')", case.pk) == [(False,)]
    with cast.acting("ana") as ana:
        assert offer_assignment(case=get_case(ana, code).case, person=cast.ceca, role=CaseRole.CASEWORKER, by=ana)


def test_a_backup_is_not_offered_to_ask_and_reads_who_may(cast, code):
    pages, client = (f"/cases/{code}", f"/cases/{code}/people"), cast.client("boba")
    offer = f'href="/cases/{code}/people/ask"'
    assert all(offer in client.get(page).content.decode() for page in pages)
    protect(cast, code)
    shown = [client.get(page).content.decode() for page in pages]
    assert not any(offer in page for page in shown)
    assert "only its lead asks somebody onto it" in shown[1]
    assert all(offer in cast.client("ana").get(page).content.decode() for page in pages)


def test_it_is_linked_with_no_other_case(cast, code):
    other = open_case(cast)
    protect(cast, code)
    insert = (
        "INSERT INTO cases_caselink (id, case_id, other_id, kind, linked_at, linked_by_id)"
        " SELECT gen_random_uuid(), a.id, b.id, 'same_group', now(), %s FROM cases_case a, cases_case b WHERE a.code = %s AND b.code = %s"
    )
    with cast.acting("ana") as ana:
        for one, two in ((code, other), (other, code)):
            with pytest.raises(WrongState):
                links.link_cases(case=case_of(one), other=case_of(two), kind="same_group", by=ana)
            with pytest.raises(DatabaseError), transaction.atomic():
                run(insert, ana.pk, one, two)


def test_a_deputy_opens_nothing_and_is_the_last_rung(cast, code, definer):
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        offer_assignment(case=get_case(ana, code).case, person=cast.ceca, role=CaseRole.DEPUTY, by=ana)
    protect(cast, code)
    assign(cast, code, "ceca", CaseRole.DEPUTY)
    with cast.acting("ceca") as ceca:
        case = get_case(ceca, code).case
        assert read_content(case=case, records=(), by=ceca) is None
        assert run("SELECT count(*) FROM vault_wrap") == [(0,)]
        assert run("SELECT count(*) FROM vault_sealed") == [(0,)]
        with pytest.raises(NotAllowed):
            open_card(case=case, reason="other", text="x", by=ceca)
        assert case.gender == "sealed"
    with cast.acting("ana") as ana:
        now = timezone.now()
        late = NewTask(uuid4(), "call", now - timedelta(minutes=31), True, ana, "Call")
        soon = NewTask(uuid4(), "call", now + timedelta(minutes=10), True, ana, "Call again")
        for new in (late, soon):
            set_task(case=get_case(ana, code).case, new=new, by=ana)
    plant("UPDATE cases_task SET set_at = set_at - interval '1 day'")
    with as_role("worker") as worker:
        worker.execute("SELECT app.reminders_fire('Europe/Belgrade')")
    told = "SELECT count(*) FROM cases_notice WHERE kind = 'task' AND user_id = %s"
    assert definer.execute(told, [cast.ceca.pk]).fetchone() == (1,)  # the overdue one; the other climbs to nobody yet
    assert definer.execute(told, [cast.ana.pk]).fetchone() == (2,)
    page = cast.client("ceca")
    assert page.get("/").status_code == 200
    assert page.get(f"/cases/{code}").status_code == 200
    assert b"from_25" not in page.get(f"/cases/{code}/facts").content


def test_a_deputy_is_told_what_she_is_and_is_not_sent_for_a_key(cast, code):
    protect(cast, code)
    assign(cast, code, "ceca", CaseRole.DEPUTY)
    client = cast.client("ceca")
    for address in (f"/cases/{code}", f"/cases/{code}/files"):
        page = client.get(address).content.decode()
        assert "You are the deputy of this protected case." in page, address
        assert "Ask the lead to seal it to you" not in page, address


def test_the_alert_says_who_opened_it_and_why_and_leads_there(cast, code):
    protect(cast, code)
    with cast.acting("ana") as ana:
        open_card(case=get_case(ana, code).case, reason="check", text="", by=ana)
    desk = cast.client("boba").get("/").content.decode()
    assert "Ana opened the identity of a protected case" in desk
    assert "To make sure who she is" in desk
    assert f"/cases/{code}/identity" in desk


def test_where_nobody_else_is_left_the_deputy_hears_of_an_opening(cast, code, definer):
    protect(cast, code)
    assign(cast, code, "ceca", CaseRole.DEPUTY)
    told = "SELECT user_id FROM cases_notice WHERE kind = 'identity'"
    with cast.acting("ana") as ana:
        open_card(case=get_case(ana, code).case, reason="contact", text="", by=ana)
    assert definer.execute(told).fetchall() == [(cast.boba.pk,)]
    definer.execute("DELETE FROM cases_notice")
    definer.execute("UPDATE cases_assignment SET state = 'ended' WHERE user_id = %s", [cast.boba.pk])
    definer.execute("UPDATE cases_identityopening SET closed_at = now()")
    with cast.acting("ana") as ana:
        open_card(case=get_case(ana, code).case, reason="contact", text="", by=ana)
    assert definer.execute(told).fetchall() == [(cast.ceca.pk,)]


def test_with_the_protection_the_deputy_goes(cast, code):
    protect(cast, code)
    assign(cast, code, "ceca", CaseRole.DEPUTY)
    with cast.acting("ana") as ana:
        asked = protection.ask_to_unprotect(case=get_case(ana, code).case, text="Over.", by=ana)
    with cast.acting("boba") as boba:
        approvals.answer_approval(approval=asked, approves=True, by=boba)
        assert Assignment.objects.get(user=cast.ceca).state == "ended"
        assert Case.objects.get().compartment == "standard"


def test_in_a_small_team_one_takes_it_off_after_a_delay_and_her_facts_stand_open_again(cast, code, definer):
    protect(cast, code)
    with cast.acting("ana") as ana:
        asked = protection.ask_to_unprotect(case=get_case(ana, code).case, text="It was a mistake.", by=ana)
    away(definer, "boba", "ceca")
    act = announce(cast, asked.pk, rule="unprotect")
    pass_delay(definer)
    do(cast, act)
    assert definer.execute("SELECT compartment FROM cases_case").fetchone() == ("standard",)
    assert columns(definer) == tuple(FACTS.values())
