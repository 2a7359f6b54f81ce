"""Conflict slips: nobody else reads one, it is gone with the answer, and no lawyer joins without a clear one."""

import pytest
from django.http import Http404

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case
from cases.access.people import get_own_slip
from cases.choices import CaseRole
from cases.models import Assignment, Case
from cases.services.assignment import answer_offer, end_assignment, offer_assignment
from cases.services.slips import Slip, answer_slip, read_slip, send_slip
from tests.cases.helpers import SLIP, assign, open_case
from tests.cast import ROLES
from tests.conftest import as_definer
from tests.security.attack import open_table, run, switched_off


def as_function(statement: str) -> tuple[str, str]:
    """A function replaced by one that lets everything through."""
    with as_definer() as definer:
        (role,) = definer.execute("SELECT current_user").fetchone()
    return f'SET ROLE "{role}"', f"CREATE OR REPLACE FUNCTION {statement}"


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def ask(cast, code, name="lana", slip=SLIP):
    cast.vouch("boba", name)
    person = getattr(cast, name)
    with cast.acting("ana") as ana:
        return offer_assignment(case=get_case(ana, code).case, person=person, role="lawyer", slip=slip, by=ana).pk


def letters(definer) -> int:
    return definer.execute("SELECT count(*) FROM vault_letter").fetchone()[0]


def test_she_reads_it_answers_and_the_names_are_gone(cast, code, definer):
    asked = ask(cast, code)
    with cast.acting("lana") as lana:
        assert read_slip(assignment=get_own_slip(lana, asked), by=lana) == SLIP
    for _click in range(2):
        with cast.acting("lana") as lana:
            answer_slip(assignment_id=asked, clear=True, by=lana)
    assert letters(definer) == 0
    with cast.acting("lana") as lana:
        assert read_slip(assignment=get_own_slip(lana, asked), by=lana) is None
        with pytest.raises(WrongState):
            answer_slip(assignment_id=asked, clear=False, by=lana)
        answer_offer(assignment_id=asked, accepts=True, by=lana)
        assert Case.objects.get().code == code


def test_a_slip_is_readable_afterwards_only_where_the_answer_does_not_destroy_it(cast, code):
    asked = ask(cast, code)
    keeps = as_function("app.slip_destroy(wanted uuid) RETURNS void LANGUAGE sql AS $$ SELECT $$")
    with switched_off(*keeps), cast.acting("lana") as lana:
        answer_slip(assignment_id=asked, clear=True, by=lana)
        assert read_slip(assignment=get_own_slip(lana, asked), by=lana) == SLIP


def test_a_conflict_declines_the_offer_and_takes_its_wraps(cast, code, definer):
    asked = ask(cast, code)
    with cast.acting("lana") as lana:
        answer_slip(assignment_id=asked, clear=False, by=lana)
    row = definer.execute("SELECT state, end_reason FROM cases_assignment WHERE id = %s", [asked]).fetchone()
    assert row == ("declined", "conflict")
    assert definer.execute("SELECT count(*) FROM vault_wrap WHERE user_id = %s", [cast.lana.pk]).fetchone() == (0,)
    assert letters(definer) == 0


@pytest.mark.parametrize("conflict", [False, True])
def test_lead_and_backup_are_told_who_declined_and_not_why(cast, code, definer, conflict):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    asked = ask(cast, code)
    for _click in range(2):
        with cast.acting("lana") as lana:
            if conflict:
                answer_slip(assignment_id=asked, clear=False, by=lana)
            else:
                answer_offer(assignment_id=asked, accepts=False, by=lana)
    told = "SELECT u.login_name, n.kind FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id ORDER BY 1, 2"
    assert definer.execute(told).fetchall() == [("ana", "declined"), ("boba", "declined")]
    for name in ("ana", "boba"):
        page = cast.client(name).get("/").content.decode()
        assert "Lana does not take this case. Role: Lawyer. Ask somebody else." in page
        assert f'href="/cases/{code}/people"' in page
        assert "conflict" not in page


def test_nobody_else_reads_or_answers_a_slip(cast, code):
    asked = ask(cast, code)
    for name in set(ROLES) - {"lana"}:
        with cast.acting(name) as person:
            assert run("SELECT count(*) FROM vault_letter") == [(0,)], name
            with pytest.raises(Http404):
                get_own_slip(person, asked)
            with pytest.raises(NotAllowed):
                answer_slip(assignment_id=asked, clear=True, by=person)
    with switched_off(open_table("vault_letter")), cast.acting("ljilja"):
        assert run("SELECT count(*) FROM vault_letter") == [(1,)]  # still sealed to Lana's key


def test_a_lawyer_joins_only_after_a_clear_slip(cast, code):
    asked = ask(cast, code)
    with cast.acting("lana") as lana, pytest.raises(WrongState):
        answer_offer(assignment_id=asked, accepts=True, by=lana)
    with cast.acting("lana"), pytest.raises(database.Refused, match="slip_missing"):
        database.value("assignment_answer", asked, True)
    passes = as_function("app.slip_clear(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT true $$")
    with switched_off(*passes), cast.acting("lana"):
        database.value("assignment_answer", asked, True)
        assert Case.objects.count() == 1


def test_a_lawyer_is_not_asked_without_names_unless_it_is_said_that_they_are_not_known(cast, code):
    for slip in (None, Slip(town="Niš")):
        with pytest.raises(WrongState):
            ask(cast, code, slip=slip)
    ask(cast, code, slip=Slip(not_known=True))


def test_ending_or_declining_an_offer_destroys_the_letter(cast, code, definer):
    asked = ask(cast, code)
    with cast.acting("ana") as ana:
        end_assignment(assignment=Assignment.objects.get(pk=asked), reason="offer_withdrawn", by=ana)
    assert letters(definer) == 0
    asked = ask(cast, code)
    with cast.acting("lana") as lana:
        answer_offer(assignment_id=asked, accepts=False, by=lana)
    assert letters(definer) == 0


OVER = {
    "withdrawn": "The offer was withdrawn",
    "declined": "You have declined this case",
    "ended": "Your role on this case has ended",
}


@pytest.mark.parametrize("first", [None, "clear"])
@pytest.mark.parametrize("how", OVER)
def test_a_slip_sent_after_the_offer_is_over_is_refused_and_says_what_happened(cast, code, how, first):
    asked, lana = ask(cast, code), cast.client("lana")
    page = f"/offers/{asked}/slip"
    assert lana.get(page).status_code == 200  # the tab that stays open
    if first or how == "ended":
        lana.post(page, {"answer": "clear"})
    if how == "ended":
        lana.post(f"/offers/{asked}", {"answer": "accept"})
    if how == "declined":
        lana.post(f"/offers/{asked}", {"answer": "decline"})
    else:
        with cast.acting("ana") as ana:
            end_assignment(assignment=Assignment.objects.get(pk=asked), reason="offer_withdrawn", by=ana)
    lana.get("/")  # what was said so far is read
    late = lana.post(page, {"answer": "clear"}, follow=True)
    assert late.redirect_chain == [("/", 302)]
    assert OVER[how] in late.content.decode()
    assert "No conflict" not in late.content.decode()
    again = lana.get(page).content.decode()
    assert OVER[how] in again
    assert "You have answered this slip" not in again


def test_a_name_that_becomes_known_later_is_a_new_slip_and_a_conflict_ends_the_role(cast, code, definer):
    assign(cast, code, "lana")
    with cast.acting("ana") as ana:
        row = Assignment.objects.select_related("case", "user").get(user=cast.lana)
        send_slip(assignment=row, slip=Slip(names="Jovan Ilić"), by=ana)
    with cast.acting("lana") as lana:
        assert Case.objects.count() == 1  # content stays open meanwhile
        assert read_slip(assignment=get_own_slip(lana, row.pk), by=lana).names == "Jovan Ilić"
        answer_slip(assignment_id=row.pk, clear=False, by=lana)
    with cast.acting("lana"):
        assert Case.objects.count() == 0
    ended = definer.execute("SELECT state, end_reason FROM cases_assignment WHERE id = %s", [row.pk]).fetchone()
    assert ended == ("ended", "conflict")
    with cast.acting("lana"), pytest.raises(database.Refused):
        database.value("slip_send", row.pk, b"forged")


def test_the_pages_ask_for_the_slip_and_answer_it(cast, code, definer):
    ana = cast.client("ana")
    typed = {"person": str(cast.ljilja.pk), "reason": "legal_advice"}
    assert ana.post(f"/cases/{code}/people/ask?role=lawyer", typed).status_code == 302  # her key waits: no slip yet
    asked = definer.execute("SELECT id FROM cases_assignment WHERE state = 'offered'").fetchone()[0]
    cast.vouch("boba", "ljilja")
    page = f"/cases/{code}/people/{asked}"
    assert ana.post(f"{page}/keys").headers["Location"] == f"{page}/slip"
    assert ana.post(f"{page}/slip", {"town": "Niš"}).context["form"].errors.keys() == {"names"}
    assert ana.post(f"{page}/slip", {"names": "Petar Nikolić"}).status_code == 302
    ljilja = cast.client("ljilja")
    assert f"/offers/{asked}/slip" in ljilja.get("/").content.decode()
    assert "Petar Nikolić" in ljilja.get(f"/offers/{asked}/slip").content.decode()
    assert definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'slip_opened'").fetchone() == (1,)
    assert ljilja.post(f"/offers/{asked}/slip", {"answer": "clear"}).status_code == 302
    assert ljilja.post(f"/offers/{asked}", {"answer": "accept"}).status_code == 302
    assert ljilja.get(f"/cases/{code}").status_code == 200
    typed = {"person": str(cast.lana.pk), "reason": "legal_advice"}
    cast.vouch("boba", "lana")
    refused = ana.post(f"/cases/{code}/people/ask?role=lawyer", typed)
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"names"}


def test_a_slip_typed_for_a_lawyer_without_a_vouched_key_is_not_dropped(cast, code, definer):
    client, address = cast.client("ana"), f"/cases/{code}/people/ask?role=lawyer"
    cast.person("ljilja")
    typed = {"person": cast.ljilja.pk, "reason": "legal_advice", "names": "Petar", "town": "Novi Sad"}
    refused = client.post(address, typed)
    assert refused.status_code == 422
    for said in ("Nobody has vouched for her key yet", "Petar", "Novi Sad"):
        assert said in refused.content.decode()
    assert definer.execute("SELECT count(*) FROM cases_assignment WHERE role = 'lawyer'").fetchone() == (0,)
    assert client.post(address, {**typed, "names": "", "town": ""}).status_code == 302


def test_a_second_click_on_asking_lands_as_the_first_one(cast, code, definer):
    cast.vouch("boba", "lana")
    client, address = cast.client("ana"), f"/cases/{code}/people/ask?role=lawyer"
    typed = {"person": cast.lana.pk, "reason": "legal_advice", "names": "Petar"}
    for _click in range(2):
        answer = client.post(address, typed)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{code}/people")
    assert definer.execute("SELECT count(*) FROM cases_assignment WHERE role = 'lawyer'").fetchone() == (1,)
    definer.execute("UPDATE cases_assignment SET offered_at = offered_at - interval '2 minutes'")
    assert client.post(address, typed).status_code == 422  # later it is another question
