"""Vouching: by voice, by a colleague who did not invite her, for one key, by words that are typed and not shown."""

import psycopg
import pytest

from accounts import crypto, database
from accounts.exceptions import KeySwapped, NotAllowed, WrongState
from accounts.models import PublicKey
from accounts.services import people, teams
from tests.conftest import as_role


def key_of(cast, name: str) -> PublicKey:
    cast.person(name)
    with cast.acting("vera"):
        return PublicKey.objects.select_related("user").get(user__login_name=name)


def words_of(cast, name: str) -> str:
    """What she reads from her own account page."""
    return " ".join(
        crypto.fingerprint_words(crypto.fingerprint(crypto.public_of(cast.person(name).keyring.private_key)))
    )


def vouched(cast, name: str) -> bool:
    with cast.acting("vera"):
        return database.value("vouched", cast.person(name).user.pk)


def attempt(cast, voucher: str, name: str) -> None:
    key = key_of(cast, name)
    with cast.acting(voucher) as by:
        people.vouch(key=key, fingerprint=bytes(key.fingerprint), by=by)


def test_a_member_of_intake_vouches_for_a_colleague(cast):
    cast.intake()
    attempt(cast, "ana", "ceca")  # the same call as below succeeds for whom it should
    assert vouched(cast, "ceca")


def test_nobody_vouches_for_herself(cast):
    cast.intake()
    key_of(cast, "ceca")
    attempt(cast, "ana", "ceca")
    with pytest.raises(NotAllowed):
        attempt(cast, "ceca", "ceca")


def test_an_administrator_never_vouches(cast, definer):
    cast.intake()
    with pytest.raises(NotAllowed):
        attempt(cast, "vera", "ceca")
    definer.execute("UPDATE accounts_user SET roles = '{administrator,caseworker}' WHERE login_name = 'vera'")
    with pytest.raises(NotAllowed):
        attempt(cast, "vera", "ceca")
    assert not vouched(cast, "ceca")


def test_nobody_vouches_for_whom_she_invited(cast, definer):
    cast.intake()
    key_of(cast, "ceca")
    definer.execute("UPDATE accounts_user SET invited_by_id = %s WHERE login_name = 'ceca'", [cast.ana.pk])
    with pytest.raises(NotAllowed):
        attempt(cast, "ana", "ceca")
    attempt(cast, "boba", "ceca")
    assert vouched(cast, "ceca")


@pytest.mark.parametrize("voucher", ["lana", "koka", "ceca"])
def test_lawyers_coordinators_and_who_is_not_vouched_for_do_not_vouch(cast, voucher):
    cast.intake()
    cast.person(voucher)
    with pytest.raises(NotAllowed):
        attempt(cast, voucher, "ljilja")


def test_a_vouch_is_for_the_words_that_were_read(cast):
    cast.intake()
    key = key_of(cast, "ceca")
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        people.vouch(key=key, fingerprint=bytes(32), by=ana)
    assert not vouched(cast, "ceca")


def test_a_swapped_public_key_gets_neither_vouch_nor_wrap(cast, definer):
    """Somebody who can write the database puts her own key in the place of Ceca's."""
    cast.intake()
    key = key_of(cast, "ceca")
    spoken = words_of(cast, "ceca")
    definer.execute("UPDATE accounts_publickey SET public_key = %s WHERE id = %s", [crypto.new_pair().public, key.pk])
    swapped = key_of(cast, "ceca")
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        people.vouch_by_words(key=swapped, words=spoken, by=ana)
    with cast.acting("ana"), pytest.raises(KeySwapped):
        teams.current_key(cast.ceca)
    assert b"is not yours" in cast.client("ceca").get("/account").content


def test_the_page_wants_the_words_and_never_shows_them(cast, definer):
    cast.intake()
    key, words = key_of(cast, "ceca"), words_of(cast, "ceca")
    client = cast.client("ana")
    assert b"Ceca" in client.get("/vouch").content
    page = client.get(f"/vouch/{key.pk}").content.decode()
    slip = client.post(f"/vouch/{key.pk}", {"words": "lusab babad gutih tugad kabam bopiz"})
    assert b"do not go on" in slip.content
    for word in words.split():
        assert word not in page
        assert word not in slip.content.decode()
    assert not vouched(cast, "ceca")
    tried = "SELECT outcome, detail FROM accounts_auditevent WHERE action = 'key_vouched' AND object_id = %s"
    assert definer.execute(tried, [str(cast.ceca.pk)]).fetchall() == [("attempted", "words_differ")]
    cyrillic = words.translate(str.maketrans("bdfghjklmnprstvzaiou", "бдфгхјклмнпрствзаиоу"))
    assert client.post(f"/vouch/{key.pk}", {"words": cyrillic.upper().replace(" ", " – ")}).status_code == 302
    assert vouched(cast, "ceca")
    assert client.get(f"/vouch/{key.pk}").status_code == 404


def test_pages_of_vouching_are_for_caseworkers_who_may(cast):
    cast.intake()
    key = key_of(cast, "ljilja")
    for name in ("vera", "koka", "lana"):
        assert cast.client(name).get("/vouch").status_code == 403
    ceca = cast.client("ceca")
    assert b"You cannot vouch yet" in ceca.get("/vouch").content
    assert ceca.get(f"/vouch/{key.pk}").status_code == 403
    assert ceca.post(f"/vouch/{key.pk}", {"words": words_of(cast, "ljilja")}).status_code == 403


def test_odd_words_are_a_clear_error(cast):
    cast.intake()
    client, key = cast.client("ana"), key_of(cast, "ceca")
    for typed in ("", "a\0b", "x" * 5000):
        assert b"govuk-error-message" in client.post(f"/vouch/{key.pk}", {"words": typed}).content


def test_web_cannot_write_a_vouch_by_itself(cast):
    cast.intake()
    key = key_of(cast, "ceca")
    with as_role("web") as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("INSERT INTO accounts_vouch (public_key_id) VALUES (%s)", [key.pk])
    with as_role("web") as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("UPDATE accounts_publickey SET public_key = ''")
