"""The identity card: what is shown to whom, when, and that each condition bites by itself."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed, StepUpNeeded
from cases.access import get_case, get_request
from cases.access import identity as cards
from cases.choices import Purpose
from cases.compartments import GrantState, OpeningKind, OpeningReason
from cases.models import Approval, IdentityEntry
from cases.services import comparing, held, identity
from cases.services.approvals import answer_approval
from cases.services.casework import read_content
from cases.services.sealed import content
from cases.vault.models import Sealed, Wrap
from tests.cases.helpers import WORDS, assign, log, open_case
from tests.security.attack import plant, run, switched_off

NAME = {"kind": "name", "value": "Milica Petrović", "certainty": "said", "note": ""}


def instead(function: str, returns: str, value: str) -> tuple[str, str]:
    """A function of the database that says yes to everybody."""
    body = f"RETURNS {returns} LANGUAGE sql STABLE AS $$ SELECT {value} $$"
    return "SET ROLE sidro_definer", f"CREATE OR REPLACE FUNCTION app.{function} {body}"


@pytest.fixture
def code(cast):
    cast.intake()
    code = open_case(cast)
    with cast.acting("ana") as ana:
        identity.add_entry(case=get_case(ana, code).case, nonce=uuid4(), values=NAME, by=ana)
    return code


@contextmanager
def on_the_case(cast, name, code):
    with cast.acting(name) as person:
        yield person, get_case(person, code).case


def look(cast, name, code, **changes):
    values = {"reason": OpeningReason.CONTACT, "text": "She asked me to.", **changes}
    with on_the_case(cast, name, code) as (person, case):
        identity.open_card(case=case, by=person, **values)


def sealed_identities() -> int:
    return Sealed.objects.filter(purpose=Purpose.IDENTITY).count()


def read(cast, name, code):
    with on_the_case(cast, name, code) as (person, case):
        return identity.read_card(case=case, by=person)


def test_a_card_opens_for_five_minutes_and_everybody_on_the_case_sees_who_looked(cast, code, definer):
    assign(cast, code, "lana")
    look(cast, "ana", code)
    card = read(cast, "ana", code)
    assert [said["value"] for said in card.said.values()] == ["Milica Petrović"]
    assert card.words == WORDS
    with on_the_case(cast, "lana", code) as (lana, case):
        looks = cards.list_openings(get_case(lana, code), page=1)
        assert [(row.person.login_name, row.reason) for row in looks] == [("ana", "contact")]
        said = read_content(case=case, records=[row.pk for row in looks], by=lana)
        assert list(said.texts.values()) == ["She asked me to."]
    logged = definer.execute("SELECT detail FROM accounts_auditevent WHERE action = 'identity_opened'").fetchall()
    assert logged == [("contact",)]
    lines = definer.execute("SELECT detail FROM cases_timelineentry WHERE kind = 'identity' ORDER BY at").fetchall()
    assert ("looked:contact",) in lines


def test_closed_nobody_reads_it_in_the_database_either(cast, code):
    with on_the_case(cast, "ana", code):
        assert sealed_identities() == 0
    look(cast, "ana", code)
    with on_the_case(cast, "ana", code):
        assert sealed_identities() == 2
        database.value("identity_close", get_case(cast.ana, code).case.pk)
        assert sealed_identities() == 0
    with (
        switched_off(*instead("identity_searching()", "boolean", "true")),
        on_the_case(cast, "ana", code),
    ):
        assert sealed_identities() == 2  # without the control


@pytest.mark.parametrize(("seconds", "shown"), [(1, 2), (-1, 0)])
def test_it_ends_to_the_second(cast, code, seconds, shown):
    look(cast, "ana", code)
    plant("UPDATE cases_identityopening SET closes_at = clock_timestamp() + make_interval(secs => %s)", seconds)
    with on_the_case(cast, "ana", code):
        assert sealed_identities() == shown


def test_the_lawyer_has_neither_key_nor_right(cast, code):
    assign(cast, code, "lana")
    with pytest.raises(NotAllowed):
        look(cast, "lana", code)
    with on_the_case(cast, "lana", code) as (lana, case):
        assert not cards.may_identify(lana, case)
        assert Wrap.objects.filter(purpose=Purpose.IDENTITY).count() == 0
        assert not IdentityEntry.objects.exists()
        with pytest.raises(NotAllowed):
            content.read(case_id=case.pk, record_ids=[case.pk], purpose=Purpose.IDENTITY, by=lana)


def test_without_a_fresh_second_factor_it_stays_closed(cast, code):
    plant("UPDATE accounts_session SET stepped_up_at = clock_timestamp() - interval '301 seconds'")
    with pytest.raises(StepUpNeeded):
        look(cast, "ana", code)
    plant("UPDATE accounts_session SET stepped_up_at = clock_timestamp() - interval '299 seconds'")
    look(cast, "ana", code)


def test_what_it_would_be_without_the_second_factor(cast, code):
    plant("UPDATE accounts_session SET stepped_up_at = NULL")
    with switched_off(*instead("stepped_up()", "boolean", "true")):
        look(cast, "ana", code)


def test_the_second_factor_of_another_session_does_not_count(cast, code):
    person = cast.person("ana")
    plant("UPDATE accounts_session SET stepped_up_at = NULL WHERE session_hash = %s", person.session_hash)
    with pytest.raises(StepUpNeeded):
        look(cast, "ana", code)


def test_nobody_writes_an_opening_herself(cast, code):
    statement = (
        "INSERT INTO cases_identityopening (id, case_id, person_id, kind, reason, opened_at, closes_at)"
        " SELECT gen_random_uuid(), c.id, app.uid(), 'card', 'contact', now(), now() + interval '1 day' FROM cases_case c"
    )
    with pytest.raises(DatabaseError), on_the_case(cast, "ana", code):
        run(statement)
    look(cast, "ana", code)
    with pytest.raises(DatabaseError), on_the_case(cast, "ana", code):
        run("UPDATE cases_identityopening SET closes_at = now() + interval '1 day'")
    with (
        switched_off(
            "GRANT INSERT ON cases_identityopening TO PUBLIC",
            "ALTER TABLE cases_identityopening DISABLE ROW LEVEL SECURITY",
        ),
        on_the_case(cast, "ana", code),
    ):
        run(statement)  # without the control


def test_ten_a_day_then_a_second_person(cast, code):
    assign(cast, code, "boba", role="backup", voucher="")
    for _look in range(10):
        look(cast, "ana", code)
        with on_the_case(cast, "ana", code) as (ana, case):
            identity.close_card(case=case, by=ana)
    with pytest.raises(identity.BudgetSpent):
        look(cast, "ana", code)
    for _click in range(2):
        with on_the_case(cast, "ana", code) as (ana, case):
            identity.ask_for_more(case=case, reason="The court asks.", by=ana)
    with on_the_case(cast, "ana", code) as (ana, case):
        asked = Approval.objects.get()
        with pytest.raises(NotAllowed):
            answer_approval(approval=asked, approves=True, by=ana)
    with on_the_case(cast, "boba", code) as (boba, case):
        answer_approval(approval=Approval.objects.get(), approves=True, by=boba)
    look(cast, "ana", code)
    with on_the_case(cast, "ana", code) as (ana, case):
        identity.close_card(case=case, by=ana)
    with pytest.raises(identity.BudgetSpent):  # agreed to once is once
        look(cast, "ana", code)
    with switched_off(*instead("identity_budget_left(of_kind text)", "integer", "1")):
        look(cast, "ana", code)  # without the control


def test_two_clicks_are_one_look(cast, code, definer):
    look(cast, "ana", code)
    look(cast, "ana", code)
    assert definer.execute("SELECT count(*) FROM cases_identityopening").fetchone() == (1,)


GRANT = (
    "INSERT INTO cases_identitygrant (id, case_id, person_id, assignment_id, consent_id, kind, reason, state, asked_at,"
    " asked_by_id, approved_at, approved_by_id, hours, until, end_reason) SELECT gen_random_uuid(), a.case_id, a.user_id, a.id, o.id,"
    " 'grant', 'document', 'active', now(), a.user_id, now(), a.offered_by_id, 24, now() + interval '1 day', ''"
    " FROM cases_assignment a JOIN cases_consent o ON o.case_id = a.case_id WHERE a.role = 'lawyer'"
)
CONSENT = (
    "INSERT INTO cases_consent (id, case_id, purpose, given, how, given_by, language, text_version, noted_at, noted_by_id)"
    " SELECT gen_random_uuid(), c.id, 'legal', true, 'spoken', 'self', 'sr', '1', now(), c.opened_by_id FROM cases_case c"
)


@pytest.fixture
def granted(cast, code):
    assign(cast, code, "lana")
    plant(CONSENT)
    plant(GRANT)
    return code


def test_an_active_grant_opens_the_right(cast, granted):
    with on_the_case(cast, "lana", granted) as (lana, case):
        assert cards.may_identify(lana, case)
    look(cast, "lana", granted)  # but without a wrap there is still nothing to read
    with on_the_case(cast, "lana", granted):
        assert sealed_identities() == 0


@pytest.mark.parametrize(
    "ended",
    [
        *(
            f"UPDATE cases_identitygrant SET state = '{state}'"
            for state in (*set(GrantState.values) - {"active"}, "odd")
        ),
        "UPDATE cases_identitygrant SET until = clock_timestamp() - interval '1 second'",
        "UPDATE cases_consent SET withdrawn_at = now()",
        "UPDATE cases_consent SET given = false",
        "UPDATE cases_assignment SET state = 'ended' WHERE role = 'lawyer'",
    ],
)
def test_every_other_state_opens_nothing(cast, granted, ended):
    look(cast, "lana", granted)
    plant(ended)
    with cast.acting("lana") as lana:
        case_id = run("SELECT case_id FROM cases_identitygrant")
        if case_id:
            assert cards.active_grant(lana, get_case(lana, granted).case) is None
        assert run("SELECT app.identity_opened()") == [([],)]


def test_a_search_needs_the_second_factor_and_has_its_own_budget(cast, code):
    with cast.acting("ana"):
        opening = database.value("identity_read_begin", None)
        assert sealed_identities() == 2
        database.value("identity_read_end", opening)
        assert sealed_identities() == 0
        for _search in range(19):
            database.value("identity_read_begin", None)
    with pytest.raises(database.Refused, match="budget"), cast.acting("ana"):
        database.value("identity_read_begin", None)
    plant("DELETE FROM cases_identityopening")
    plant("UPDATE accounts_session SET stepped_up_at = NULL")
    with pytest.raises(database.Refused, match="step_up"), cast.acting("ana"):
        database.value("identity_read_begin", None)


def test_of_a_protected_case_the_holders_are_told(cast, code, definer):
    assign(cast, code, "boba", role="backup", voucher="")
    plant("UPDATE cases_case SET compartment = 'protected'")
    look(cast, "boba", code)
    told = definer.execute(
        "SELECT u.login_name FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id WHERE n.kind = 'identity'"
    )
    assert told.fetchall() == [("ana",)]


def test_cards_are_written_by_lead_and_backup_only(cast, code):
    assign(cast, code, "lana")
    with pytest.raises(NotAllowed), on_the_case(cast, "lana", code) as (lana, case):
        identity.add_entry(case=case, nonce=uuid4(), values=NAME, by=lana)
    with pytest.raises(DatabaseError), on_the_case(cast, "lana", code) as (lana, case):
        IdentityEntry(case=case, nonce=uuid4(), added_at=timezone.now(), added_by=lana).save(force_insert=True)


def test_openings_outside_a_case_stay_private(cast, code):
    assign(cast, code, "boba", role="backup", voucher="")
    with cast.acting("ana"):
        database.value("identity_read_begin", None)
    with cast.acting("boba"):
        assert run("SELECT count(*) FROM cases_identityopening WHERE kind = %s", str(OpeningKind.SEARCH)) == [(0,)]


# --- Search and comparison: codes only, never values ------------------------------------------
def test_an_exact_search_answers_codes_over_what_she_holds(cast, code, definer):
    of_boba = open_case(cast, lead="boba", contacts={"phone": "060 555 12 34"})
    with on_the_case(cast, "boba", of_boba) as (boba, case):
        identity.add_entry(case=case, nonce=uuid4(), values=NAME, by=boba)
    ana, boba = cast.client("ana"), cast.client("boba")
    page = ana.post("/search/identities", {"typed": "ПЕТРОВИЋ Милица"})
    assert page.status_code == 200
    body = page.content.decode()
    assert code in body
    assert of_boba not in body
    assert "Milica Petrović" not in body
    assert of_boba in boba.post("/search/identities", {"typed": "+381 60 555 12 34"}).content.decode()
    logged = "SELECT object_id, detail, outcome FROM accounts_auditevent WHERE action = 'identities_searched'"
    assert definer.execute(logged).fetchall() == [("", "", "done")] * 2
    assert definer.execute("SELECT count(*) FROM cases_identityopening WHERE closed_at IS NULL").fetchone() == (0,)


def test_what_was_taken_off_the_card_is_not_found(cast, code):
    look(cast, "ana", code)
    with on_the_case(cast, "ana", code) as (ana, case):
        identity.remove_entry(case=case, entry=IdentityEntry.objects.get(), by=ana)
    with cast.acting("ana") as ana:
        assert held.search(typed="Milica Petrović", by=ana) == frozenset()


def test_the_search_says_when_its_budget_is_spent_and_asks_for_the_second_factor(cast, code):
    for _search in range(20):
        with cast.acting("ana") as ana:
            held.search(typed="Nobody Here", by=ana)
    client = cast.client("ana")
    refused = client.post("/search/identities", {"typed": "Nobody Here"})
    assert refused.status_code == 422
    assert "as one person may" in refused.content.decode()
    assert client.post("/search/identities", {"typed": "  "}).status_code == 422
    plant("UPDATE accounts_session SET stepped_up_at = NULL")
    with pytest.raises(StepUpNeeded), cast.acting("ana") as ana:
        held.search(typed="Nobody Here", by=ana)
    with switched_off(*instead("identity_budget_left(of_kind text)", "integer", "1")):
        plant("UPDATE accounts_session SET stepped_up_at = clock_timestamp()")
        with cast.acting("ana") as ana:
            held.search(typed="Nobody Here", by=ana)  # without the control


def test_the_lawyer_and_the_walled_find_nothing(cast, code):
    assign(cast, code, "lana")
    with cast.acting("lana") as lana:
        assert held.search(typed="Milica Petrović", by=lana) == frozenset()
    plant(
        "INSERT INTO cases_identityopening (id, person_id, kind, reason, opened_at, closes_at)"
        " SELECT gen_random_uuid(), %s, 'search', '', now(), now() + interval '1 hour'",
        cast.lana.pk,
    )
    with cast.acting("lana"):
        assert sealed_identities() == 0  # an opening alone is nothing without key and right


def test_a_request_is_compared_with_her_cards(cast, code, definer):
    new = log(cast, contacts={"phone": "061 999 88 77", "other_contact": "petrović milica"})
    other = log(cast, contacts={"phone": "061 999 88 77", "other_contact": "Milica"})
    with cast.acting("ana") as ana:
        same = comparing.compare(request=get_request(ana, new), by=ana)
        assert (same.cases, same.identities) == ((code,), True)
        assert comparing.compare(request=get_request(ana, other), by=ana).cases == ()
    with cast.acting("boba") as boba:
        assert comparing.compare(request=get_request(boba, new), by=boba).cases == ()
    logged = "SELECT detail FROM accounts_auditevent WHERE action = 'identity_compared'"
    assert definer.execute(logged).fetchall() == [("request",)] * 3


def test_a_comparison_needs_a_request_of_hers_and_ends_at_its_budget(cast, code):
    new = log(cast)
    with cast.acting("ana") as ana:
        request = get_request(ana, new)
    for name in ("ceca", "lana"):
        with pytest.raises(NotAllowed), cast.acting(name) as person:
            held.same_as(request=request, contacts={"phone": "1"}, by=person)
    with pytest.raises(database.Refused, match="not_allowed"), cast.acting("ana"):
        database.value("identity_compare_begin", uuid4())
    plant(
        "INSERT INTO cases_identityopening (id, person_id, kind, reason, opened_at, closes_at)"
        " SELECT gen_random_uuid(), %s, 'compare', '', now(), now() FROM generate_series(1, 60)",
        cast.ana.pk,
    )
    with cast.acting("ana") as ana:
        assert comparing.compare(request=request, by=ana).identities is False
    page = cast.client("ana").get(f"/requests/{new}/accept").content.decode()
    assert "Identity cards were not compared" in page


def test_the_page_says_that_one_more_was_asked_for_and_loses_no_words(cast, code):
    assign(cast, code, "boba", role="backup", voucher="")
    plant(
        "INSERT INTO cases_identityopening (id, case_id, person_id, kind, reason, opened_at, closes_at, closed_at)"
        " SELECT gen_random_uuid(), c.id, c.opened_by_id, 'card', 'contact', now(), now(), now() FROM cases_case c, generate_series(1, 10)"
    )
    client, where = cast.client("ana"), f"/cases/{code}/identity"
    assert "Open the identity card" not in client.get(where).content.decode()
    for _click in range(2):
        assert client.post(f"{where}/more", {"reason": "The court asks."}).status_code == 302
    with on_the_case(cast, "ana", code):
        asked = Approval.objects.get().pk
    page = client.get(where).content.decode()
    assert "You asked a second person" in page
    assert f"/cases/{code}/second/{asked}" in page
    assert "/identity/more" not in page
    answer = client.post(f"{where}/more", {"reason": "She calls tonight."})
    assert answer.status_code == 422
    assert "She calls tonight." in answer.content.decode()
    with on_the_case(cast, "boba", code) as (boba, _case):
        answer_approval(approval=Approval.objects.get(), approves=True, by=boba)
    page = client.get(where).content.decode()
    assert "A second person agreed that you open this one as well" in page
    assert "You can open 0 more" not in page
    assert "Open the identity card" in page
