"""Key keepers: who may name, confirm and retire one; what is sealed to them, and what is not."""

import pytest

from accounts import crypto, database
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import keepers
from tests.keepers import add_keeper, confirm_keeper, make_copies, three_keepers
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
