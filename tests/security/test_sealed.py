"""Ciphertext and wraps that were moved, swapped or changed open nothing."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import crypto, database
from accounts.exceptions import KeySwapped
from cases.access import get_case
from cases.models import Note
from cases.services.assignment import offer_assignment
from cases.services.casework import read_content, write_note
from cases.services.sealed import content
from cases.services.sealed.keys import CaseKey, wrap_binding
from tests.cases.helpers import SLIP, log, open_case
from tests.conftest import as_definer
from tests.security.attack import plant, switched_off

PLACES = st.tuples(st.text(max_size=8), st.text(max_size=8))


@settings(max_examples=60, deadline=None)
@given(plaintext=st.binary(max_size=200), here=PLACES, there=PLACES)
def test_an_envelope_opens_in_its_own_place_only(plaintext, here, there):
    key, pair = crypto.new_key(), crypto.new_pair()
    bound = crypto.binding(*here)
    by_key = crypto.seal_with_key(key, plaintext, bound_to=bound)
    to_person = crypto.seal_to_person(pair.public, plaintext, bound_to=bound)
    assert crypto.open_with_key(key, by_key, bound_to=bound) == (plaintext, 1)
    assert crypto.open_as_person(pair.private, to_person, bound_to=bound) == (plaintext, 1)
    if here != there:
        with pytest.raises(crypto.CannotOpen):
            crypto.open_with_key(key, by_key, bound_to=crypto.binding(*there))
        with pytest.raises(crypto.CannotOpen):
            crypto.open_as_person(pair.private, to_person, bound_to=crypto.binding(*there))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_or_a_cut_end_opens_nothing(data):
    key, pair = crypto.new_key(), crypto.new_pair()
    bound = crypto.binding("here")
    for envelope, opened in (
        (crypto.seal_with_key(key, b"text", bound_to=bound), lambda e: crypto.open_with_key(key, e, bound_to=bound)),
        (
            crypto.seal_to_person(pair.public, b"text", bound_to=bound),
            lambda e: crypto.open_as_person(pair.private, e, bound_to=bound),
        ),
    ):
        position = data.draw(st.integers(0, len(envelope) - 1))
        flipped = bytearray(envelope)
        flipped[position] ^= data.draw(st.integers(1, 255))
        with pytest.raises(crypto.CannotOpen):
            opened(bytes(flipped))
        with pytest.raises(crypto.CannotOpen):
            opened(envelope[: data.draw(st.integers(0, len(envelope) - 1))])


def test_the_parts_of_a_binding_cannot_run_into_each_other():
    assert crypto.binding("ab", "c") != crypto.binding("a", "bc")
    assert crypto.binding("a", "") != crypto.binding("a")


def _two_notes(cast):
    cast.intake()
    code = open_case(cast)
    for text in ("first", "second"):
        with cast.acting("ana") as ana:
            write_note(case=get_case(ana, code).case, nonce=uuid4(), type="case_note", text=text, by=ana)
    return code


def test_swapped_payloads_of_two_notes_open_nothing(cast):
    code = _two_notes(cast)
    plant(
        "UPDATE vault_sealed s SET payload = o.payload FROM vault_sealed o"
        " WHERE s.field = 'note.text' AND o.field = 'note.text' AND o.id <> s.id"
    )
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        with pytest.raises(crypto.CannotOpen):
            read_content(case=case, records=Note.objects.filter(case=case).values_list("pk", flat=True), by=ana)


def test_swapped_wraps_of_two_purposes_open_nothing(cast):
    code = _two_notes(cast)
    plant(
        "UPDATE vault_wrap w SET sealed = o.sealed FROM vault_wrap o"
        " WHERE (w.purpose, o.purpose) IN (('content', 'identity'), ('identity', 'content')) AND o.case_id = w.case_id"
    )
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        with pytest.raises(crypto.CannotOpen):
            content.read(case_id=case.pk, record_ids=[case.pk], purpose="content", by=ana)


def test_a_swapped_public_key_gets_no_wrap(cast):
    """Key, then fingerprint, then vouch as well: the log still names the key that she made."""
    cast.intake()
    code = open_case(cast)
    cast.vouch("boba", "lana")
    attacker = crypto.new_pair()
    lana, print_ = cast.lana, crypto.fingerprint(attacker.public)

    def ask():
        with cast.acting("ana") as ana:
            return offer_assignment(case=get_case(ana, code).case, person=lana, role="lawyer", slip=SLIP, by=ana)

    plant("UPDATE accounts_publickey SET public_key = %s WHERE user_id = %s", attacker.public, lana.pk)
    with pytest.raises(KeySwapped):
        ask()
    plant("UPDATE accounts_publickey SET fingerprint = %s WHERE user_id = %s", print_, lana.pk)
    plant(
        "UPDATE accounts_vouch v SET fingerprint = %s FROM accounts_publickey k WHERE k.id = v.public_key_id AND k.user_id = %s",
        print_,
        lana.pk,
    )
    with pytest.raises(KeySwapped):
        ask()
    with entry_forged("key_published", lana.pk, print_.hex()):  # the control off: the log says so, too
        ask()
    with as_definer() as definer:
        sealed = definer.execute(
            "SELECT sealed, case_id FROM vault_wrap WHERE user_id = %s AND purpose = 'content'", [lana.pk]
        ).fetchone()
    place = wrap_binding(sealed[1], "content", 1, lana.pk)
    assert len(crypto.open_as_person(attacker.private, sealed[0], bound_to=place)[0]) == 32


@contextmanager
def entry_forged(action: str, object_id: object, detail: str) -> Iterator[None]:
    """The log as somebody would have to rewrite it; manage.py verify_audit finds the broken chain."""
    plant(
        "INSERT INTO accounts_auditevent (sequence, at, actor, action, outcome, object_id, detail, hash)"
        " VALUES (-1, now(), '', %s, 'done', %s, %s, '')",
        action,
        str(object_id),
        detail,
    )
    yield
    plant("DELETE FROM accounts_auditevent WHERE sequence = -1")


def test_a_swapped_team_key_gets_no_request(cast):
    cast.intake()
    attacker = crypto.new_pair()
    plant("UPDATE accounts_team SET public_key = %s WHERE kind = 'intake'", attacker.public)
    with pytest.raises(KeySwapped):
        log(cast)
    with as_definer() as definer:
        assert definer.execute("SELECT count(*) FROM vault_sealed").fetchone() == (0,)
        (team,) = definer.execute("SELECT id FROM accounts_team WHERE kind = 'intake'").fetchone()
    with entry_forged("team_created", team, f"intake:{hashlib.sha256(attacker.public).hexdigest()}"):
        log(cast)  # the control off: her words are sealed to the attacker


def test_a_planted_newer_key_is_not_written_under(cast):
    """Whoever writes the database could give a holder a wrap of a key of her own, in a newer version."""
    cast.intake()
    code = open_case(cast)
    ana = cast.ana
    with cast.acting("ana") as by:
        case = get_case(by, code).case
    planted = CaseKey(case.pk, "content", 2, crypto.new_key())
    own = wrap_binding(case.pk, "content", 2, ana.pk)
    with as_definer() as definer:
        (public,) = definer.execute("SELECT public_key FROM accounts_publickey WHERE user_id = %s", [ana.pk]).fetchone()
    plant(
        "INSERT INTO vault_wrap (id, case_id, purpose, version, user_id, state, sealed, made_at, made_by_id)"
        " VALUES (gen_random_uuid(), %s, 'content', 2, %s, 'live', %s, now(), %s)",
        case.pk,
        ana.pk,
        crypto.seal_to_person(bytes(public), planted.key, bound_to=own),
        ana.pk,
    )
    with switched_off("ALTER TABLE vault_keyversion DISABLE TRIGGER USER"):
        plant(
            "INSERT INTO vault_keyversion (id, case_id, purpose, version, commitment, made_at, made_by_id)"
            " VALUES (gen_random_uuid(), %s, 'content', 2, %s, now(), %s)",
            case.pk,
            planted.commitment(),
            ana.pk,
        )

    def write():
        with cast.acting("ana") as by:
            write_note(case=case, nonce=uuid4(), type="case_note", text="for holders only", by=by)

    with pytest.raises(KeySwapped):
        write()
    with entry_forged("case_keys_made", case.pk, f"content:2:{planted.commitment().hex()}"):
        write()
    with as_definer() as definer:
        note, payload_ = definer.execute(
            "SELECT record_id, payload FROM vault_sealed WHERE field = 'note.text'"
        ).fetchone()
    place = content.field_binding(case.pk, note, "note.text", "content", 2, 1)
    assert b"for holders only" in crypto.open_with_key(planted.key, payload_, bound_to=place)[0]


def test_the_log_answers_about_keys_only(cast):
    with cast.acting("lana") as lana:
        assert database.value("logged", "signed_in", str(lana.pk), "") is False
        assert database.value("logged", "key_published", str(lana.pk), "") is False
