"""Assignments: who may ask whom, what an offer shows, and what races do."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.http import Http404

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import people
from cases.access import get_case, list_errands, list_offers
from cases.models import Assignment, Case
from cases.services import walls
from cases.services.assignment import answer_offer, end_assignment, offer_assignment, seal_keys, take_lead
from cases.services.sealed import content
from cases.services.slips import answer_slip
from tests.cases.helpers import SLIP, assign, open_case
from tests.security.attack import open_table, plant, run, switched_off


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def offer(cast, code, name, role="lawyer", by="ana"):
    person = getattr(cast, name)
    with cast.acting(by) as lead:
        slip = SLIP if role == "lawyer" else None
        return offer_assignment(case=get_case(lead, code).case, person=person, role=role, slip=slip, by=lead).pk


def no_conflict(cast, name, assignment):
    with cast.acting(name) as lawyer:
        answer_slip(assignment_id=assignment, clear=True, by=lawyer)


def test_an_offer_shows_code_and_role_and_nothing_else(cast, code):
    cast.vouch("boba", "lana")
    offer(cast, code, "lana")
    with cast.acting("lana") as lana:
        (row,) = list_offers(lana)
        assert (row.case_code, row.role, row.offered_by, row.keys_sealed) == (code, "lawyer", "Ana", True)
        assert Case.objects.count() == 0
        with pytest.raises(Http404):
            get_case(lana, code)


def test_whoever_has_no_vouched_key_waits_as_an_errand(cast, code):
    assignment = offer(cast, code, "ljilja")
    with cast.acting("ljilja") as ljilja:
        with pytest.raises(WrongState):
            answer_offer(assignment_id=assignment, accepts=True, by=ljilja)
        assert Case.objects.count() == 0
    with cast.acting("ana") as ana:
        errand = list_errands(ana)[0]
        assert errand.pk == assignment
        with pytest.raises(WrongState):
            seal_keys(assignment=errand, by=ana)
    cast.vouch("boba", "ljilja")
    with cast.acting("ana") as ana:
        seal_keys(assignment=list_errands(ana)[0], slip=SLIP, by=ana)
        assert list(list_errands(ana)) == []
    no_conflict(cast, "ljilja", assignment)
    with cast.acting("ljilja") as ljilja:
        answer_offer(assignment_id=assignment, accepts=True, by=ljilja)
        assert Case.objects.get().code == code


def test_whoever_is_asked_gets_the_constant_mail_once(cast, code, definer):
    cast.vouch("boba", "lana")
    assignment = offer(cast, code, "lana")
    with cast.acting("ana") as ana:
        seal_keys(assignment=Assignment.objects.get(pk=assignment), by=ana)  # a second click
    mails = definer.execute("SELECT kind, recipient_id FROM cases_mailout").fetchall()
    assert mails == [("next", cast.lana.pk)]


def test_a_declined_offer_leaves_no_wrap(cast, code, definer):
    cast.vouch("boba", "lana")
    assignment = offer(cast, code, "lana")
    with cast.acting("lana") as lana:
        answer_offer(assignment_id=assignment, accepts=False, by=lana)
    assert definer.execute("SELECT count(*) FROM vault_wrap WHERE user_id = %s", [cast.lana.pk]).fetchone() == (0,)
    offer(cast, code, "lana")  # she may be asked again


def test_only_the_person_asked_can_accept(cast, code):
    cast.vouch("boba", "lana")
    assignment = offer(cast, code, "lana")
    for name in ("ljilja", "ana", "vera", "koka"):
        with cast.acting(name) as person, pytest.raises(NotAllowed):
            answer_offer(assignment_id=assignment, accepts=True, by=person)


@pytest.mark.parametrize(
    ("name", "role"), [("lana", "backup"), ("ceca", "lawyer"), ("koka", "caseworker"), ("vera", "backup")]
)
def test_the_account_must_fit_the_role(cast, code, name, role):
    with pytest.raises(Exception, match=r"row-level security"):
        offer(cast, code, name, role=role)


def test_a_lawyer_cannot_bring_anybody(cast, code):
    assign(cast, code, "lana")
    with pytest.raises(NotAllowed):
        offer(cast, code, "ljilja", by="lana")


def test_asking_twice_is_answered_in_words(cast, code):
    offer(cast, code, "lana")
    with pytest.raises(WrongState):
        offer(cast, code, "lana")


def test_the_lead_cannot_simply_leave(cast, code):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        with pytest.raises(WrongState):
            end_assignment(assignment=Assignment.objects.get(case=case, role="lead"), reason="own_wish", by=ana)


def test_a_lawyer_may_leave_herself(cast, code):
    assign(cast, code, "lana")
    with cast.acting("lana") as lana:
        end_assignment(assignment=Assignment.objects.get(user=lana), reason="own_wish", by=lana)
    with cast.acting("lana"):
        assert Case.objects.count() == 0


@pytest.mark.parametrize("by", ["lana", "ana"])
def test_the_lead_is_told_of_a_colleague_who_leaves_herself_and_not_of_one_she_takes_off(cast, code, definer, by):
    assign(cast, code, "lana")
    with cast.acting(by) as person:
        row = Assignment.objects.select_related("case").get(user=cast.lana)
        end_assignment(assignment=row, reason="own_wish", by=person)
    told = "SELECT u.login_name, n.kind FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id"
    assert definer.execute(told).fetchall() == ([("ana", "move")] if by == "lana" else [])
    desk = cast.client("ana").get("/").content.decode()
    assert ("Who works on this case has changed. See whether somebody is missing" in desk) is (by == "lana")


def test_a_backup_holds_all_three_keys(cast, code):
    assign(cast, code, "boba", role="backup", voucher="ana")
    with cast.acting("boba") as boba:
        case = get_case(boba, code).case
        database.value("identity_open", case.pk, uuid4(), "contact")
        for purpose in ("content", "reach", "identity"):
            assert content.read(case_id=case.pk, record_ids=[case.pk], purpose=purpose, by=boba)


def test_a_wall_set_after_the_offer_stops_acceptance(cast, code):
    cast.vouch("boba", "lana")
    assignment = offer(cast, code, "lana")
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case",
        cast.lana.pk,
        cast.ana.pk,
    )
    with cast.acting("lana") as lana:
        assert list_offers(lana) == []
        with pytest.raises(WrongState, match="The offer was withdrawn"):
            answer_offer(assignment_id=assignment, accepts=True, by=lana)


@pytest.mark.parametrize("answer", ["accept", "decline"])
@pytest.mark.parametrize("how", ["withdrawn", "wall", "ended", "wall on her role"])
def test_an_offer_that_is_over_is_answered_in_words_and_a_wall_is_not_told(cast, code, how, answer):
    """The desk was open before; a wall says what a withdrawal says."""
    cast.vouch("ana", "ceca")
    assignment = offer(cast, code, "ceca", "caseworker")
    ceca = cast.client("ceca")
    if how in ("ended", "wall on her role"):
        ceca.post(f"/offers/{assignment}", {"answer": "accept"})
    with cast.acting("ana") as ana:
        row = Assignment.objects.select_related("case").get(pk=assignment)
        if how.startswith("wall"):
            walls.keep_out(case=row.case, person=cast.ceca, reason="named", text="", second=False, by=ana)
        else:
            end_assignment(assignment=row, reason="offer_withdrawn", by=ana)
    ceca = cast.client("ceca")
    page = ceca.post(f"/offers/{assignment}", {"answer": answer}, follow=True)
    assert page.redirect_chain == [("/", 302)]
    said = "The offer was withdrawn." if how in ("withdrawn", "wall") else "Your role on this case has ended."
    assert [str(one) for one in page.context["messages"]] == [f"{said} Nothing is asked of you any more."]
    assert Case.objects.count() == 0


def test_accepting_and_withdrawing_at_the_same_moment_leaves_one_truth(cast, code, definer):
    """Whichever comes first, rows and wraps agree with the assignment in the end."""
    cast.vouch("boba", "lana")
    assignment = offer(cast, code, "lana")
    no_conflict(cast, "lana", assignment)
    cast.person("lana").keyring, cast.person("ana").keyring
    barrier, errors = Barrier(2), []

    def race(name: str, act) -> None:
        try:
            barrier.wait()
            with cast.acting(name) as by:
                act(by)
        except (NotAllowed, WrongState, database.Refused) as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [
        Thread(target=race, args=("lana", lambda by: answer_offer(assignment_id=assignment, accepts=True, by=by))),
        Thread(
            target=race,
            args=(
                "ana",
                lambda by: end_assignment(
                    assignment=Assignment.objects.get(pk=assignment), reason="offer_withdrawn", by=by
                ),
            ),
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = definer.execute("SELECT state FROM cases_assignment WHERE id = %s", [assignment]).fetchone()[0]
    rows = definer.execute(
        "SELECT count(*) FROM cases_caseuserpermission WHERE user_id = %s", [cast.lana.pk]
    ).fetchone()[0]
    wraps = definer.execute("SELECT count(*) FROM vault_wrap WHERE user_id = %s", [cast.lana.pk]).fetchone()[0]
    assert (state, rows, wraps) == ("ended", 0, 0)


def test_a_backup_takes_the_lead_only_when_nobody_leads(cast, code):
    assign(cast, code, "boba", role="backup", voucher="ana")
    assign(cast, code, "lana")
    with cast.acting("boba") as boba, pytest.raises(WrongState):
        take_lead(case=get_case(boba, code).case, by=boba)
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ana, by=vera)
    with cast.acting("lana") as lana, pytest.raises(NotAllowed):
        take_lead(case=get_case(lana, code).case, by=lana)
    with cast.acting("boba") as boba:
        take_lead(case=get_case(boba, code).case, by=boba)
        assert Assignment.objects.get(user=boba, state="live").role == "lead"


def test_the_last_who_holds_all_keys_cannot_leave(cast, code):
    assign(cast, code, "boba", role="backup", voucher="ana")
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ana, by=vera)
    with cast.acting("boba") as boba, pytest.raises(WrongState):
        end_assignment(assignment=Assignment.objects.get(user=boba, state="live"), reason="own_wish", by=boba)


def test_the_same_answer_twice_is_one_answer_and_another_is_refused(cast, code):
    cast.vouch("boba", "lana")
    assignment = offer(cast, code, "lana")
    no_conflict(cast, "lana", assignment)
    for _click in range(2):
        with cast.acting("lana") as lana:
            answer_offer(assignment_id=assignment, accepts=True, by=lana)
    with cast.acting("lana") as lana, pytest.raises(WrongState, match="You have accepted this case meanwhile"):
        answer_offer(assignment_id=assignment, accepts=False, by=lana)
    page = cast.client("lana").post(f"/offers/{assignment}", {"answer": "decline"}, follow=True)
    assert "You have accepted this case meanwhile" in [str(one) for one in page.context["messages"]][-1]


def test_an_offered_key_cannot_be_read_before_it_is_accepted(cast, code):
    cast.vouch("boba", "lana")
    offer(cast, code, "lana")
    with cast.acting("lana"):
        assert run("SELECT count(*) FROM vault_wrap") == [(0,)]
    with switched_off(open_table("vault_wrap")), cast.acting("lana"):
        assert run("SELECT count(*) FROM vault_wrap WHERE state = 'offered'") == [(1,)]
