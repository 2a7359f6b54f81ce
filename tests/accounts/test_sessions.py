"""Sessions: limits, background requests, what the tables hold, what a cookie alone or a row alone opens."""

import pytest
from django.conf import settings
from django.test import Client

from accounts import actor, audit, database, keyring
from accounts.marks import BACKGROUND_HEADER
from accounts.sessions import hashed
from tests.accounts.helpers import client_of


def is_open(client: Client) -> bool:
    return client.get("/account").status_code == 200


def move(definer, column: str, interval: str) -> None:
    definer.execute(f"UPDATE accounts_session SET {column} = {column} - interval '{interval}' WHERE data <> ''")


def test_thirty_minutes_without_work_end_a_session(cast, definer):
    client = cast.client("ana")
    move(definer, "expires_at", "29 minutes 50 seconds")
    assert is_open(client)
    move(definer, "expires_at", "30 minutes 1 second")
    assert not is_open(client)


def test_work_extends_the_idle_limit_and_what_pages_do_by_themselves_does_not(cast, definer):
    client = cast.client("ana")
    move(definer, "expires_at", "20 minutes")
    before = definer.execute("SELECT max(expires_at) FROM accounts_session").fetchone()
    client.get("/account", headers={BACKGROUND_HEADER: "1"})
    assert definer.execute("SELECT max(expires_at) FROM accounts_session").fetchone() == before
    client.get("/account")
    assert definer.execute("SELECT max(expires_at) FROM accounts_session").fetchone() > before


def test_eight_hours_end_a_session_whatever_she_does(cast, definer):
    client = cast.client("ana")
    move(definer, "created_at", "7 hours 50 minutes")
    move(definer, "expires_at", "5 minutes")
    assert is_open(client)
    left = definer.execute(
        "SELECT expires_at - clock_timestamp() < interval '11 minutes' FROM accounts_session s WHERE s.session_hash = %s",
        [client.session.session_hash],
    ).fetchone()
    assert left == (True,)  # the idle limit never reaches past the absolute one, so app.uid() keeps to it, too
    move(definer, "created_at", "11 minutes")
    assert not is_open(client)


def test_the_table_holds_no_key_of_a_session(cast, definer):
    client = cast.client("ana")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    rows = definer.execute("SELECT * FROM accounts_session").fetchall()
    assert hashed(key) in str(rows)
    assert key not in str(rows)
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = hashed(key)
    assert not is_open(stolen)


def test_data_of_a_session_copied_under_another_hash_is_no_session(cast, definer):
    client = cast.client("vera")
    cast.person("ana")
    key = "planted0planted0planted0planted0"
    definer.execute(
        "INSERT INTO accounts_session (session_hash, user_id, data, created_at, expires_at)"
        " SELECT %s, user_id, data, created_at, expires_at FROM accounts_session WHERE session_hash = %s",
        [hashed(key), client.session.session_hash],
    )
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    assert not is_open(thief)


@pytest.mark.parametrize("cookie", ["", "00" * 32, "not hexadecimal"])
def test_an_unlocked_key_is_useless_without_its_cookie(cast, definer, cookie):
    client = cast.client("ana")
    assert b"The words of your key" in client.get("/account").content
    assert b"Your key is closed" not in client.get("/account").content  # opens with the right cookie
    (sealed,) = definer.execute("SELECT sealed FROM accounts_unlockedkey").fetchone()
    assert cast.person("ana").keyring.private_key not in bytes(sealed)
    client.cookies[settings.UNLOCK_COOKIE_NAME] = cookie
    assert b"Your key is closed" in client.get("/account").content
    locked = client.get("/account/password")
    assert (locked.status_code, locked.headers["Location"]) == (302, "/sign-in?next=%2Faccount%2Fpassword&again=1")
    assert client.get(locked.headers["Location"]).status_code == 200  # the form, and no way back in a circle


def test_without_the_mark_that_her_key_is_closed_she_goes_in_a_circle(cast):
    """She is signed in, so the page of signing in would send her back to the page that sent her there."""
    client = cast.client("ana")
    client.cookies[settings.UNLOCK_COOKIE_NAME] = ""
    locked = client.get("/account/password").headers["Location"]
    unmarked = client.get(locked.replace("&again=1", ""))
    assert (unmarked.status_code, unmarked.headers["Location"]) == (302, "/account/password")
    assert client.get(unmarked.headers["Location"]).headers["Location"] == locked
    assert client.get(locked).status_code == 200


def test_an_unlocked_key_does_not_open_in_another_session(cast, definer):
    first, second = cast.client("ana"), client_of(cast, definer, "ana")
    second.cookies[settings.UNLOCK_COOKIE_NAME] = first.cookies[settings.UNLOCK_COOKIE_NAME].value
    assert b"Your key is closed" in second.get("/account").content


def test_a_deactivated_persons_open_session_ends_at_once(cast, definer):
    client, person = cast.client("ana"), cast.person("ana")
    vera = cast.client("vera")
    assert is_open(client)
    session_hash = client.session.session_hash
    with audit.outer_transaction():
        actor.act_as(user_id=person.user.pk, session_hash=session_hash)
        assert database.value("uid") == person.user.pk
    assert vera.post(f"/people/{person.user.pk}/deactivate").status_code == 302
    assert not is_open(client)
    with audit.outer_transaction():
        actor.act_as(user_id=person.user.pk, session_hash=session_hash)
        assert database.value("uid") is None
    assert definer.execute(
        "SELECT count(*) FROM accounts_unlockedkey WHERE user_id = %s", [person.user.pk]
    ).fetchone() == (0,)


def test_even_with_its_row_left_a_deactivated_persons_session_is_none(cast, definer):
    """The second lock: were the sessions not deleted, being inactive is asked again by HTTP and by app.uid()."""
    client, person = cast.client("ana"), cast.person("ana")
    definer.execute(
        "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = id WHERE id = %s",
        [person.user.pk],
    )
    assert not is_open(client)
    with audit.outer_transaction():
        actor.act_as(user_id=person.user.pk, session_hash=client.session.session_hash)
        assert database.value("uid") is None


def test_clearing_deletes_what_has_ended_only(cast, definer):
    from accounts.tasks import clean
    from tests.conftest import as_role

    cast.person("boba")
    client = cast.client("ana")
    move(definer, "expires_at", "1 hour")
    kept = client_of(cast, definer, "boba")
    with as_role("worker") as worker:
        worker.execute("SELECT app.sessions_clear()")
    assert not is_open(client)
    assert is_open(kept)
    assert definer.execute("SELECT count(*) FROM accounts_unlockedkey").fetchone() == (1,)
    assert clean.name == "accounts.tasks.clean"


def test_a_part_of_a_page_without_a_session_leads_a_click_to_signing_in(transactional_db):
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/people"}
    click = Client().get("/people", headers=here)
    assert (click.status_code, click.headers["HX-Redirect"]) == (401, "/sign-in?next=%2Fpeople")
    alone = Client().get("/people", headers={**here, BACKGROUND_HEADER: "1"})
    assert "HX-Redirect" not in alone.headers
    typed = Client().post("/people", {"name": "x"}, headers=here)
    assert typed.status_code == 401
    assert "HX-Redirect" not in typed.headers  # the page stays as it is, with what was typed


def test_a_keyring_says_nothing_about_itself(cast):
    assert "Keyring" in repr(cast.person("ana").keyring)
    assert cast.person("ana").keyring.private_key.hex() not in repr(cast.person("ana").keyring)
    assert keyring.Keyring.__repr__ is not object.__repr__
