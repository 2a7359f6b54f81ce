"""Moves of work: who may ask for them, to whom the lead goes, and access whose time is over."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import Error, transaction
from django.http import Http404
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import people
from cases.access import get_case, work_board
from cases.access.moves import get_board_case, list_moves, list_own_moves, people_to_move_to
from cases.access.people import list_ending_access
from cases.models import Assignment, Case, MoveRequest
from cases.services.assignment import hand_over_lead, offer_assignment, set_until
from cases.services.moves import answer_move, ask_move, take_back
from tests.cases.helpers import assign, open_case
from tests.conftest import as_owner, as_role
from tests.security.attack import plant, run, switched_off
from tests.security.test_conflict_slip import as_function

ASK = "SELECT app.move_ask(%s, %s, 'caseworker', 'overloaded')"
EVERYBODY_COORDINATES = "app.has_role(VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT true $$"


@pytest.fixture
def code(cast):
    cast.intake()
    cast.vouch("ana", "ceca")
    return open_case(cast)


def wish(cast, code, person="ceca", role="caseworker", by="koka"):
    someone = getattr(cast, person)
    with cast.acting(by) as koka:
        return ask_move(code=code, person=someone, role=role, reason="overloaded", by=koka)


def own(cast, name):
    return Assignment.objects.select_related("case", "user").get(user=getattr(cast, name), state="live")


def test_the_lead_sees_the_wish_and_doing_it_answers_it(cast, code):
    assert wish(cast, code)
    assert wish(cast, code) is None  # the same wish twice is one
    with cast.acting("ana") as ana:
        (move,) = list_moves(ana)
        assert (move.case.code, move.person, move.role) == (code, cast.ceca, "caseworker")
        offer_assignment(case=get_case(ana, code).case, person=cast.ceca, role="caseworker", by=ana)
        assert list(list_moves(ana)) == []
    with cast.acting("koka") as koka:
        assert [(row.code, row.state) for row in list_own_moves(koka)] == [(code, "done")]


def test_the_lead_may_decline_and_nobody_else_may_answer(cast, code):
    wish(cast, code)
    assign(cast, code, "lana")
    for name in ("koka", "lana", "ceca", "boba"):
        with cast.acting(name):
            assert MoveRequest.objects.count() == 0, name
            assert run("UPDATE cases_moverequest SET state = 'done', answered_at = now() RETURNING id") == []
    for _click in range(2):
        with cast.acting("ana") as ana:
            answer_move(move=MoveRequest.objects.select_related("case").get(), state="declined", by=ana)
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        answer_move(move=MoveRequest.objects.select_related("case").get(), state="done", by=ana)
    with cast.acting("koka") as koka:
        assert [row.state for row in list_own_moves(koka)] == ["declined"]


def test_the_coordinator_takes_back_what_nobody_has_answered(cast, code):
    asked = wish(cast, code)
    ana, koka = cast.client("ana"), cast.client("koka")
    assert "Work that moves" in ana.get("/").content.decode()
    board = koka.get("/board").content.decode()
    back = f"/board/{code}/move/{asked}/back"
    assert f'action="{back}"' in board
    for _click in range(2):
        assert koka.post(back).headers["Location"] == "/board"
    board, desk, waiting = ended(cast, code)
    assert "Taken back" in board
    assert f'action="{back}"' not in board
    assert waiting == []
    for said in ("Work that moves", "Koka asks", "Who works on this case has changed"):
        assert said not in desk
    late = ana.post(f"/cases/{code}/moves/{asked}", {"answer": "done"}, follow=True)
    assert "The coordinator has taken this back meanwhile" in late.content.decode()
    assert "took back what she had asked for" in ana.get(f"/cases/{code}/timeline").content.decode()
    assert wish(cast, code)  # and she may ask again


def test_what_was_answered_is_not_taken_back(cast, code):
    asked, koka = wish(cast, code), cast.client("koka")
    with cast.acting("ana") as ana:
        answer_move(move=MoveRequest.objects.select_related("case").get(), state="declined", by=ana)
    late = koka.post(f"/board/{code}/move/{asked}/back", follow=True)
    assert "This was answered meanwhile" in late.content.decode()
    with cast.acting("koka") as koka:
        assert [row.state for row in list_own_moves(koka)] == ["declined"]


def test_nobody_takes_back_the_wish_of_somebody_else(cast, code, definer):
    asked = wish(cast, code)
    definer.execute("UPDATE accounts_user SET roles = '{coordinator}' WHERE id = %s", [cast.ceca.pk])
    for name in ("ceca", "ana", "vera"):
        with cast.acting(name) as person, pytest.raises(NotAllowed):
            take_back(code=code, move_id=asked, by=person)
        with cast.acting(name), pytest.raises(database.Refused):
            database.value("move_back", code, asked)
    assert cast.client("ceca").post(f"/board/{code}/move/{asked}/back").status_code == 404
    with cast.acting("koka") as koka:
        assert [row.state for row in list_own_moves(koka)] == ["open"]


def ended(cast, code):
    """What the coordinator reads on the board, what stands on the desk of the lead, what waits for her."""
    board, desk = cast.client("koka").get("/board").content.decode(), cast.client("ana").get("/").content.decode()
    with cast.acting("ana") as ana:
        return board, desk, list(list_moves(ana))


def test_the_wish_for_somebody_who_leaves_ends_and_both_read_why(cast, code):
    wish(cast, code)
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ceca, by=vera)
    board, desk, waiting = ended(cast, code)
    assert waiting == []
    assert "she does not work here any more" in board
    assert "Koka asked for Ceca, who does not work here any more. The wish has ended." in desk
    assert "asks for Ceca" not in desk
    assert "the wish has ended" in cast.client("ana").get(f"/cases/{code}/timeline").content.decode()
    assert wish(cast, code, person="boba")  # another one can be named


@pytest.mark.parametrize("control", [True, False])
def test_nobody_says_by_hand_that_she_has_left(cast, code, control):
    wish(cast, code)
    by_hand = "UPDATE cases_moverequest SET state = 'left', answered_at = now(), answered_by_id = %s RETURNING state"
    off = switched_off("ALTER POLICY web_update ON cases_moverequest WITH CHECK (true)")
    with nullcontext() if control else off, cast.acting("ana") as ana:
        if not control:
            assert run(by_hand, ana.pk) == [("left",)]
            return
        with pytest.raises(Error, match="row-level security"), transaction.atomic():
            run(by_hand, ana.pk)
        with pytest.raises(WrongState):
            answer_move(move=MoveRequest.objects.select_related("case").get(), state="left", by=ana)
        assert MoveRequest.objects.get().state == "open"


def test_without_the_trigger_the_wish_would_stay(cast, code):
    wish(cast, code)
    with switched_off("DROP TRIGGER moves_left ON accounts_user"), cast.acting("vera") as vera:
        people.deactivate(person=cast.ceca, by=vera)
    with cast.acting("ana") as ana:
        assert len(list_moves(ana)) == 1


@pytest.mark.parametrize("name", ["ceca", "lana", "vera", "ana"])
def test_only_a_coordinator_asks(cast, code, name):
    with pytest.raises(NotAllowed):
        wish(cast, code, person="boba", by=name)
    with cast.acting(name), pytest.raises(Error, match="not_found"):
        run(ASK, code, cast.boba.pk)
    with switched_off(*as_function(EVERYBODY_COORDINATES)), cast.acting(name):
        assert run(ASK, code, cast.boba.pk)[0][0]


def test_protected_and_walled_cases_are_like_codes_that_do_not_exist(cast, code):
    walled = open_case(cast)
    plant("UPDATE cases_case SET compartment = 'protected' WHERE code = %s", code)
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case WHERE code = %s",
        cast.koka.pk,
        cast.ana.pk,
        walled,
    )
    for named in (code, walled, "ZZZZ-ZZZZ"):
        with cast.acting("koka") as koka, pytest.raises(Http404):
            get_board_case(koka, named)
        with cast.acting("koka"), pytest.raises(Error, match="not_found"):
            run(ASK, named, cast.ceca.pk)
    opens = as_function(
        "app.move_case(wanted text) RETURNS uuid LANGUAGE sql STABLE AS"
        " $$ SELECT c.id FROM cases_case c WHERE c.code = wanted $$"
    )
    with switched_off(*opens), cast.acting("koka"):
        assert run(ASK, code, cast.ceca.pk)[0][0]


def test_a_wish_needs_an_account_that_fits(cast, code):
    for person, role in (("lana", "lead"), ("ceca", "lawyer"), ("vera", "backup")):
        with pytest.raises(WrongState):
            wish(cast, code, person=person, role=role)
    client = cast.client("koka")
    refused = client.post(f"/board/{code}/move", {"person": cast.lana.pk, "role": "lead", "reason": "other"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"person"})
    typed = {"person": cast.ceca.pk, "role": "lead", "reason": "other"}
    assert cast.ana.pk not in {person.pk for person in refused.context["form"].fields["person"].queryset}, (
        "she leads it"
    )
    assert client.post(f"/board/{code}/move", typed).status_code == 302
    assert code in client.get("/board?only=moving&sort=load").content.decode()
    assert "No case fits." in client.get("/board?only=overdue").content.decode()


UNFIT = {"leads": ("ana", "leads_already"), "no key": ("ljilja", "not_vouched"), "gone": ("boba", "role_does_not_fit")}
NOTHING_REFUSES = as_function(
    "app.move_refusal(wanted_case uuid, person uuid, case_role text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT NULL $$"
)


@pytest.mark.parametrize("why", UNFIT)
def test_nobody_is_asked_for_who_leads_it_or_has_no_key_or_is_gone(cast, code, why):
    name, reason = UNFIT[why]
    person, role = getattr(cast, name), "lawyer" if name == "ljilja" else "caseworker"
    if why == "gone":
        plant("UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = %s WHERE id = %s", cast.vera.pk, person.pk)  # fmt: skip
    with pytest.raises(WrongState):
        wish(cast, code, person=name, role=role)
    with cast.acting("koka"), pytest.raises(Error, match=reason):
        run(f"SELECT app.move_ask(%s, %s, '{role}', 'overloaded')", code, person.pk)
    with cast.acting("koka") as koka:
        assert person not in people_to_move_to(koka, get_board_case(koka, code))
    with switched_off(*NOTHING_REFUSES), cast.acting("koka"):
        assert run(f"SELECT app.move_ask(%s, %s, '{role}', 'overloaded')", code, person.pk)[0][0]


def test_one_wish_a_case_waits_for_its_answer(cast, code):
    wish(cast, code)
    with pytest.raises(WrongState, match="asked for on this case already"):
        wish(cast, code, person="boba")
    with cast.acting("koka"), pytest.raises(Error, match="asked_already"):
        run(ASK, code, cast.boba.pk)
    assert "answers that first" in cast.client("koka").get(f"/board/{code}/move").content.decode()
    # Two coordinators at once both pass the check: the index lets one through.
    with switched_off(*NOTHING_REFUSES), cast.acting("koka"), pytest.raises(Error, match="asked_already"):
        run(ASK, code, cast.boba.pk)
    index = "CREATE UNIQUE INDEX one_open_move_a_case ON cases_moverequest (case_id) WHERE state = 'open'"
    with as_owner() as owner:
        try:
            with switched_off("DROP INDEX one_open_move_a_case", *NOTHING_REFUSES), cast.acting("koka"):
                assert run(ASK, code, cast.boba.pk)[0][0]
        finally:
            plant("DELETE FROM cases_moverequest")
            owner.execute(index)


def test_a_wall_is_not_told_by_what_a_coordinator_is_answered(cast, code):
    """Picker, answer and list are the same with a wall and without; only who shares the case is told."""
    other = open_case(cast)
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case WHERE code = %s",
        cast.ceca.pk,
        cast.ana.pk,
        code,
    )
    client, seen = cast.client("koka"), {}
    for role in ("lead", "caseworker"):
        for named in (code, other):
            page = client.get(f"/board/{named}/move").context["form"].fields["person"].queryset
            typed = {"person": cast.ceca.pk, "role": role, "reason": "other"}
            answer = client.post(f"/board/{named}/move", typed, follow=True)
            listed = [(row.person, row.state) for row in answer.context["moves"] if row.code == named]
            seen[named, role] = (list(page), [str(said) for said in answer.context["messages"]], listed)
        assert seen[code, role] == seen[other, role]
        desk = cast.client("ana").get("/").content.decode()
        assert desk.count("She must not see this case") == 1
        with cast.acting("ceca"):
            assert run("SELECT count(*) FROM cases_moverequest") == [(0,)]
            assert run("SELECT app.moves_walled()") == []
        with cast.acting("ana") as ana:
            for move in list_moves(ana):
                answer_move(move=move, state="declined", by=ana)


def test_the_board_shows_load_and_filters(cast, code):
    other = open_case(cast, lead="boba")
    plant("UPDATE cases_case SET risk = 'high' WHERE code = %s", other)
    plant("UPDATE cases_assignment SET state = 'ended' WHERE user_id = %s", cast.ana.pk)
    with cast.acting("koka") as koka:
        assert [row.code for row in work_board(koka, page=1, only="alone")[0]] == [code]
        assert [row.lead_load for row in work_board(koka, page=1, risk="high")[0]] == [5]
        assert [row.code for row in work_board(koka, page=1, sort="load")[0]] == [other, code]


def test_the_lead_is_handed_to_a_backup_in_one_step(cast, code, definer):
    assign(cast, code, "boba", role="backup", voucher="")
    line = "INSERT INTO cases_notice (id, user_id, kind, case_id, created_at) SELECT gen_random_uuid(), %s, 'move', id, now() FROM cases_case"
    plant(line, cast.boba.pk)  # an older one about the same, not seen yet
    for _click in range(2):
        with cast.acting("ana") as ana:
            hand_over_lead(assignment=own(cast, "boba"), by=ana)
    with cast.acting("ana"):
        assert (own(cast, "ana").role, own(cast, "boba").role) == ("backup", "lead")
    page = cast.client("ana").get(f"/cases/{code}/people").content.decode()
    assert "the lead was handed over by Ana" in page
    assert "handed the lead over to Boba" in page
    assert "opened the case" not in page
    notices = definer.execute("SELECT user_id, kind FROM cases_notice WHERE acknowledged_at IS NULL").fetchall()
    assert notices == [(cast.boba.pk, "move")]
    desk = cast.client("boba").get("/").content.decode()
    assert code in desk
    assert "You lead this case now: it was handed to you." in desk


def test_nobody_is_asked_for_a_role_that_she_has(cast, code):
    assign(cast, code, "boba", role="backup", voucher="")
    with pytest.raises(WrongState, match="has this role"):
        wish(cast, code, person="boba", role="backup")
    with cast.acting("koka"), pytest.raises(Error, match="has_role"):
        run("SELECT app.move_ask(%s, %s, 'backup', 'overloaded')", code, cast.boba.pk)
    with switched_off(*NOTHING_REFUSES), cast.acting("koka"):
        assert run("SELECT app.move_ask(%s, %s, 'backup', 'overloaded')", code, cast.boba.pk)[0][0]
    plant("DELETE FROM cases_moverequest")
    assert wish(cast, code, person="boba", role="caseworker")
    client = cast.client("ana")
    assert "Why: The lead carries too much." in client.get("/").content.decode()
    offered = f"/cases/{code}/people/ask?person={cast.boba.pk}&role="
    assert "Boba is on this case already, or was asked." in client.get(offered + "caseworker").content.decode()
    assert "Boba has this role on the case already" in client.get(offered + "backup").content.decode()


def test_the_notice_says_who_asks_for_whom_and_what_to_do(cast, code):
    wish(cast, code)
    desk = cast.client("ana").get("/").content.decode()
    assert "Koka asks you to bring Ceca onto this case. Role: Caseworker." in desk
    assert "Do it or decline" in desk


def test_the_lead_is_not_handed_to_somebody_without_keys_or_by_somebody_else(cast, code):
    assign(cast, code, "boba", role="backup", voucher="")
    assign(cast, code, "ceca", role="caseworker")
    with cast.acting("boba") as boba, pytest.raises(NotAllowed):
        hand_over_lead(assignment=own(cast, "ceca"), by=boba)
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        hand_over_lead(assignment=own(cast, "ceca"), by=ana)
    plant("DELETE FROM vault_wrap WHERE user_id = %s AND purpose = 'identity'", cast.boba.pk)
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        hand_over_lead(assignment=own(cast, "boba"), by=ana)
    complete = as_function(
        "app.keys_complete(wanted_case uuid, person uuid, case_role text, wanted_state text) RETURNS boolean"
        " LANGUAGE sql STABLE AS $$ SELECT true $$"
    )
    with switched_off(*complete), cast.acting("ana") as ana:
        hand_over_lead(assignment=own(cast, "boba"), by=ana)


def test_access_whose_time_is_over_ends_by_itself(cast, code, definer):
    assign(cast, code, "ceca", role="caseworker")
    assign(cast, code, "boba", role="backup", voucher="")
    with cast.acting("ana") as ana:
        set_until(assignment=own(cast, "ceca"), until_on=timezone.localdate(), by=ana)
        assert [row.user for row in list_ending_access(ana)] == [cast.ceca]
        with pytest.raises(NotAllowed):
            set_until(assignment=own(cast, "boba"), until_on=timezone.localdate(), by=ana)
    with as_role("worker") as worker:
        assert worker.execute("SELECT app.access_expire('UTC')").fetchone() == (0,)  # the last day counts
        plant("UPDATE cases_assignment SET until_on = until_on - 2 WHERE user_id = %s", cast.ceca.pk)
        plant("UPDATE cases_assignment SET until_on = '2020-01-01' WHERE role IN ('lead', 'backup')")
        assert worker.execute("SELECT app.access_expire('UTC')").fetchone() == (1,)
    with cast.acting("ceca"):
        assert Case.objects.count() == 0
    assert definer.execute("SELECT detail FROM cases_timelineentry WHERE detail LIKE 'ended%%'").fetchall() == [
        ("ended:caseworker",)
    ]
    assert definer.execute("SELECT count(*) FROM cases_assignment WHERE state = 'live'").fetchone() == (2,)


def test_the_staff_site_ends_nobodys_time(cast, code):
    assign(cast, code, "ceca", role="caseworker")
    plant("UPDATE cases_assignment SET until_on = '2020-01-01' WHERE user_id = %s", cast.ceca.pk)
    with pytest.raises(Error, match="permission denied"), cast.acting("boba"):
        database.value("access_expire", "UTC")
    opened = (as_function("")[0], "GRANT EXECUTE ON FUNCTION app.access_expire(text) TO PUBLIC")
    with switched_off(*opened), cast.acting("boba"):
        assert database.value("access_expire", "UTC") == 1


def test_a_last_day_is_never_that_of_lead_or_backup(cast, code):
    cast.person("ceca")
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        offer_assignment(
            case=get_case(ana, code).case,
            person=cast.ceca,
            role="backup",
            until_on=timezone.localdate() + timedelta(days=3),
            by=ana,
        )
