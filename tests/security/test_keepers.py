"""Key keepers: who may name, confirm and retire one; what is sealed to them, and what is not."""

import pytest

from accounts import audit, crypto, database
from accounts.exceptions import NotAllowed, WrongState
from accounts.keeper_access import list_keepers
from accounts.services import ceremonies, keepers
from tests.keepers import ADDRESS, add_keeper, begin, confirm_keeper, give, make_copies, three_keepers
from tests.security.attack import plant, rewritten


def copies(definer) -> int:
    return definer.execute("SELECT count(*) FROM accounts_keepercopy").fetchone()[0]


def coverage(cast):
    with cast.acting("vera"):
        return database.row("keeper_coverage", 25)


def test_each_pair_of_three_keepers_gets_a_copy_at_the_next_sign_in(cast, definer):
    cast.intake()
    three_keepers(cast)
    assert copies(definer) == 0
    cast.client("ana")
    assert copies(definer) == 6  # three pairs, each in both orders
    cast.client("ana")
    assert copies(definer) == 6
    found = coverage(cast)
    assert (found.holders, found.covered, found.missing) == (3, 1, ["Boba", "Vera"])


def test_two_codes_open_a_copy_and_one_does_not(cast, definer):
    cast.intake()
    codes = three_keepers(cast)
    make_copies(cast, "ana")
    ana = cast.person("ana")
    fingerprint = crypto.fingerprint(crypto.public_of(ana.keyring.private_key))
    pairs = {crypto.keeper_pair(code).public: crypto.keeper_pair(code).private for code in codes}
    rows = definer.execute(
        "SELECT c.first_id, c.second_id, f.public_key, s.public_key, c.sealed FROM accounts_keepercopy c"
        " JOIN accounts_keykeeper f ON f.id = c.first_id JOIN accounts_keykeeper s ON s.id = c.second_id"
    ).fetchall()
    assert len(rows) == 6
    for first, second, first_key, second_key, sealed in rows:
        place = (ana.user.pk, fingerprint, first, second)
        outer, inner = keepers.copy_binding(*place, "outer"), keepers.copy_binding(*place, "inner")
        peeled = crypto.open_as_person(pairs[bytes(first_key)], sealed, bound_to=outer)[0]
        for code_key, private in pairs.items():
            if code_key != bytes(second_key):
                with pytest.raises(crypto.CannotOpen):
                    crypto.open_as_person(private, peeled, bound_to=inner)
            if code_key != bytes(first_key):
                with pytest.raises(crypto.CannotOpen):
                    crypto.open_as_person(private, sealed, bound_to=outer)
        opened = crypto.open_as_person(pairs[bytes(second_key)], peeled, bound_to=inner)[0]
        assert opened == ana.keyring.private_key


def test_nothing_is_sealed_to_a_keeper_whom_no_caseworker_confirmed(cast, definer):
    """An administrator who names three keepers of her own invention gets no copy of anybody's key."""
    cast.intake()
    codes = {name: add_keeper(cast, name, confirm=False) for name in ("Mira", "Nada", "Olga")}
    make_copies(cast, "ana")
    assert copies(definer) == 0
    with pytest.raises(NotAllowed):
        confirm_keeper(cast, "Mira", codes["Mira"], by="vera")
    with pytest.raises(NotAllowed):
        confirm_keeper(cast, "Mira", codes["Mira"], by="ceca")
    cast.vouch("boba", "ceca")
    with pytest.raises(NotAllowed):  # vouched for, as the administrator's own invention may be, but not of intake
        confirm_keeper(cast, "Mira", codes["Mira"], by="ceca")
    with rewritten("keeper_confirm", "cardinality(app.my_teams()) = 0", "false"):
        confirm_keeper(cast, "Olga", codes["Olga"], by="ceca")  # without the control
    definer.execute("UPDATE accounts_keykeeper SET confirmed_at = NULL, confirmed_by_id = NULL")
    confirm_keeper(cast, "Mira", codes["Mira"])
    with pytest.raises(WrongState):  # other words: she has another key than the one that is stored
        confirm_keeper(cast, "Nada", codes["Olga"])
    make_copies(cast, "ana")
    assert copies(definer) == 0  # one keeper is no pair


def test_a_key_put_in_the_place_of_a_keeper_s_gets_no_copy(cast, definer, monkeypatch):
    cast.intake()
    three_keepers(cast)
    thief = crypto.keeper_pair(crypto.new_recovery_code()).public
    plant("UPDATE accounts_keykeeper SET public_key = %s WHERE name = 'Mira'", thief)
    make_copies(cast, "ana")
    assert copies(definer) == 2  # Nada and Olga
    monkeypatch.setattr(keepers, "genuine_key", lambda _keeper, public_key: bytes(public_key))
    make_copies(cast, "boba")
    with_thief = "SELECT count(*) FROM accounts_keepercopy c JOIN accounts_keykeeper k ON k.id = c.first_id WHERE k.name = 'Mira'"
    assert definer.execute(with_thief).fetchone()[0] == 2


def test_nobody_who_works_here_becomes_a_keeper_and_four_are_enough(cast):
    cast.intake()
    with cast.acting("vera") as vera:
        for name, address in (("Somebody", "ana@example.org"), ("Ana", "")):
            with pytest.raises(WrongState, match="does not work here"):
                keepers.invite(name=name, address=address, language="en", by=vera)
    three_keepers(cast)
    add_keeper(cast, "Petra")
    with cast.acting("vera") as vera, pytest.raises(WrongState, match="four keepers"):
        keepers.invite(name="Rada", address="", language="en", by=vera)
    with cast.acting("ana") as ana, pytest.raises(NotAllowed):
        keepers.invite(name="Rada", address="", language="en", by=ana)


def test_a_link_makes_one_code_once(cast):
    cast.intake()
    with cast.acting("vera") as vera:
        token = keepers.invite(name="Mira", address="", language="en", by=vera)
    keepers.make_key(token=token, code=crypto.new_recovery_code())
    with pytest.raises(WrongState):
        keepers.make_key(token=token, code=crypto.new_recovery_code())


def retire(cast, name: str) -> None:
    with cast.acting("vera") as vera:
        found = next(row for row in database.rows("keepers_list") if row.name == name)
        keepers.retire(keeper_id=found.id, by=vera)


def test_a_keeper_is_replaced_and_coverage_shows_what_is_missing(cast, definer):
    cast.intake()
    three_keepers(cast)
    make_copies(cast, "ana", "boba", "vera")
    retire(cast, "Mira")
    assert copies(definer) == 6  # two for each person
    with pytest.raises(WrongState, match="Two keepers have to stay"):
        retire(cast, "Nada")
    add_keeper(cast, "Petra")
    assert coverage(cast).covered == 0
    make_copies(cast, "ana")
    found = coverage(cast)
    assert (found.covered, found.missing, found.uncovered) == (1, ["Boba", "Vera"], 0)
    retire(cast, "Nada")
    assert coverage(cast).covered == 1


def test_the_last_two_keepers_stay_also_by_raw_sql(cast, definer):
    """With the check off the second-last goes, and nobody's key could be opened again."""
    cast.intake()
    three_keepers(cast)
    make_copies(cast, "ana")
    retire(cast, "Mira")
    keeper_id = definer.execute("SELECT id FROM accounts_keykeeper WHERE name = 'Nada'").fetchone()[0]
    with cast.acting("vera"), pytest.raises(database.Refused, match="keepers_too_few"):
        database.value("keeper_retire", keeper_id)
    with cast.acting("ana"), pytest.raises(database.Refused, match="not_allowed"):
        database.value("keeper_retire", keeper_id)
    assert copies(definer) == 2
    with rewritten("keeper_retire", "< 2 THEN", "< 0 THEN"), cast.acting("vera"):
        database.value("keeper_retire", keeper_id)
    assert copies(definer) == 0


def test_a_copy_is_stored_for_her_own_key_only_and_never_over_another(cast, definer):
    cast.intake()
    three_keepers(cast)
    make_copies(cast, "ana")
    before = definer.execute("SELECT id, sealed FROM accounts_keepercopy ORDER BY id").fetchall()
    with cast.acting("ana"):
        pairs = definer.execute("SELECT public_key_id, first_id, second_id FROM accounts_keepercopy").fetchall()
    for name in ("ana", "boba"):
        with cast.acting(name):
            forged = [{"key": str(k), "first": str(f), "second": str(s), "sealed": "00"} for k, f, s in pairs]
            database.value("keeper_copies_store", {"copies": forged})
    assert definer.execute("SELECT id, sealed FROM accounts_keepercopy ORDER BY id").fetchall() == before


def as_keeper(definer, shown: bytes, ceremony, second) -> list[str]:
    """What somebody who runs SQL as role web can do with a keeper's public key, or whatever she takes for a proof."""
    done = []
    if database.value("keeper_known", shown):
        done.append("known")
    if database.rows("ceremonies_running", shown):
        done.append("running")
    if database.rows("ceremony_copies", ceremony, shown):
        done.append("copies")
    nonsense = {"parts": [{"second": str(second), "sealed": "00"}]}
    for name, arguments in (("ceremony_peel", (shown, nonsense)), ("ceremony_stop", (shown,))):
        try:
            with audit.unit():
                database.value(name, ceremony, *arguments)
            done.append(name)
        except (database.Refused, NotAllowed):
            pass
    return done


def test_a_keeper_s_public_key_acts_for_nobody(cast, definer):
    """Staff can list it, and a hole in the SQL of the site can use it: it spoils requests where it is taken as a proof."""
    cast.intake()
    codes = three_keepers(cast)
    make_copies(cast, "ana")
    words = begin()
    with cast.acting("ana"):
        listed = {row.name: row for row in database.rows("keepers_list")}
    mira, nada = listed["Mira"], listed["Nada"]
    (ceremony,) = definer.execute("SELECT id FROM accounts_ceremony").fetchone()
    assert as_keeper(definer, bytes(mira.public_key), ceremony, nada.id) == []
    said = (crypto.said_bits(words.split()), bytes(mira.public_key))
    assert database.row("ceremony_said", *said) is None
    give(codes[0], words)  # her code still does
    assert definer.execute("SELECT state FROM accounts_ceremony").fetchone() == ("peeled",)
    another = begin()
    (ceremony,) = definer.execute("SELECT id FROM accounts_ceremony WHERE state = 'begun'").fetchone()
    with rewritten("keeper_of", "k.proof_hash = sha256(proof)", "k.public_key = proof"):  # without the control
        done = as_keeper(definer, bytes(mira.public_key), ceremony, nada.id)
    assert done == ["known", "running", "copies", "ceremony_peel", "ceremony_stop"]
    assert isinstance(ceremonies.show(code=codes[1], words=another, address=ADDRESS), ceremonies.Refusal)


def test_the_stored_hash_is_no_proof_and_staff_do_not_see_it(cast, definer):
    cast.intake()
    code = add_keeper(cast, "Mira")
    (stored,) = definer.execute("SELECT proof_hash FROM accounts_keykeeper").fetchone()
    assert not database.value("keeper_known", bytes(stored))
    assert database.value("keeper_known", keepers.keeper_proof(crypto.keeper_pair(code).private))
    with cast.acting("vera"):
        (row,) = database.rows("keepers_list")
    assert bytes(stored) not in [bytes(value) for value in vars(row).values() if isinstance(value, (bytes, memoryview))]


def test_a_keeper_from_before_proofs_counts_as_not_confirmed_and_makes_her_code_anew(cast, definer):
    cast.intake()
    codes = three_keepers(cast)
    make_copies(cast, "ana")
    plant("UPDATE accounts_keykeeper SET proof_hash = NULL")
    assert isinstance(ceremonies.show(code=codes[0], words=begin(), address=ADDRESS), ceremonies.Refusal)
    make_copies(cast, "boba")
    assert copies(definer) == 6  # nothing new is sealed to them
    assert coverage(cast).covered == 0
    with cast.acting("vera"):
        assert {keeper.state for keeper in list_keepers()} == {"outdated"}
    for name in ("Mira", "Nada"):
        retire(cast, name)  # two need not stay of those who can do nothing
        add_keeper(cast, name)
    make_copies(cast, "ana")
    assert coverage(cast).covered == 1


def test_no_code_without_a_proof_is_confirmed(cast, definer):
    cast.intake()
    code = add_keeper(cast, "Mira", confirm=False)
    plant("UPDATE accounts_keykeeper SET proof_hash = NULL")
    with pytest.raises(WrongState):
        confirm_keeper(cast, "Mira", code)
    with rewritten("keeper_confirm", "AND k.proof_hash IS NOT NULL ", ""):
        confirm_keeper(cast, "Mira", code)  # without the control a key counts that nobody has shown to open
    assert definer.execute("SELECT count(*) FROM accounts_keykeeper WHERE confirmed_at IS NOT NULL").fetchone() == (1,)
