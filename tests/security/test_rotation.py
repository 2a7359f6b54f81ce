"""New key versions: whoever could open a key and left opens nothing that is written afterwards."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import crypto, database
from accounts.choices import Action
from accounts.services import people
from cases.access import get_case
from cases.models import Assignment, Case, Consent, Note
from cases.services import consents, grants, identity, walls
from cases.services.assignment import answer_offer, end_assignment, offer_assignment
from cases.services.casework import write_note
from cases.services.sealed import content, keys
from tests.cases.helpers import agree, arm, assign, open_case
from tests.conftest import as_definer
from tests.security.attack import plant, run, switched_off
from tests.security.granting import act, granted
from tests.security.test_conflict_slip import as_function
from tests.security.test_identity import NAME

NO_ROTATION = "app.rotation_due(wanted uuid, wanted_purpose text) RETURNS void LANGUAGE sql AS 'SELECT'"
ANY_VERSION = (
    "app.key_writable(wanted uuid, wanted_purpose text, wanted_version integer)"
    " RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'"
)


@pytest.fixture
def code(cast):
    cast.intake()
    return open_case(cast)


def note(cast, code, name="ana", text="Written after she left."):
    with cast.acting(name) as by:
        write_note(case=get_case(by, code).case, nonce=uuid4(), type="case_note", text=text, by=by)
        return Note.objects.latest("written_at").pk


def end(cast, code, name, by="ana"):
    person = getattr(cast, name)
    with cast.acting(by) as lead:
        row = Assignment.objects.select_related("case").get(case=get_case(lead, code).case, user=person, state="live")
        end_assignment(assignment=row, reason="own_wish", by=lead)


def versions(definer, purpose="content"):
    found = definer.execute("SELECT version FROM vault_keyversion WHERE purpose = %s ORDER BY version", [purpose])
    return [version for (version,) in found.fetchall()]


def due(definer):
    return {purpose for (purpose,) in definer.execute("SELECT purpose FROM vault_rotationdue").fetchall()}


def holders(definer, purpose, version, state="live"):
    found = definer.execute(
        "SELECT u.login_name FROM vault_wrap w JOIN accounts_user u ON u.id = w.user_id"
        " WHERE w.purpose = %s AND w.version = %s AND w.state = %s",
        [purpose, version, state],
    )
    return {name for (name,) in found.fetchall()}


def opens_with_old_wraps(cast, name, stolen, record):
    """Whether somebody's private key and her wraps from a backup open a text of the database as it is now."""
    private = cast.person(name).keyring.private_key
    with as_definer() as definer:
        row = definer.execute(
            "SELECT case_id, field, purpose, key_version, revision, payload FROM vault_sealed WHERE record_id = %s",
            [record],
        ).fetchone()
    case_id, field, purpose, version, revision, payload = row
    for wrapped_version, sealed in stolen:
        bound_to = keys.wrap_binding(case_id, purpose, wrapped_version, getattr(cast, name).pk)
        key, _schema = crypto.open_as_person(private, bytes(sealed), bound_to=bound_to)
        place = content.field_binding(case_id, record, field, purpose, version, revision)
        try:
            return crypto.open_with_key(key, bytes(payload), bound_to=place)[0]
        except crypto.CannotOpen:
            continue
    return None


@pytest.mark.parametrize("control", [True, False])
def test_an_old_wrap_from_a_backup_does_not_open_what_is_written_afterwards(cast, code, definer, control):
    assign(cast, code, "lana")
    before = note(cast, code, text="While she was there.")
    backup = definer.execute(
        "SELECT version, sealed FROM vault_wrap WHERE user_id = %s AND purpose = 'content'", [cast.lana.pk]
    ).fetchall()
    if control:
        end(cast, code, "lana")
        after = note(cast, code)
    else:
        with switched_off(*as_function(NO_ROTATION)):
            end(cast, code, "lana")
            after = note(cast, code)
    assert b"While she was there." in opens_with_old_wraps(cast, "lana", backup, before)  # rotation cannot protect it
    stolen = opens_with_old_wraps(cast, "lana", backup, after)
    assert stolen is None if control else b"Written after she left." in stolen


def test_made_in_the_request_that_ends_her_role_and_old_texts_stay_readable(cast, code, definer):
    assign(cast, code, "lana")
    before = note(cast, code, text="Before.")
    end(cast, code, "lana")
    assert versions(definer) == [1, 2]
    assert versions(definer, "reach") == versions(definer, "identity") == [1]  # a lawyer never held these
    assert due(definer) == set()
    after = note(cast, code)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        read = content.read(case_id=case.pk, record_ids=[before, after], purpose="content", by=ana)
        assert read[before, "note.text"] == "Before."
        assert read[after, "note.text"] == "Written after she left."
    assert definer.execute("SELECT key_version FROM vault_sealed WHERE record_id = %s", [after]).fetchone() == (2,)


def test_where_the_revoker_holds_no_key_the_next_text_makes_it(cast, code, definer):
    assign(cast, code, "boba", role="backup", voucher="ana")
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.boba, by=vera)
    assert versions(definer) == [1]
    assert due(definer) == {"content", "reach", "identity"}
    note(cast, code)
    assert versions(definer) == [1, 2]
    assert due(definer) == {"reach", "identity"}  # each with its own next text
    assert holders(definer, "content", 2) == {"ana"}


def test_a_lawyer_writes_first_and_everybody_who_is_entitled_gets_it(cast, code, definer):
    assign(cast, code, "lana")
    assign(cast, code, "ljilja")
    assign(cast, code, "boba", role="backup", voucher="ana")
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ljilja, by=vera)
    note(cast, code, "lana")
    assert holders(definer, "content", 2) == {"ana", "boba", "lana"}


def test_an_offer_that_waits_gets_the_new_version_and_a_newcomer_all_of_them(cast, code, definer):
    assign(cast, code, "lana")
    cast.vouch("boba", "ceca")
    with cast.acting("ana") as ana:
        offer = offer_assignment(case=get_case(ana, code).case, person=cast.ceca, role="caseworker", by=ana).pk
    before = note(cast, code, text="Before.")
    end(cast, code, "lana")
    assert holders(definer, "content", 2, "offered") == {"ceca"}
    with cast.acting("ceca") as ceca:
        answer_offer(assignment_id=offer, accepts=True, by=ceca)
    assign(cast, code, "ljilja")
    for name in ("ceca", "ljilja"):
        with cast.acting(name) as reader:
            case = get_case(reader, code).case
            assert set(keys.held_keys(case_id=case.pk, purpose="content", by=reader)) == {1, 2}
            assert content.read(case_id=case.pk, record_ids=[before], purpose="content", by=reader)


def test_an_offer_that_was_declined_counts_as_somebody_who_left(cast, code, definer):
    cast.vouch("boba", "ceca")
    with cast.acting("ana") as ana:
        offer = offer_assignment(case=get_case(ana, code).case, person=cast.ceca, role="caseworker", by=ana).pk
    with cast.acting("ceca") as ceca:
        answer_offer(assignment_id=offer, accepts=False, by=ceca)
    assert due(definer) == {"content"}


def test_never_to_somebody_walled_or_not_vouched_for(cast, code, definer):
    assign(cast, code, "boba", role="backup", voucher="ana")
    for name in ("lana", "ljilja"):
        assign(cast, code, name)
    assign(cast, code, "ceca", role="caseworker")
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, %s, now(), %s FROM cases_case c WHERE c.code = %s",
        cast.lana.pk, cast.ana.pk, code,
    )  # fmt: skip
    plant(
        "DELETE FROM accounts_vouch v USING accounts_publickey k WHERE k.id = v.public_key_id AND k.user_id = %s",
        cast.ljilja.pk,
    )
    end(cast, code, "ceca")
    assert holders(definer, "content", 2) == {"ana", "boba"}


INSERT = (
    "INSERT INTO vault_sealed (id, record_id, field, case_id, purpose, key_version, payload, revision, current,"
    " written_at, written_by_id) VALUES (gen_random_uuid(), gen_random_uuid(), 'note.text', %s, 'content', %s, 'x', 1,"
    " true, now(), %s)"
)


def test_postgresql_takes_nothing_under_an_old_version_nor_while_a_new_one_is_due(cast, code):
    assign(cast, code, "lana")
    assign(cast, code, "ljilja")
    end(cast, code, "lana")  # version 2
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ljilja, by=vera)  # version 3 is due
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        for version in (1, 2, 3):
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                run(INSERT, case.pk, version, ana.pk)
    with switched_off(*as_function(ANY_VERSION)), cast.acting("ana") as ana:
        run(INSERT, case.pk, 1, ana.pk)


def rotate(case_id, wraps, version=2, purpose="content", inbox=None):
    return database.value("key_rotate", case_id, purpose, version, b"c" * 32, {"wraps": wraps}, inbox)


def test_postgresql_takes_no_version_that_is_not_due_and_no_other_recipients(cast, code):
    assign(cast, code, "lana")
    assign(cast, code, "ljilja")
    mine = {"to": str(cast.ana.pk), "sealed": "00"}
    other = {"to": str(cast.lana.pk), "sealed": "00"}
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        with pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
            rotate(case.pk, [mine, other])  # nothing is due
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            run(
                "INSERT INTO vault_keyversion (id, case_id, purpose, version, commitment, made_at, made_by_id)"
                " VALUES (gen_random_uuid(), %s, 'content', 2, 'x', now(), %s)",
                case.pk, ana.pk,
            )  # fmt: skip
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ljilja, by=vera)
    for wraps in ([mine], [mine, {"to": str(cast.ljilja.pk), "sealed": "00"}], [mine, mine], [mine, other, other]):
        with cast.acting("ana"), pytest.raises(database.Refused, match="recipients_differ"), transaction.atomic():
            rotate(case.pk, wraps)
    for name, version in (("ana", 3), ("ceca", 2), ("vera", 2), ("koka", 2)):
        with cast.acting(name), pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
            rotate(case.pk, [mine, other], version)
    with cast.acting("lana"):
        assert {row.user_id for row in database.rows("rotation_begin", case.pk, "content")} == {
            cast.ana.pk,
            cast.lana.pk,
        }
    with cast.acting("ceca"):
        assert database.rows("rotation_begin", case.pk, "content") == []


def test_a_new_reach_key_brings_a_new_inbox_and_reaches_whoever_is_on_call(cast, code, definer):
    assign(cast, code, "boba", role="backup", voucher="ana")
    arm(cast, code)
    old = definer.execute("SELECT inbox_public_key FROM cases_case").fetchone()
    end(cast, code, "boba")
    assert definer.execute("SELECT inbox_public_key FROM cases_case").fetchone() != old
    assert definer.execute("SELECT count(*) FROM vault_wrap WHERE team_id IS NOT NULL AND version = 2").fetchone() == (
        1,
    )
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        halves = content.versions(
            case_id=case.pk, record_id=case.pk, field="case.inbox_private", purpose="reach", by=ana
        )
        publics = [crypto.public_of(bytes.fromhex(half.value)) for half in halves]
        assert publics == [bytes(Case.objects.get().inbox_public_key), bytes(old[0])]
        assert content.read(case_id=case.pk, record_ids=[case.pk], purpose="reach", by=ana)  # what was there opens


def test_the_log_knows_the_new_key(cast, code, definer):
    assign(cast, code, "lana")
    end(cast, code, "lana")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        key = keys.newest_key(case_id=case.pk, purpose="content", by=ana)
    assert key.version == 2
    found = definer.execute(
        "SELECT count(*) FROM accounts_auditevent WHERE action = %s AND detail = %s",
        [Action.CASE_KEYS_MADE, f"content:2:{key.commitment().hex()}"],
    )
    assert found.fetchone() == (1,)


def test_two_who_write_at_the_same_time_make_one_version(cast, code, definer):
    assign(cast, code, "boba", role="backup", voucher="ana")
    assign(cast, code, "lana")
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.lana, by=vera)
    barrier, problems = Barrier(2), []

    def write(name):
        try:
            with cast.acting(name) as by:
                case = get_case(by, code).case
                barrier.wait()
                write_note(case=case, nonce=uuid4(), type="case_note", text="At the same time.", by=by)
        except Exception as problem:  # noqa: BLE001 - a thread tells its test
            problems.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=write, args=(name,)) for name in ("ana", "boba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert versions(definer) == [1, 2]
    assert definer.execute(
        "SELECT key_version, count(*) FROM vault_sealed WHERE field = 'note.text' GROUP BY 1"
    ).fetchall() == [(2, 2)]


def test_whoever_ends_somebodys_sight_makes_the_new_key_at_once(cast, code, definer):
    """A wall, a consent that is taken back, a grant that is ended by hand."""
    assign(cast, code, "lana")
    assign(cast, code, "ceca", role="caseworker")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        identity.add_entry(case=case, nonce=uuid4(), values=NAME, by=ana)
        agree(case, "representation", how="written", recipient="Lana", by=ana)
    act(cast, code, granted(cast, code), grants.end_grant, "ana")
    assert versions(definer, "identity") == [1, 2]
    granted(cast, code)
    with cast.acting("ana") as ana:
        consents.withdraw_consent(consent=Consent.objects.select_related("case").get(), by=ana)
    assert versions(definer, "identity") == [1, 2, 3]
    with cast.acting("ana") as ana:
        walls.keep_out(case=get_case(ana, code).case, person=cast.ceca, reason="named", text="", second=False, by=ana)
    assert versions(definer, "content") == [1, 2]
    assert due(definer) == set()
