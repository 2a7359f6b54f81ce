"""Every end of a grant ends it at once: to the second, by withdrawal, with the role, by the clock, by hand; and its pages."""

from datetime import date, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import people
from cases.access import grants
from cases.access.consents import get_consent
from cases.choices import CaseRole
from cases.compartments import GrantState
from cases.models import Assignment, IdentityGrant
from cases.services import consents
from cases.services import grants as service
from cases.services.assignment import end_assignment
from tests.cases.helpers import agree, assign
from tests.conftest import as_role
from tests.security.attack import plant, run, switched_off
from tests.security.granting import (
    ANYBODY,
    OPEN_TO_ALL,
    PROTECT,
    WALL,
    act,
    approve,
    ask,
    case_with_a_card,
    consent_of,
    granted,
    look,
    names,
    on_the_case,
    shown,
    state,
    wraps,
)
from tests.security.test_quorum import away


@pytest.fixture
def code(cast):
    return case_with_a_card(cast)


# --- How it ends ------------------------------------------------------------------------------
@pytest.mark.parametrize(("seconds", "rows"), [(1, 2), (-1, 0)])
def test_it_ends_to_the_second(cast, code, seconds, rows):
    granted(cast, code)
    look(cast, code)
    plant("UPDATE cases_identitygrant SET until = clock_timestamp() + make_interval(secs => %s)", seconds)
    assert shown(cast) == rows
    with switched_off(*OPEN_TO_ALL):
        assert shown(cast) == 2  # without the control, the wrap is still there


CLOSED = {
    **{
        value: f"UPDATE cases_identitygrant SET state = '{value}'"
        for value in (*GrantState.values, "odd")
        if value != "active"
    },
    "withdrawn, the wrap still there": "UPDATE cases_consent SET withdrawn_at = now()",
    "never given": "UPDATE cases_consent SET given = false",
    "consent expired": "UPDATE cases_consent SET expires_at = clock_timestamp() - interval '1 second'",
    "role ended": "UPDATE cases_assignment SET state = 'ended' WHERE role = 'lawyer'",
}


@pytest.mark.parametrize("change", CLOSED.values(), ids=CLOSED)
def test_in_every_other_state_nothing_is_shown(cast, code, definer, change):
    granted(cast, code)
    look(cast, code)
    plant(change)
    assert wraps(definer, cast) == 1
    assert shown(cast) == 0
    with switched_off(*OPEN_TO_ALL):
        assert shown(cast) == 2


def test_withdrawal_takes_it_down_in_one_act(cast, code, definer):
    grant, consent = granted(cast, code), consent_of(cast, code)
    look(cast, code)
    page = cast.client("ana").get(f"/cases/{code}/consents/{consent.pk}/withdraw").content.decode()
    assert "Lana can open the identity no more" in page
    with on_the_case(cast, "lana", code) as (lana, opened):
        consents.withdraw_consent(consent=get_consent(opened, consent.pk), by=lana)
    assert (shown(cast), wraps(definer, cast)) == (0, 0)
    assert state(definer, grant) == ("ended", "withdrawn")
    assert definer.execute("SELECT count(*) FROM cases_identityopening WHERE closed_at IS NULL").fetchone() == (0,)


def test_the_end_of_the_role_ends_it(cast, code, definer):
    grant = granted(cast, code)
    with on_the_case(cast, "ana", code) as (ana, _opened):
        role = Assignment.objects.select_related("case").get(user=cast.lana)
        end_assignment(assignment=role, reason="work_done", by=ana)
    assert state(definer, grant) == ("ended", "left_case")
    assert wraps(definer, cast) == 0


def test_a_holder_who_goes_does_not_take_the_last_key_with_her(cast, code, definer):
    """A grant for some days is no second holder: the key of the last one is parked."""
    granted(cast, code)
    for name in ("boba", "ana"):
        with cast.acting("vera") as vera:
            people.deactivate(person=getattr(cast, name), by=vera)
    parked = "SELECT user_id, state FROM vault_wrap WHERE purpose = 'identity' AND state = 'parked'"
    assert definer.execute(parked).fetchall() == [(cast.ana.pk, "parked")]


def fire() -> int:
    with as_role("worker") as worker:
        return worker.execute("SELECT app.grants_fire()").fetchone()[0]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE cases_identitygrant SET until = clock_timestamp() - interval '1 second'", "time_over"),
        ("UPDATE cases_consent SET withdrawn_at = now()", "withdrawn"),
        ("UPDATE cases_consent SET expires_at = clock_timestamp() - interval '1 second'", "time_over"),
        ("UPDATE cases_assignment SET state = 'ended' WHERE role = 'lawyer'", "left_case"),
        (WALL, "left_case"),  # a wall is told to nobody
    ],
)
def test_the_clock_takes_the_wraps_away(cast, code, definer, change, why):
    grant = granted(cast, code)
    assert fire() == 0
    plant(change, *([cast.lana.pk] if "%s" in change else []))
    assert fire() == 1
    assert fire() == 0
    assert state(definer, grant) == ("ended", why)
    assert wraps(definer, cast) == 0


def test_only_the_clock_runs_the_clock(cast, code):
    with cast.acting("ana"), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run("SELECT app.grants_fire()")


def test_nobody_is_offered_to_confirm_what_another_holder_confirms(cast, code):
    """What the page and the desk offer is what PostgreSQL takes; the others read who may."""
    plant(PROTECT)
    grant = ask(cast, code, kind="representation")
    clients = {name: cast.client(name) for name in ("ana", "boba")}
    address = f"/cases/{code}/identity/for/{grant}"

    def reads(name):
        page = clients[name].get(address).content.decode()
        return "Confirm: she still represents her" in page, "Who can answer:" in page

    approve(cast, code, grant)
    assert "Who can answer: Boba." in clients["ana"].get(address).content.decode()
    approve(cast, code, grant, "boba")
    plant("UPDATE cases_identitygrant SET until = clock_timestamp() + interval '3 days'")
    assert (reads("ana"), reads("boba")) == ((True, False), (False, True))
    assert "Who can answer: Ana." in clients["boba"].get(address).content.decode()
    listed = {name: address in client.get("/").content.decode() for name, client in clients.items()}
    assert listed == {"ana": True, "boba": False}
    clients["ana"].post(f"{address}/confirm")
    assert (reads("ana"), reads("boba")) == ((False, True), (True, False))
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.boba, by=vera)
    plant("UPDATE cases_identitygrant SET until = clock_timestamp() + interval '3 days'")
    assert "nobody on this case can answer yet" in clients["ana"].get(address).content.decode()
    assert address in clients["ana"].get("/").content.decode()  # or it would end unseen


def test_who_is_away_is_nobody_else_who_could_confirm(cast, code, definer):
    """A representation does not run out unseen because the one who has to confirm it is away."""
    plant(PROTECT)
    grant = ask(cast, code, kind="representation")
    approve(cast, code, grant)
    approve(cast, code, grant, "boba")
    plant("UPDATE cases_identitygrant SET until = clock_timestamp() + interval '3 days'")

    def listed():
        with cast.acting("boba") as boba:
            return [row.pk for row in grants.list_waiting(boba)]

    assert listed() == []  # ana is here
    away(definer, "ana")
    assert listed() == [grant]
    assert "Away now, can answer once back: Ana." in (
        cast.client("boba").get(f"/cases/{code}/identity/for/{grant}").content.decode()
    )
    for back in ("cancelled_at = now()", "cancelled_at = NULL, from_on = until_on"):
        plant(f"UPDATE cases_absence SET {back}")
        assert listed() == []


def test_the_day_on_the_paper_stands_where_the_consent_is_chosen_and_named(cast, code):
    plant("DELETE FROM cases_consent WHERE purpose = 'representation'")
    with on_the_case(cast, "ana", code) as (ana, opened):
        to = {"how": "written", "recipient": "Lana", "signed_on": date(2019, 5, 12)}
        agree(opened.case, "representation", by=ana, **to)
    grant = ask(cast, code, kind="representation")
    client, address = cast.client("ana"), f"/cases/{code}/identity/for/{grant}"
    assert client.get(address).content.decode().count("(day on the paper: 12 May 2019)") == 1
    approve(cast, code, grant)
    assert client.get(address).content.decode().count("(day on the paper: 12 May 2019)") == 1


def test_representation_is_confirmed_every_ninety_days_or_ends(cast, code, definer):
    grant = granted(cast, code, kind="representation")
    (days,) = definer.execute("SELECT until - now() FROM cases_identitygrant").fetchone()
    assert timedelta(days=89) < days <= timedelta(days=90)
    soon = "UPDATE cases_identitygrant SET until = clock_timestamp() + interval '3 days'"
    plant(soon)
    assert (fire(), fire()) == (1, 0)  # lead and backup are told once
    with on_the_case(cast, "boba", code) as (boba, _opened):
        assert [row.pk for row in grants.list_waiting(boba)] == [grant]
    with pytest.raises(NotAllowed):
        act(cast, code, grant, service.confirm_grant, "lana")
    with cast.acting("lana"), pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
        database.value("grant_confirm", grant)
    with switched_off(*ANYBODY), cast.acting("lana"), transaction.atomic():
        database.value("grant_confirm", grant)  # without the control
    plant(soon)
    act(cast, code, grant, service.confirm_grant, "boba")
    (days,) = definer.execute("SELECT until - now() FROM cases_identitygrant").fetchone()
    assert days > timedelta(days=89)
    plant("UPDATE cases_identitygrant SET until = clock_timestamp() - interval '1 second'")
    with pytest.raises(NotAllowed):
        act(cast, code, grant, service.confirm_grant, "boba")  # too late: she asks anew
    assert fire() == 1
    assert state(definer, grant) == ("ended", "not_confirmed")


def test_others_on_the_case_do_not_end_it(cast, code):
    grant = granted(cast, code)
    assign(cast, code, "ceca", CaseRole.SUPERVISOR)
    for name in ("ceca", "koka"):
        with cast.acting(name), pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
            database.value("grant_end_by_hand", grant)


def test_approving_and_withdrawing_at_the_same_moment_leaves_one_truth(cast, code, definer):
    grant, consent = ask(cast, code), consent_of(cast, code)
    cast.person("ana").keyring, cast.person("lana").keyring
    barrier, errors = Barrier(2), []

    def race(step) -> None:
        try:
            barrier.wait()
            step()
        except (NotAllowed, WrongState, database.Refused) as error:
            errors.append(error)
        finally:
            connection.close()

    def take_back() -> None:
        with on_the_case(cast, "lana", code) as (lana, opened):
            consents.withdraw_consent(consent=get_consent(opened, consent.pk), by=lana)

    steps = (lambda: approve(cast, code, grant, consent=consent), take_back)
    threads = [Thread(target=race, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wraps(definer, cast) == 0
    assert state(definer, grant)[0] in {"asked", "ended"}
    assert len(errors) == (1 if state(definer, grant)[0] == "asked" else 0)


def test_two_holders_approve_at_the_same_moment(cast, code, definer):
    grant, consent = ask(cast, code), consent_of(cast, code)
    for name in ("ana", "boba"):
        cast.person(name).keyring  # noqa: B018 - opened before the race
    barrier, answers = Barrier(2), []

    def race(name) -> None:
        try:
            barrier.wait()
            answers.append(approve(cast, code, grant, name, consent=consent))
        except WrongState as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [Thread(target=race, args=(name,)) for name in ("ana", "boba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(GrantState.ACTIVE) == 1
    assert wraps(definer, cast) == 1
    look(cast, code)
    assert names(cast, code) == ["Milica Petrović"]


# --- Pages ------------------------------------------------------------------------------------
def test_everybody_on_the_case_sees_how_long(cast, code):
    granted(cast, code)
    for name in ("ana", "lana"):
        client = cast.client(name)
        for page in ("identity", "people"):
            text = client.get(f"/cases/{code}/{page}").content.decode()
            assert "Lana" in text
            assert "open until:" in text, (name, page)


def test_asked_and_answered_on_the_pages(cast, code):
    lana, ana = cast.client("lana"), cast.client("ana")
    where = f"/cases/{code}/identity"
    assert lana.post(f"{where}/ask", {"kind": "grant", "reason": "document"}).status_code == 422
    typed = {"kind": "grant", "reason": "document", "text": "For the court."}
    assert lana.post(f"{where}/ask", typed).status_code == 302
    assert "waits for lead or backup" in lana.get(where).content.decode()
    assert "Who may open an identity" in ana.get("/").content.decode()
    with on_the_case(cast, "ana", code):
        grant = IdentityGrant.objects.get().pk
    page = ana.get(f"{where}/for/{grant}").content.decode()
    assert "For the court." in page
    assert "Legal representation (Lana)" in page
    consent = consent_of(cast, code).pk
    assert ana.post(f"{where}/for/{grant}/approve", {"consent": uuid4(), "hours": 24}).status_code == 422
    for _click in range(2):
        assert ana.post(f"{where}/for/{grant}/approve", {"consent": consent, "hours": 24}).status_code == 302
    assert "Open the identity card" in lana.get(where).content.decode()
    assert ana.post(f"{where}/for/{grant}/end").status_code == 302
    assert "Open the identity card" not in lana.get(where).content.decode()


def test_without_a_consent_the_holder_is_told_what_is_missing(cast, code):
    consent = consent_of(cast, code).pk
    with on_the_case(cast, "ana", code) as (ana, opened):
        consents.withdraw_consent(consent=get_consent(opened, consent), by=ana)
    grant = ask(cast, code)
    page = cast.client("ana").get(f"/cases/{code}/identity/for/{grant}").content.decode()
    assert "No consent covers this." in page


def test_a_spoken_yes_does_not_cover_representation_and_the_page_says_so(cast, code):
    consent = consent_of(cast, code).pk
    with on_the_case(cast, "ana", code) as (ana, opened):
        consents.withdraw_consent(consent=get_consent(opened, consent), by=ana)
        agree(opened.case, "representation", by=ana, recipient="Lana")
    grant = ask(cast, code, kind="representation")
    page = cast.client("ana").get(f"/cases/{code}/identity/for/{grant}").content.decode()
    assert "She has said yes, but representation needs it in writing." in page
    assert "Ask the survivor first" not in page


def test_a_spoken_yes_withdrawn_alone_leaves_what_hangs_on_the_written_one(cast, code, definer):
    grant = granted(cast, code)
    with on_the_case(cast, "ana", code) as (ana, opened):
        spoken = agree(opened.case, "representation", by=ana, recipient="Lana")
    client = cast.client("ana")
    address = f"/cases/{code}/consents/{spoken}/withdraw"
    page = client.get(address).content.decode()
    assert "can open the identity no more" not in page
    assert "Lana opens the identity on another yes" in page
    page = client.post(address, {"alike": []}, follow=True).content.decode()
    assert state(definer, grant)[0] == "active"
    assert "What hung on it has ended" not in page
    assert "Another yes still stands, and opens the identity to: Lana" in page


def test_of_a_protected_case_the_page_shows_what_she_wrote(cast, code):
    grant = ask(cast, code)
    for statement in (None, PROTECT):
        if statement:
            plant(statement)
        assert "For the court." in cast.client("ana").get(f"/cases/{code}/identity/for/{grant}").content.decode()
