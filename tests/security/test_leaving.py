"""Leaving and absence: what goes at once, what is parked, and what whoever takes over sees of it."""

from contextlib import nullcontext
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.http import Http404

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import people
from cases.access import get_case, leaving, plan
from cases.codes import TASK_TEXTS
from cases.models import Task
from cases.services import absence, erasing, printing, profiles
from cases.services.assignment import answer_offer, offer_assignment, take_lead
from cases.services.casework import read_tasks
from cases.services.moves import ask_move
from cases.services.sealed import keys
from tests.cases import erasing as acts
from tests.cases.helpers import assign, open_case, reminded_today
from tests.conftest import as_definer
from tests.security.attack import plant, rewritten, switched_off
from tests.security.test_collisions import Racer, waiting
from tests.security.test_conflict_slip import as_function
from tests.security.test_rotation import note
from tests.security.test_wraps import rules


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def deactivate(cast, name):
    person = getattr(cast, name)
    with cast.acting("vera") as vera:
        people.deactivate(person=person, by=vera)


def left(cast, reader, name):
    person = getattr(cast, name)
    with cast.acting(reader) as user:
        return leaving.get_left(user, person.pk, page=1)


def test_the_only_holder_leaves_and_nobody_reads(cast, code, definer):
    assign(cast, code, "lana")
    deactivate(cast, "ana")
    assert definer.execute("SELECT count(*) FROM vault_wrap WHERE state = 'parked'").fetchone() == (3,)
    assert rules(definer) == set()
    note(cast, code, "lana")  # she goes on, under the old key: whoever takes over can read it
    assert definer.execute("SELECT max(version) FROM vault_keyversion").fetchone() == (1,)
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        for purpose in ("reach", "identity"):
            with pytest.raises(keys.NotHeld):
                keys.held_keys(case_id=case.pk, purpose=purpose, by=lana)
    counts = left(cast, "koka", "ana").counts
    assert (counts.led, counts.parked, counts.only_hers) == (1, 1, 0)


def test_of_two_people_with_one_away_nobody_is_locked_out_and_nothing_is_parked(cast, code, definer):
    """Absent is not deactivated: the backup acts, and the lead keeps what she has."""
    assign(cast, code, "boba", role="backup", voucher="")
    today = reminded_today()
    with cast.acting("ana") as ana:
        absence.add_absence(person=ana, from_on=today, until_on=today.replace(year=today.year + 1), by=ana)
    note(cast, code, "boba")
    note(cast, code, "ana")
    assert definer.execute("SELECT count(*) FROM vault_rotationdue").fetchone() == (0,)
    deactivate(cast, "boba")  # the one who is here leaves; the one who is away still holds everything
    assert definer.execute("SELECT count(*) FROM vault_wrap WHERE state = 'parked'").fetchone() == (0,)
    assert rules(definer) == set()
    note(cast, code, "ana")
    with cast.acting("koka") as koka:
        assert [row.name for row in leaving.list_leavers(koka, page=1)] == [
            "Boba"
        ]  # whoever is away is not on the list


def test_everything_goes_in_one_transaction(cast, code, definer):
    assign(cast, code, "lana")
    lana = cast.lana
    cast.client("lana")
    plant(
        "INSERT INTO cases_identityopening (id, case_id, person_id, kind, reason, opened_at, closes_at)"
        " SELECT gen_random_uuid(), c.id, %s, 'card', 'contact', now(), now() + interval '5 minutes' FROM cases_case c",
        lana.pk,
    )
    plant(
        "INSERT INTO cases_identitygrant (id, case_id, person_id, assignment_id, kind, reason, state, asked_at, asked_by_id, end_reason)"
        " SELECT gen_random_uuid(), a.case_id, a.user_id, a.id, 'days', 'contact', 'asked', now(), a.user_id, ''"
        " FROM cases_assignment a WHERE a.user_id = %s",
        lana.pk,
    )
    deactivate(cast, "lana")
    for table in ("cases_caseuserpermission", "vault_wrap", "accounts_session", "accounts_unlockedkey",
                  "accounts_teammember", "accounts_passkey", "accounts_invitation"):  # fmt: skip
        assert definer.execute(f"SELECT count(*) FROM {table} WHERE user_id = %s", [lana.pk]).fetchone() == (0,), table
    assert definer.execute("SELECT count(*) FROM cases_identityopening WHERE closed_at IS NULL").fetchone() == (0,)
    assert definer.execute("SELECT state, end_reason FROM cases_identitygrant").fetchall() == [("ended", "left_case")]


def test_an_open_session_loses_its_unlocked_key_at_once(cast, code, definer):
    client = cast.client("ana")
    assert client.get(f"/cases/{code}").status_code == 200
    deactivate(cast, "ana")
    assert definer.execute(
        "SELECT count(*) FROM accounts_unlockedkey WHERE user_id = %s", [cast.ana.pk]
    ).fetchone() == (0,)
    assert client.get(f"/cases/{code}").status_code == 302


def test_somebody_deactivated_while_she_accepts_ends_up_with_nothing(cast, code, definer):
    cast.vouch("boba", "ceca")
    with cast.acting("ana") as ana:
        offer = offer_assignment(case=get_case(ana, code).case, person=cast.ceca, role="caseworker", by=ana).pk
    assert cast.vera
    barrier, problems = Barrier(2), []

    def accept():
        try:
            with cast.acting("ceca") as ceca:
                barrier.wait()
                answer_offer(assignment_id=offer, accepts=True, by=ceca)
        except NotAllowed:
            pass
        except Exception as problem:  # noqa: BLE001 - a thread tells its test
            problems.append(problem)
        finally:
            connection.close()

    def leave():
        try:
            with cast.acting("vera") as vera:
                barrier.wait()
                people.deactivate(person=cast.ceca, by=vera)
        except Exception as problem:  # noqa: BLE001 - the same
            problems.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=accept), Thread(target=leave)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert definer.execute("SELECT count(*) FROM vault_wrap WHERE user_id = %s", [cast.ceca.pk]).fetchone() == (0,)
    assert definer.execute(
        "SELECT count(*) FROM cases_caseuserpermission WHERE user_id = %s", [cast.ceca.pk]
    ).fetchone() == (0,)
    assert rules(definer) == set()


def gives_the_date(cast):
    found = acts.full_case(cast)
    acts.erase(cast, found, kept=acts.critical_date(found, cast))

    def act():
        with cast.acting("ana") as ana:
            erasing.give_date(code=found, person=cast.ceca, by=ana)

    return act, "SELECT count(*) FROM cases_assignment a WHERE a.state = 'live' AND a.user_id = %s"


def gets_the_date(cast):
    """From a coordinator, who names nobody."""
    found = acts.full_case(cast)
    acts.erase(cast, found, kept=acts.critical_date(found, cast))
    deactivate(cast, "boba")
    deactivate(cast, "ana")

    def act():
        with cast.acting("koka") as koka:
            erasing.give_date(code=found, person=None, by=koka)

    return act, "SELECT count(*) FROM cases_assignment a WHERE a.state = 'live' AND a.user_id = %s"


def asks_for_her(cast):
    found = open_case(cast)
    cast.vouch("ana", "ceca")

    def act():
        with cast.acting("koka") as koka:
            ask_move(code=found, person=cast.ceca, role="caseworker", reason="other", by=koka)

    return act, "SELECT count(*) FROM cases_moverequest m WHERE m.state = 'open' AND m.person_id = %s"


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("begin", [gives_the_date, gets_the_date, asks_for_her])
def test_whoever_gives_work_waits_for_one_who_is_leaving(cast, definer, begin, control):
    """Vera has deactivated Ceca and not committed yet."""
    cast.intake()
    for name in ("ceca", "koka"):
        cast.person(name).keyring  # noqa: B018 - opened before the race
    act, left_over = begin(cast)
    with nullcontext() if control else rewritten("people_lock", "FOR SHARE", ""):
        gives = Racer(act)
        with cast.acting("vera") as vera:
            people.deactivate(person=cast.ceca, by=vera)
            gives.start()
            if control:
                waiting(1)
            else:
                gives.join(20)
        gives.join(20)
    assert isinstance(gives.problem, WrongState) is control, gives.problem
    assert definer.execute(left_over, [cast.ceca.pk]).fetchone() == (0 if control else 1,)


@pytest.mark.parametrize("begin", [gives_the_date, gets_the_date, asks_for_her])
def test_whoever_leaves_waits_for_one_who_gives_her_work_and_leaves_it_again(cast, definer, begin):
    cast.intake()
    for name in ("ceca", "koka", "vera"):
        cast.person(name).keyring  # noqa: B018 - opened before the race
    act, left_over = begin(cast)
    gives, leaves = Racer(act), Racer(lambda: deactivate(cast, "ceca"))
    with as_definer() as other, other.transaction():
        other.execute("SELECT 1 FROM accounts_audithead FOR UPDATE")
        gives.start()
        waiting(1)
        leaves.start()
        waiting(2)
    gives.join(20)
    leaves.join(20)
    assert (gives.problem, leaves.problem) == (None, None)
    assert definer.execute(left_over, [cast.ceca.pk]).fetchone() == (0,)


def test_the_survivor_is_told_by_the_backup(cast, code):
    assign(cast, code, "boba", role="backup", voucher="")
    deactivate(cast, "ana")
    with cast.acting("boba") as boba:
        case = get_case(boba, code).case
        take_lead(case=case, by=boba)
        (task,) = Task.objects.filter(case=case, kind="tell")
        assert (task.assignee_id, task.state) == (boba.pk, "open")
        assert read_tasks(tasks=[task], by=boba) == {task.pk: str(TASK_TEXTS["tell"])}
    client = cast.client("boba")
    for address in ("/", f"/cases/{code}/plan"):
        assert "does not work here any more" in client.get(address).content.decode(), address
    assert client.post(f"/cases/{code}/tasks/{task.pk}/done").status_code == 302
    assert not left(cast, "boba", "ana").cases.object_list[0].tell


def test_without_a_backup_whoever_else_works_on_the_case_tells_her(cast, code, definer):
    """No lead and no backup any more: the task stands on the caseworker's desk, and hers and the coordinator's say who leads."""
    assign(cast, code, "lana")
    assign(cast, code, "ceca", role="caseworker")
    cast.person("koka")
    for name in ("ceca", "koka"):
        assert "Nobody leads these cases" not in cast.client(name).get("/").content.decode()
    deactivate(cast, "ana")
    assert definer.execute("SELECT assignee_id FROM cases_task").fetchall() == [(cast.ceca.pk,)]
    desk = cast.client("ceca").get("/").content.decode()
    assert "does not work here any more" in desk
    assert "Nobody leads these cases" in desk
    assert f"/cases/{code}/people" in desk
    assert "does not work here any more" not in cast.client("lana").get("/").content.decode()
    koka = cast.client("koka").get("/").content.decode()
    assert "/board?only=alone" in koka
    assert code not in koka
    (task,) = definer.execute("SELECT id FROM cases_task").fetchone()
    assert cast.client("ceca").post(f"/cases/{code}/tasks/{task}/done").status_code == 302
    assert definer.execute("SELECT state FROM cases_task").fetchone() == ("done",)


def test_a_task_to_tell_her_that_is_nobodys_is_on_every_desk_of_the_case(cast, code, definer):
    """Set while nobody else was there, or for somebody who has left since."""
    assign(cast, code, "ceca", role="caseworker")
    assign(cast, code, "lana")
    cast.person("boba")
    deactivate(cast, "ana")
    definer.execute("DELETE FROM cases_task")
    for who in (None, cast.ana.pk):
        definer.execute(
            "INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, assignee_id, set_at, set_by_id)"
            " SELECT gen_random_uuid(), id, gen_random_uuid(), 'tell', now(), false, 'open', %s, now(), opened_by_id FROM cases_case",
            [who],
        )
    for name, number in (("ceca", 2), ("lana", 0), ("boba", 0)):
        with cast.acting(name) as person:
            assert len(plan.list_my_tasks(person)) == number, name
    assert cast.client("ceca").get("/").content.decode().count("does not work here any more") >= 2


def test_where_nobody_is_left_the_task_waits_for_whoever_comes(cast, code, definer):
    deactivate(cast, "ana")
    assert definer.execute("SELECT kind, assignee_id, state FROM cases_task").fetchall() == [("tell", None, "open")]


def test_what_each_reader_sees_of_it(cast, code, definer):
    """Codes for whoever works on the case and, of standard cases, for the coordinator's board; numbers for the rest."""
    other = open_case(cast)
    assign(cast, code, "boba", role="backup", voucher="")
    with cast.acting("ana") as ana:
        for wanted in (code, other):
            case = get_case(ana, wanted).case
            printing.note_printed(case=case, by=ana)
            database.value("identity_open", case.pk, uuid4(), "contact")
    assert cast.ceca
    with cast.acting("ana") as ana:
        profiles.save_profile(person=ana, values={"supervisor": cast.ceca}, by=ana)
    deactivate(cast, "ana")
    numbers = {"led": 2, "parked": 1, "prints": 2, "identities": 2}
    for reader, codes in (("vera", set()), ("koka", {code, other}), ("ceca", set())):
        found = left(cast, reader, "ana")
        assert {name: getattr(found.counts, name) for name in numbers} == numbers, reader
        assert {row.code for row in found.cases} == codes, reader
        assert {row.code for row in found.looks} == {""}, reader
    boba = left(cast, "boba", "ana")  # she works on one of them
    assert (boba.counts.led, boba.counts.prints) == (1, None)
    assert [row.code for row in boba.cases] == [code]
    assert {(row.code, row.action, row.number) for row in boba.looks} == {
        (code, "case_printed", 1),
        (code, "identity_opened", 1),
    }
    for reader, refusal in (("lana", NotAllowed), ("ljilja", NotAllowed)):
        with pytest.raises(refusal):
            left(cast, reader, "ana")
    with cast.acting("lana"):
        assert database.rows("leavers", 0, 50) == database.rows("leaver_cases", cast.ana.pk, 0, 50) == []
    page = cast.client("vera").get(f"/leaving/{cast.ana.pk}").content.decode()
    assert code not in page
    assert other not in page
    everybody = as_function(
        "app.leaver_code(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT true $$"
    )  # the control off: the administrator reads the codes
    with switched_off(*everybody):
        assert {row.code for row in left(cast, "vera", "ana").cases} == {code, other}


def test_a_protected_case_and_a_wall_change_no_number_and_show_no_code(cast, code, definer):
    other = open_case(cast)
    definer.execute("UPDATE cases_case SET compartment = 'protected' WHERE code = %s", [other])
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, %s, now(), c.opened_by_id FROM cases_case c WHERE c.code = %s",
        cast.koka.pk, code,
    )  # fmt: skip
    before = left(cast, "koka", "ana")
    assert (before.counts.led, list(before.cases)) == (1, [])  # the protected one is a number, the walled one nothing
    assert left(cast, "vera", "ana").counts.led == 2


def test_before_she_leaves_the_list_says_what_only_she_holds(cast, code):
    found = left(cast, "koka", "ana")
    assert (found.counts.deactivated_at, found.counts.only_hers) == (None, 1)
    assert found.cases.object_list[0].only_hers
    assign(cast, code, "boba", role="backup", voucher="")
    assert left(cast, "koka", "ana").counts.only_hers == 0
    for reader, name in (("boba", "ana"), ("ana", "ana"), ("koka", "koka")):
        with pytest.raises(Http404):
            left(cast, reader, name)


def test_the_look_is_in_the_log(cast, code, definer):
    left(cast, "koka", "ana")
    found = definer.execute(
        "SELECT actor, object_id FROM accounts_auditevent WHERE action = 'leaving_viewed'"
    ).fetchall()
    assert found == [(str(cast.koka.pk), str(cast.ana.pk))]
