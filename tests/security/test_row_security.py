"""Row security as role web: each attack is refused, and succeeds with the control switched off."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import database
from cases.access import get_case, get_request, people_for_role
from cases.models import Case, HelpRequest, Note
from cases.services.accept import accept_request
from cases.services.assignment import offer_assignment
from cases.services.casework import read_content, write_note
from cases.services.deadlines import set_deadline
from cases.vault.models import Sealed, Wrap
from tests.cases.helpers import assign, log, open_case
from tests.security.attack import open_table, plant, run, switched_off


@pytest.fixture
def two_cases(cast):
    """Ana leads two cases; Lana is on the first only."""
    cast.intake()
    codes = open_case(cast), open_case(cast)
    assign(cast, codes[0], "lana")
    for code in codes:
        with cast.acting("ana") as ana:
            write_note(case=get_case(ana, code).case, nonce=uuid4(), type="case_note", text="secret", by=ana)
    with cast.acting("ana"):
        ids = {case.code: case.pk for case in Case.objects.all()}
    return ids[codes[0]], ids[codes[1]]


def refused(statement: str, *arguments: object) -> None:
    with pytest.raises(DatabaseError, match=r"row-level security|permission denied"), transaction.atomic():
        run(statement, *arguments)


TABLES = ("cases_note", "cases_assignment", "vault_sealed", "vault_keyversion", "vault_wrap")


def test_without_an_actor_there_are_no_rows(cast, two_cases):
    for table in ("cases_case", "cases_helprequest", "accounts_user", "cases_caseuserpermission", *TABLES):
        assert run(f"SELECT count(*) FROM {table}") == [(0,)], table


@pytest.mark.parametrize("table", TABLES)
def test_a_bare_select_shows_the_own_case_only(cast, two_cases, table):
    mine, other = two_cases
    with cast.acting("lana"):
        seen = {row[0] for row in run(f"SELECT case_id FROM {table}")}
        assert seen == {mine}
    with switched_off(open_table(table)), cast.acting("lana"):
        assert other in {row[0] for row in run(f"SELECT case_id FROM {table}")}


def test_the_case_list_shows_the_own_case_only(cast, two_cases):
    mine, _other = two_cases
    with cast.acting("lana") as lana:
        assert [case.pk for case in Case.objects.all()] == [mine]  # no filter of ours: row security alone
        assert [case.pk for case in Case.objects.visible_to(lana)] == [mine]
    with switched_off(open_table("cases_case")), cast.acting("lana") as lana:
        assert Case.objects.count() == 2
        assert [case.pk for case in Case.objects.visible_to(lana)] == [mine]  # the filter alone


def test_nothing_can_be_written_into_a_hidden_case(cast, two_cases):
    _mine, other = two_cases
    note = (
        "INSERT INTO cases_note (id, case_id, nonce, type, written_at, written_by_id)"
        " VALUES (gen_random_uuid(), %s, gen_random_uuid(), 'case_note', now(), %s)"
    )
    with cast.acting("lana") as lana:
        refused(note, other, lana.pk)
    with switched_off(open_table("cases_note")), cast.acting("lana") as lana:
        run(note, other, lana.pk)


def test_a_hidden_id_answers_like_a_missing_one(cast, two_cases):
    """The foreign key would tell them apart, were the child tables not under row security themselves."""
    _mine, other = two_cases
    note = (
        "INSERT INTO cases_note (id, case_id, nonce, type, written_at, written_by_id)"
        " VALUES (gen_random_uuid(), %s, gen_random_uuid(), 'case_note', now(), %s)"
    )
    answers = []
    for case_id in (other, uuid4()):
        with cast.acting("lana") as lana:
            with pytest.raises(DatabaseError) as error, transaction.atomic():
                run(note, case_id, lana.pk)
            answers.append(str(error.value))
    assert answers[0] == answers[1]


def test_an_error_oracle_learns_nothing(cast, two_cases):
    _mine, other = two_cases
    with cast.acting("lana"):
        assert run("SELECT 1 / (CASE WHEN id = %s THEN 0 ELSE 1 END) FROM cases_case", other) == [(1,)]


@pytest.mark.parametrize("name", ["lana", "koka", "vera", "ceca"])
def test_nobody_grants_herself_anything(cast, two_cases, name):
    _mine, other = two_cases
    with cast.acting(name) as person:
        refused(
            "INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id) SELECT %s, %s, 1",
            other,
            person.pk,
        )
        refused("UPDATE cases_caseuserpermission SET user_id = %s", person.pk)
        refused("DELETE FROM cases_caseuserpermission")
        refused(
            "INSERT INTO cases_assignment (id, case_id, user_id, role, state, offered_at, offered_by_id, end_reason)"
            " VALUES (gen_random_uuid(), %s, %s, 'lawyer', 'offered', now(), %s, '')",
            other,
            person.pk,
            person.pk,
        )
        refused(
            "INSERT INTO vault_wrap (id, case_id, purpose, version, user_id, state, sealed, made_at, made_by_id)"
            " VALUES (gen_random_uuid(), %s, 'content', 1, %s, 'live', '\\x00', now(), %s)",
            other,
            person.pk,
            person.pk,
        )


def test_a_lead_cannot_seal_to_somebody_nobody_vouched_for(cast, two_cases):
    mine, _other = two_cases
    wrap = (
        "INSERT INTO vault_wrap (id, case_id, purpose, version, user_id, state, sealed, made_at, made_by_id)"
        " VALUES (gen_random_uuid(), %s, 'content', 1, %s, 'offered', '\\x00', now(), %s)"
    )
    ljilja = cast.ljilja.pk
    with cast.acting("ana") as ana:
        refused(wrap, mine, ljilja, ana.pk)
    cast.vouch("boba", "ljilja")
    with cast.acting("ana") as ana:
        run(wrap, mine, ljilja, ana.pk)


def test_identity_and_reach_stay_shut_to_the_lawyer_also_by_row(cast, two_cases):
    mine, _other = two_cases
    with cast.acting("lana"):
        assert set(Sealed.objects.values_list("purpose", flat=True)) == {"content"}
        assert set(Wrap.objects.values_list("purpose", flat=True)) == {"content"}
    with cast.acting("ana"):
        database.value("identity_open", mine, uuid4(), "contact")
        assert set(Sealed.objects.filter(case_id=mine).values_list("purpose", flat=True)) == {
            "content",
            "reach",
            "identity",
        }


def test_a_forged_permission_row_shows_the_shell_and_no_content(cast, two_cases):
    _mine, other = two_cases
    lana = cast.lana.pk
    plant(
        "INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id)"
        " SELECT %s, %s, app.permission_id(code) FROM unnest('{view_case,change_case,share_case}'::text[]) code",
        other,
        lana,
    )
    with cast.acting("lana") as actor:
        case = Case.objects.get(pk=other)
        assert Sealed.objects.filter(case=case).count() == 0
        assert (
            read_content(case=case, records=Note.objects.filter(case=case).values_list("pk", flat=True), by=actor)
            is None
        )


def test_a_request_is_hidden_from_whoever_is_not_in_its_team(cast):
    cast.intake()
    code = log(cast, by="ceca")
    with cast.acting("ceca"):
        assert run("SELECT count(*) FROM cases_helprequest") == [(0,)]
        assert run("SELECT count(*) FROM vault_sealed") == [(0,)]
        refused("UPDATE accounts_teammember SET user_id = user_id")
    with switched_off(open_table("cases_helprequest")), cast.acting("ceca"):
        assert HelpRequest.objects.get().code == code


def test_a_lawyer_sees_only_colleagues_of_her_cases(cast, two_cases):
    with cast.acting("lana"):
        assert {row[0] for row in run("SELECT login_name FROM accounts_user")} == {"ana", "lana"}
        assert run("SELECT count(*) FROM accounts_mailaddress") == [(1,)]
    with cast.acting("ljilja"):
        assert {row[0] for row in run("SELECT login_name FROM accounts_user")} == {"ljilja"}


def test_no_note_and_no_date_can_be_moved_to_another_case(cast, two_cases):
    mine, other = two_cases
    with cast.acting("lana"):
        refused("UPDATE cases_note SET case_id = %s WHERE case_id = %s", other, mine)
        refused("UPDATE cases_deadline SET case_id = %s", other)


def test_a_wall_beats_a_grant_and_hides_the_case(cast, two_cases):
    mine, _other = two_cases
    lana = cast.lana.pk
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) VALUES (gen_random_uuid(), %s, %s, %s, %s)",
        mine,
        lana,
        timezone.now(),
        cast.ana.pk,
    )
    with cast.acting("lana") as actor:
        assert Case.objects.count() == 0
        assert Case.objects.visible_to(actor).count() == 0
        for table in ("cases_note", "cases_assignment", "vault_sealed", "vault_wrap", "cases_notice"):
            assert run(f"SELECT count(*) FROM {table}") == [(0,)], table
        refused("SELECT count(*) FROM cases_wall")
    plant("UPDATE cases_wall SET lifted_at = now()")
    with cast.acting("lana"):
        assert Case.objects.count() == 1


def test_a_wall_on_a_request_hides_it_from_a_member_of_intake(cast):
    cast.intake()
    code = log(cast)
    plant(
        "INSERT INTO cases_wall (id, request_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_helprequest",
        cast.boba.pk,
        cast.ana.pk,
    )
    with cast.acting("boba") as boba:
        assert HelpRequest.objects.visible_to(boba).count() == 0
        assert run("SELECT count(*) FROM vault_sealed") == [(0,)]
    with cast.acting("ana") as ana:
        assert HelpRequest.objects.visible_to(ana).get().code == code


def test_a_walled_person_cannot_be_asked_onto_the_case(cast, two_cases):
    _mine, other = two_cases
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) VALUES (gen_random_uuid(), %s, %s, now(), %s)",
        other,
        cast.lana.pk,
        cast.ana.pk,
    )
    with cast.acting("ana") as ana:
        refused(
            "INSERT INTO cases_assignment (id, case_id, user_id, role, state, offered_at, offered_by_id, end_reason)"
            " VALUES (gen_random_uuid(), %s, %s, 'lawyer', 'offered', now(), %s, '')",
            other,
            cast.lana.pk,
            ana.pk,
        )


def test_who_must_not_see_the_request_must_not_see_the_case(cast):
    cast.intake()
    code = log(cast)
    plant(
        "INSERT INTO cases_wall (id, request_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_helprequest",
        cast.boba.pk,
        cast.ana.pk,
    )
    with cast.acting("ana") as ana:
        case = accept_request(request=get_request(ana, code), title="x", looked_through="x", by=ana)
        assert cast.boba not in people_for_role(get_case(ana, case.code), "backup")
        with pytest.raises(DatabaseError, match="row-level security"):
            offer_assignment(case=case, person=cast.boba, role="backup", by=ana)


def test_nobody_settles_a_date_or_ends_a_request_in_another_name(cast, two_cases):
    mine, _other = two_cases
    with cast.acting("ana") as ana:
        set_deadline(
            case=Case.objects.get(pk=mine),
            nonce=uuid4(),
            due_on=timezone.localdate(),
            severity="critical",
            assignee=None,
            text="x",
            by=ana,
        )
    code = log(cast)
    settle = "UPDATE cases_deadline SET state = 'met', settled_at = now(), settled_by_id = %s"
    with cast.acting("lana"), pytest.raises(DatabaseError, match="not_allowed"), transaction.atomic():
        run(settle, cast.ana.pk)
    end = "UPDATE cases_helprequest SET state = %s, ended_at = now(), ended_by_id = %s WHERE code = %s"
    for state, name in (("spam", "ana"), ("accepted", "boba")):
        with cast.acting("boba"), pytest.raises(DatabaseError, match="not_allowed"), transaction.atomic():
            run(end, state, getattr(cast, name).pk, code)
    with switched_off("ALTER TABLE cases_deadline DISABLE TRIGGER deadline_changed"), cast.acting("lana"):
        run(settle, cast.ana.pk)
