"""A locked identity card: it answers no guesses, and nothing is taken off it, put back onto it or written over."""

from uuid import uuid4

import pytest
from django.db import DatabaseError

from accounts import database
from accounts.exceptions import WrongState
from cases.access import get_case
from cases.models import IdentityEntry
from cases.services import identity
from tests.cases.helpers import looking
from tests.security.attack import plant, run, switched_off
from tests.security.test_identity import NAME, code, instead, look, on_the_case  # noqa: F401 - the case with a card

OTHER = {**NAME, "value": "Milica Jovanović"}
LONG_AGO = "UPDATE accounts_session SET stepped_up_at = clock_timestamp() - interval '6 minutes'"
ALL_OPEN = instead("identity_until(wanted uuid)", "timestamptz", "clock_timestamp()")
TAKE_OFF = "UPDATE cases_identityentry SET removed_at = clock_timestamp(), removed_by_id = app.uid() RETURNING id"
WRITE_OVER = (
    "INSERT INTO vault_sealed (id, record_id, field, case_id, purpose, key_version, payload, revision, current, written_at, written_by_id)"
    " SELECT gen_random_uuid(), e.id, 'identity.entry', e.case_id, 'identity', 1, '\\x00', 2, true, clock_timestamp(), app.uid()"
    " FROM cases_identityentry e"
)


def add(cast, code, values=NAME):  # noqa: F811
    with on_the_case(cast, "ana", code) as (ana, case):
        identity.add_entry(case=case, nonce=uuid4(), values=values, by=ana)


def entry() -> IdentityEntry:
    return IdentityEntry.objects.get()


def test_a_guess_is_answered_the_same_whether_it_is_right_or_wrong(cast, code):  # noqa: F811
    client, page = cast.client("ana"), f"/cases/{code}/identity/add"
    answers = []
    for guess in (NAME["value"], "Somebody Else"):
        typed = {**NAME, "value": guess, "nonce": str(uuid4()), "seen": 0}
        answer = client.post(page, typed)
        answers.append((answer.status_code, answer.headers.get("Location")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 302


def test_what_was_added_twice_meanwhile_is_marked_once_the_card_is_open(cast, code):  # noqa: F811
    add(cast, code)
    add(cast, code, OTHER)
    page = looking(cast, "ana", code).get(f"/cases/{code}/identity").content.decode()
    assert page.count("Stands here twice") == 1
    with on_the_case(cast, "ana", code) as (ana, case):
        first, second = IdentityEntry.objects.order_by("added_at")[:2]
        rows = identity.read_card(case=case, by=ana)
        assert identity.doubles(rows.of([second, first])) == set(), "closed in this session"
    look(cast, "ana", code)
    with on_the_case(cast, "ana", code) as (ana, case):
        assert identity.doubles(identity.read_card(case=case, by=ana).of([second, first])) == {second.pk}


def test_on_an_open_card_nothing_is_put_twice(cast, code):  # noqa: F811
    look(cast, "ana", code)
    with pytest.raises(WrongState, match="already"):
        add(cast, code)


def test_nothing_is_taken_off_or_put_back_while_it_is_locked(cast, code):  # noqa: F811
    client = cast.client("ana")
    with cast.acting("ana"):
        one = entry().pk
    answer = client.post(f"/cases/{code}/identity/{one}/remove", follow=True)
    assert "The identity card is closed. Open it first." in answer.content.decode()
    with cast.acting("ana"):
        assert entry().removed_at is None
    client = looking(cast, "ana", code)
    client.post(f"/cases/{code}/identity/{one}/remove")
    client.post(f"/cases/{code}/identity/close")
    client.post(f"/cases/{code}/identity/{one}/remove", {"back": "1"})
    with cast.acting("ana"):
        assert entry().removed_at is not None


def test_postgresql_takes_nothing_off_a_locked_card(cast, code):  # noqa: F811
    with cast.acting("ana"):
        assert run(TAKE_OFF) == []
    with switched_off(*ALL_OPEN), cast.acting("ana"):
        assert len(run(TAKE_OFF)) == 1


def test_a_comparison_under_way_is_no_open_card(cast, code):  # noqa: F811
    plant(LONG_AGO)
    with cast.acting("ana") as ana:
        database.value("identity_read_begin", get_case(ana, code).case.pk)
        assert run(TAKE_OFF) == []
    with cast.acting("ana"), pytest.raises(DatabaseError, match="row-level security"):
        run(WRITE_OVER)


def test_what_was_added_anew_meanwhile_is_not_put_back(cast, code):  # noqa: F811
    look(cast, "ana", code)
    with on_the_case(cast, "ana", code) as (ana, case):
        one = entry()
        identity.remove_entry(case=case, entry=one, by=ana)
    add(cast, code)
    with on_the_case(cast, "ana", code) as (ana, case), pytest.raises(WrongState, match="already"):
        identity.restore_entry(case=case, entry=one, by=ana)


def test_an_entry_becomes_no_double_of_another_one(cast, code):  # noqa: F811
    look(cast, "ana", code)
    add(cast, code, OTHER)
    with on_the_case(cast, "ana", code) as (ana, case):
        second = IdentityEntry.objects.order_by("-added_at")[0]
        with pytest.raises(WrongState, match="already"):
            identity.change_entry(case=case, entry=second, values=NAME, seen=1, by=ana)


def test_a_change_of_a_card_that_has_closed_asks_first_and_is_saved_then(cast, code):  # noqa: F811
    client = looking(cast, "ana", code)
    with cast.acting("ana"):
        one = entry().pk
    client.post(f"/cases/{code}/identity/close")
    session = client.session
    session["stepped_up_at"] = 0
    session.save()
    plant(LONG_AGO)
    typed = {**OTHER, "nonce": str(uuid4()), "seen": 1}
    answer = client.post(f"/cases/{code}/identity/{one}", typed)
    assert answer.status_code == 401
    assert 'name="carried"' in answer.content.decode(), "handed back to be sent again"
    with cast.acting("ana"):
        database.value("session_stepped_up")
        assert entry().pk == one


def test_postgresql_writes_nothing_over_on_a_locked_card_without_a_fresh_second_factor(cast, code):  # noqa: F811
    with cast.acting("ana"):
        run(WRITE_OVER)
    plant("DELETE FROM vault_sealed WHERE revision = 2")
    plant("UPDATE vault_sealed SET current = true")
    plant(LONG_AGO)
    with cast.acting("ana"), pytest.raises(DatabaseError, match="row-level security"):
        run(WRITE_OVER)
    with switched_off(*instead("stepped_up()", "boolean", "true")), cast.acting("ana"):
        run(WRITE_OVER)


def test_it_may_be_written_over_while_it_is_open(cast, code):  # noqa: F811
    look(cast, "ana", code)
    plant(LONG_AGO)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        identity.change_entry(case=case, entry=entry(), values=OTHER, seen=1, by=ana)
        assert identity.read_card(case=case, by=ana).said[entry().pk]["value"] == "Milica Jovanović"
