"""Opening a key by two keepers: what one code, a wrong order, a swap or a late word can and cannot do."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import crypto, database
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import ceremonies, keepers
from tests.keepers import ADDRESS, NEW, begin, give, make_copies, opened, pass_delay, three_keepers
from tests.security.attack import plant, rewritten, switched_off


@pytest.fixture
def codes(cast) -> list[str]:
    """Three keepers, and copies of Ana's and Boba's keys."""
    cast.intake()
    found = three_keepers(cast)
    make_copies(cast, "ana", "boba")
    return found


def states(definer) -> list[str]:
    return [state for (state,) in definer.execute("SELECT state FROM accounts_ceremony ORDER BY begun_at").fetchall()]


@pytest.mark.parametrize(("first", "second"), [(0, 1), (2, 0)])
def test_any_two_keepers_in_any_order_open_her_key(cast, definer, codes, first, second):
    words = begin()
    give(codes[first], words)
    assert opened() is None
    pass_delay(definer)
    give(codes[second], words)
    assert opened(password="nije ta lozinka uopšte") is None
    assert opened() == cast.person("ana").keyring.private_key
    assert definer.execute("SELECT count(*) FROM accounts_ceremonypart").fetchone() == (0,)


def test_one_keeper_twice(cast, definer, codes):
    words = begin()
    give(codes[0], words)
    pass_delay(definer)
    with pytest.raises(WrongState, match="another keeper"):
        give(codes[0], words)
    shown = ceremonies.show(code=codes[0], words=words, address=ADDRESS)
    with pytest.raises(WrongState):  # past what Python asks
        ceremonies._open(shown)
    with rewritten("ceremony_part", "c.first_id <> p.second_id", "true"), pytest.raises(WrongState):
        ceremonies._open(shown)  # and with the database's word off there is still nothing that her one code opens
    assert states(definer) == ["peeled"]


def test_an_accomplice_with_one_code_reads_nothing_of_what_is_stored(cast, definer, codes):
    """Whoever asks in her name knows the new password and has one keeper's code, and reads the whole database."""
    words = begin()
    give(codes[0], words)
    private = crypto.keeper_pair(codes[0]).private
    row = definer.execute("SELECT id, fingerprint, user_id, first_id FROM accounts_ceremony").fetchone()
    parts = definer.execute("SELECT second_id, sealed FROM accounts_ceremonypart").fetchall()
    assert len(parts) == 2
    for second, sealed in parts:
        bound_to = ceremonies.part_binding(row[0], row[1], row[2], row[3], second)
        with pytest.raises(crypto.CannotOpen):
            crypto.open_as_person(private, sealed, bound_to=bound_to)
        other = next(c for c in codes if crypto.keeper_pair(c).public == key_of(definer, second))
        assert crypto.open_as_person(crypto.keeper_pair(other).private, sealed, bound_to=bound_to)[
            0
        ]  # with the second it would


def key_of(definer, keeper_id) -> bytes:
    return bytes(definer.execute("SELECT public_key FROM accounts_keykeeper WHERE id = %s", [keeper_id]).fetchone()[0])


def test_the_second_keeper_comes_after_two_days_to_the_second(cast, definer, codes):
    words = begin()
    give(codes[0], words)
    with pytest.raises(WrongState, match="too early"):
        give(codes[1], words)
    pass_delay(definer, -1)
    shown = ceremonies.show(code=codes[1], words=words, address=ADDRESS)
    assert shown.request.too_early
    with pytest.raises(WrongState):
        ceremonies._open(shown)
    pass_delay(definer, -60)  # with the delay off it opens at once
    with rewritten("ceremony_part", "c.ready_at <= clock_timestamp()", "true"):
        assert database.value("ceremony_part", shown.request.id, shown.proof)
    pass_delay(definer, 1)
    give(codes[1], words)
    assert states(definer) == ["opened"]


def test_the_delay_is_two_days(cast, definer, codes):
    give(codes[0], begin())
    waits = "SELECT ready_at - peeled_at BETWEEN interval '48 hours' AND interval '48 hours 1 second' FROM accounts_ceremony"
    assert definer.execute(waits).fetchone() == (True,)


def test_the_second_before_the_first_finds_nothing_to_open(cast, definer, codes):
    """Order reversed: before anybody peeled there is no part, and a copy does not open from the inside."""
    words = begin()
    shown = ceremonies.show(code=codes[1], words=words, address=ADDRESS)
    with pytest.raises(WrongState):
        ceremonies._open(shown)
    first, second, sealed = definer.execute(
        "SELECT first_id, second_id, sealed FROM accounts_keepercopy LIMIT 1"
    ).fetchone()
    code = next(c for c in codes if crypto.keeper_pair(c).public == key_of(definer, second))
    for layer in ("inner", "outer"):
        place = keepers.copy_binding(shown.request.user_id, shown.request.key_print, first, second, layer)
        with pytest.raises(crypto.CannotOpen):
            crypto.open_as_person(crypto.keeper_pair(code).private, sealed, bound_to=place)


@pytest.mark.parametrize(("missing", "lives"), [(1, True), (-1, False)])
def test_a_request_lives_seven_days(cast, definer, codes, missing, lives):
    words = begin()
    late = "UPDATE accounts_ceremony SET expires_at = clock_timestamp() + make_interval(secs => %s * 30)"
    plant(late, missing)
    shown = ceremonies.show(code=codes[0], words=words, address=ADDRESS)
    assert isinstance(shown, ceremonies.Refusal) is not lives
    week = "SELECT expires_at - begun_at FROM accounts_ceremony"
    plant("UPDATE accounts_ceremony SET expires_at = begun_at + interval '7 days'")
    assert definer.execute(week).fetchone()[0].days == 7


def test_an_expired_result_opens_nothing(cast, definer, codes):
    words = begin()
    give(codes[0], words)
    pass_delay(definer)
    give(codes[1], words)
    plant("UPDATE accounts_ceremony SET expires_at = clock_timestamp() - interval '1 second'")
    assert opened() is None
    with rewritten("ceremony_alive", "c.expires_at > clock_timestamp()", "true"):
        assert opened() == cast.person("ana").keyring.private_key


def test_copies_of_two_people_exchanged(cast, definer, codes):
    words = begin()
    plant(
        "UPDATE accounts_keepercopy a SET sealed = b.sealed FROM accounts_keepercopy b"
        " WHERE a.public_key_id <> b.public_key_id AND a.first_id = b.first_id AND a.second_id = b.second_id"
    )
    with pytest.raises(WrongState, match="does not open"):
        give(codes[0], words)
    assert states(definer) == ["begun"]


def test_parts_exchanged_and_a_request_key_of_an_attacker_s_own(cast, definer, codes):
    """Somebody who writes the database puts another request's part, or her own key, in the place of Ana's."""
    words, others = begin(), begin("boba")
    give(codes[0], words)
    give(codes[0], others)
    pass_delay(definer)
    swap = (
        "UPDATE accounts_ceremonypart a SET sealed = b.sealed FROM accounts_ceremonypart b"
        " WHERE a.ceremony_id <> b.ceremony_id AND a.second_id = b.second_id"
    )
    plant(swap)
    with pytest.raises(WrongState, match="does not open"):
        give(codes[1], words)
    plant(swap)
    mine = crypto.new_pair()
    plant("UPDATE accounts_ceremony SET request_key = %s WHERE kind = 'recover'", mine.public)
    shown = ceremonies.show(code=codes[1], words=words, address=ADDRESS)
    assert isinstance(shown, ceremonies.Refusal)  # the words that were read out are not those of this key
    print_ = crypto.fingerprint(mine.public)
    plant(
        "UPDATE accounts_ceremony c SET fingerprint = %s FROM accounts_user u WHERE u.id = c.user_id AND u.login_name = 'ana'",
        print_,
    )
    with pytest.raises(WrongState, match="does not open"):  # even if the second keeper is read the attacker's words
        give(codes[1], " ".join(crypto.fingerprint_words(print_)))


def test_stopped_before_the_second_code_it_is_dead(cast, definer, codes):
    words = begin()
    give(codes[0], words)
    pass_delay(definer)
    (request_id,) = definer.execute("SELECT id FROM accounts_ceremony").fetchone()
    with cast.acting("boba"), pytest.raises(NotAllowed):
        ceremonies.stop(request_id=request_id)
    with pytest.raises(NotAllowed):
        ceremonies.stop(request_id=request_id, proof=keepers.keeper_proof(crypto.new_pair().private))
    ceremonies.stop(request_id=request_id, proof=keepers.keeper_proof(crypto.keeper_pair(codes[2]).private))
    assert states(definer) == ["cancelled"]
    assert isinstance(ceremonies.show(code=codes[1], words=words, address=ADDRESS), ceremonies.Refusal)
    left = "SELECT count(*) FROM accounts_ceremonypart UNION ALL SELECT count(*) FROM accounts_ceremony WHERE sealed_request IS NOT NULL"
    assert definer.execute(left).fetchall() == [(0,), (0,)]


@pytest.mark.parametrize("who", ["ana", "vera"])
def test_she_herself_and_an_administrator_can_stop_it(cast, definer, codes, who):
    give(codes[0], begin())
    with cast.acting(who):
        (running,) = database.rows("ceremonies_running", b"")
        ceremonies.stop(request_id=running.id)
    assert states(definer) == ["cancelled"]


def test_stopped_after_the_second_code_it_says_that_nothing_can_be_recalled(cast, definer, codes):
    words = begin()
    give(codes[0], words)
    pass_delay(definer)
    give(codes[1], words)
    with cast.acting("ana"):
        (running,) = database.rows("ceremonies_running", b"")
        with pytest.raises(WrongState, match="cannot be recalled"):
            ceremonies.stop(request_id=running.id)
    assert states(definer) == ["opened"]


def test_a_keeper_retired_between_the_steps(cast, definer, codes):
    words = begin()
    give(codes[0], words)
    pass_delay(definer)
    with cast.acting("vera") as vera:
        first = next(row for row in database.rows("keepers_list") if row.name == "Mira")
        keepers.retire(keeper_id=first.id, by=vera)
    assert states(definer) == ["cancelled"]
    assert isinstance(ceremonies.show(code=codes[1], words=words, address=ADDRESS), ceremonies.Refusal)


def test_the_second_keeper_retired_between_the_steps_opens_nothing_but_the_third_does(cast, definer, codes):
    words = begin()
    give(codes[0], words)
    pass_delay(definer)
    with cast.acting("vera") as vera:
        nada = next(row for row in database.rows("keepers_list") if row.name == "Nada")
        keepers.retire(keeper_id=nada.id, by=vera)
    assert isinstance(ceremonies.show(code=codes[1], words=words, address=ADDRESS), ceremonies.Refusal)
    give(codes[2], words)
    assert opened() == cast.person("ana").keyring.private_key


def test_one_answer_whether_or_not_the_name_exists(cast, definer, codes):
    assert len(begin("nobody-here").split()) == len(begin().split()) == 6
    assert states(definer) == ["begun"]
    assert isinstance(ceremonies.show(code=codes[0], words=begin("nobody-here"), address=ADDRESS), ceremonies.Refusal)


def strangers_ask(definer, number: int) -> None:
    """In Ana's name, each time from another address."""
    for _number in range(number):
        begin()
        definer.execute("DELETE FROM accounts_throttle")


def test_strangers_requests_neither_push_hers_out_nor_keep_it_from_coming_in(cast, definer, codes):
    """Whoever knows her sign-in name asks before her and after her; the keepers find hers by its words all the same."""
    strangers_ask(definer, 6)
    words = begin()
    definer.execute("DELETE FROM accounts_throttle")
    strangers_ask(definer, 12)
    give(codes[0], words)
    strangers_ask(definer, 1)
    assert states(definer).count("begun") == 19
    pass_delay(definer)
    give(codes[1], words)
    assert opened() == cast.person("ana").keyring.private_key


def test_a_request_that_gives_way_to_newer_ones_is_pushed_out(cast, definer, codes):
    """The control off: the begun ones go when another comes, and the words that a keeper was read find nothing."""
    words = begin()
    with rewritten("ceremony_begin", "c.expires_at < clock_timestamp()", "true"):
        strangers_ask(definer, 1)
    assert isinstance(ceremonies.show(code=codes[0], words=words, address=ADDRESS), ceremonies.Refusal)


def test_what_has_ended_by_its_age_goes_with_the_next_request(cast, definer, codes):
    begin()
    plant("UPDATE accounts_ceremony SET expires_at = clock_timestamp() - interval '1 second'")
    begin()
    begin("boba")
    assert states(definer) == ["begun", "begun"]


def test_without_the_count_a_stranger_asks_and_guesses_as_often_as_she_likes(cast, definer, codes):
    unlimited = "CREATE OR REPLACE FUNCTION app.throttle_take(wanted bytea) RETURNS integer LANGUAGE sql AS 'SELECT 0'"
    wrong = crypto.new_recovery_code()
    with switched_off("SET ROLE sidro_definer", unlimited):
        for _number in range(8):
            begin()
            assert ceremonies.show(code=wrong, words="babab " * 6, address=ADDRESS).wait == 0
    assert states(definer).count("begun") == 8


def test_tries_are_counted(cast, definer, codes):
    for _number in range(5):
        begin()
    refused = ceremonies.begin(login_name="ana", password=NEW, address=ADDRESS)
    assert isinstance(refused, ceremonies.Refusal)
    assert refused.wait > 0
    assert not isinstance(ceremonies.begin(login_name="ana", password=NEW, address="192.0.2.2"), ceremonies.Refusal)
    definer.execute("DELETE FROM accounts_throttle")
    wrong = crypto.new_recovery_code()
    for _number in range(5):
        assert ceremonies.show(code=wrong, words="babab " * 6, address=ADDRESS).wait == 0
    assert ceremonies.show(code=codes[0], words=begin(), address=ADDRESS).wait > 0


def test_a_dump_opens_nothing_without_codes_and_password(cast, definer, codes):
    """Every stored envelope against every stored secret, before, between and after the steps."""
    words = begin()
    stored = [_envelopes(definer)]
    give(codes[0], words)
    stored.append(_envelopes(definer))
    pass_delay(definer)
    give(codes[1], words)
    stored.append(_envelopes(definer))
    public = [
        bytes(key)
        for (key,) in definer.execute(
            "SELECT public_key FROM accounts_keykeeper UNION SELECT public_key FROM accounts_publickey"
        ).fetchall()
    ]
    private = cast.person("ana").keyring.private_key
    for envelopes in stored:
        assert envelopes
        for envelope in envelopes:
            assert private not in envelope
            for key in public:  # what is there in clear is no key
                with pytest.raises(crypto.CannotOpen):
                    crypto.open_as_person(key, envelope, bound_to=b"")
    everything = " ".join(
        str(row)
        for table in ("ceremony", "ceremonypart", "keepercopy", "keykeeper")
        for row in definer.execute(f"SELECT t::text FROM accounts_{table} t").fetchall()
    )
    for secret in (private.hex(), NEW, *codes, *(crypto.keeper_pair(code).private.hex() for code in codes)):
        assert secret not in everything


def _envelopes(definer) -> list[bytes]:
    found = definer.execute(
        "SELECT sealed FROM accounts_keepercopy UNION ALL SELECT sealed FROM accounts_ceremonypart"
        " UNION ALL SELECT result FROM accounts_ceremony WHERE result IS NOT NULL"
    ).fetchall()
    return [bytes(envelope) for (envelope,) in found]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 400), st.integers(1, 255))
def test_swapped_flipped_or_cut_copies_never_open(place, other, at, change):
    """A copy in another pair's place, with a changed byte or cut off: never a key, always the one refusal."""
    pairs, user, fingerprint, private = _pairs(), crypto.once(crypto.UUID(int=1)), bytes(32), bytes(range(32))
    made = [_copy(user, fingerprint, private, *pair) for pair in pairs]
    wrong = bytearray(made[other])
    if place == other:
        wrong[at % len(wrong)] ^= change
    for envelope in (bytes(wrong), bytes(wrong)[: at % len(wrong)]):
        with pytest.raises(crypto.CannotOpen):
            _both_layers(user, fingerprint, *pairs[place], envelope)


def _both_layers(user, fingerprint: bytes, first: tuple, second: tuple, envelope: bytes) -> bytes:
    place = (user, fingerprint, first[0], second[0])
    outer, inner = keepers.copy_binding(*place, "outer"), keepers.copy_binding(*place, "inner")
    peeled = crypto.open_as_person(first[1].private, envelope, bound_to=outer)[0]
    return crypto.open_as_person(second[1].private, peeled, bound_to=inner)[0]


_KEEPERS = [(crypto.once(crypto.UUID(int=number)), crypto.new_pair()) for number in (2, 3, 4)]


def _pairs() -> list[tuple]:
    return [(a, b) for a in _KEEPERS for b in _KEEPERS if a is not b]


def _copy(user, fingerprint: bytes, private: bytes, first: tuple, second: tuple) -> bytes:
    place = (user, fingerprint, first[0], second[0])
    inner = crypto.seal_to_person(second[1].public, private, bound_to=keepers.copy_binding(*place, "inner"))
    return crypto.seal_to_person(first[1].public, inner, bound_to=keepers.copy_binding(*place, "outer"))
