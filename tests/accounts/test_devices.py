"""The list of devices: added after step-up, only for herself, renamed, removed, never the last one."""

import threading
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client

from accounts import database, totp
from accounts.carrying import typed_fields
from accounts.services import people
from tests.accounts.authenticator import Authenticator, add, asked, devices_of, fields, sign_in, stored_passkey
from tests.accounts.helpers import audit_actions, client_of, fresh_codes, stale
from tests.accounts.helpers import sign_in as sign_in_by_code
from tests.accounts.test_people import secret_of, shown_code
from tests.accounts.test_recovery import begin, second

pytestmark = pytest.mark.usefixtures("passkeys_here")


def ids(definer, name: str) -> dict[str, object]:
    """Names of her devices with their ids; the app for codes is `app`."""
    rows = definer.execute(
        "SELECT p.name, p.id FROM accounts_passkey p JOIN accounts_user u ON u.id = p.user_id WHERE u.login_name = %s"
        " UNION ALL SELECT 'app', d.id FROM accounts_totpdevice d JOIN accounts_user u ON u.id = d.user_id"
        " WHERE u.login_name = %s",
        [name, name],
    )
    return dict(rows.fetchall())


def test_a_passkey_is_added_named_and_listed(cast, definer):
    client = cast.client("ana")
    assert b"one device for signing in" in client.get("/account").content
    assert b"A second device" in client.get("/").content
    add(client, name="Blue <key>")
    page = client.get("/account/devices").content.decode()
    assert "Blue &lt;key&gt;" in page
    assert "Not used yet" in page
    assert ("passkey_added", "done") in audit_actions(definer)
    for address in ("/account", "/"):
        assert b"one device" not in client.get(address).content
        assert b"A second device" not in client.get(address).content


def test_only_key_holders_are_asked_for_a_second_device(cast, settings):
    assert b"one device for signing in" in cast.client("lana").get("/account").content
    for name in ("koka", "vera"):
        client = cast.client(name)
        assert b"one device for signing in" not in client.get("/account").content
        assert b"A second device" not in client.get("/").content
    settings.PASSKEY_RP_ID = "127.0.0.1"  # no name, no passkeys: nothing is asked for that cannot be done
    assert b"one device for signing in" not in cast.client("ana").get("/account").content


def test_adding_removing_and_a_new_app_ask_for_the_second_factor_first(cast, definer):
    client = cast.client("ana")
    add(client)
    key = ids(definer, "ana")["Blue key"]
    form = fields(client, Authenticator(), "add")
    stale(client, 301)
    for address in ("/account/devices/passkey", "/account/devices/app", f"/account/devices/{key}/remove"):
        assert client.get(address).headers["Location"].startswith("/confirm?next="), address
        answer = client.post(address, {"name": "Second", **form})
        assert answer.status_code == 401, address
    assert devices_of(definer, "ana") == ["Blue key"]
    assert client.get(f"/account/devices/{key}/name").status_code == 200
    posted = QueryDict(urlencode({"name": "Second", **form}))
    assert typed_fields(posted) == [("name", "Second")]  # an answer does not travel on to the next page


def test_what_does_not_hold_is_not_added(cast, definer, caplog):
    client = cast.client("ana")
    options, sealed = asked(client, "add")
    other, _sealed = asked(client, "add")
    to_confirm, sealed_to_confirm = asked(client, "confirm")
    spoilt = {
        "nothing": {},
        "no challenge": {"passkey": Authenticator().create(options)},
        "rubbish": {"passkey": "{}", "challenge": sealed},
        "deep": {"passkey": "[" * 5000, "challenge": sealed},
        "another challenge": {"passkey": Authenticator().create(other), "challenge": sealed},
        "challenge for something else": {
            "passkey": Authenticator().create({**options, "challenge": to_confirm["challenge"]}),
            "challenge": sealed_to_confirm,
        },
        "another origin": {
            "passkey": Authenticator(origin="http://evil.testserver").create(options),
            "challenge": sealed,
        },
        "another site": {"passkey": Authenticator(site="evil.example").create(options), "challenge": sealed},
        "nobody there": {"passkey": Authenticator(flags=0).create(options), "challenge": sealed},
        "shown, not made": {"passkey": Authenticator().create(options, kind="webauthn.get"), "challenge": sealed},
    }
    for what, form in spoilt.items():
        answer = client.post("/account/devices/passkey", {"name": "Blue key", **form})
        assert answer.status_code == 422, what
        assert b"govuk-error" in answer.content, what
    good = {"passkey": Authenticator().create(options), "challenge": sealed}
    assert client.post("/account/devices/passkey", {"name": " ", **good}).status_code == 422
    assert devices_of(definer, "ana") == []
    assert client.post("/account/devices/passkey", {"name": "Blue key", **good}).status_code == 302
    again = {"passkey": Authenticator().create(options), "challenge": sealed}
    answer = client.post("/account/devices/passkey", {"name": "Once more", **again})
    assert b"not possible any more" in answer.content  # the challenge is spent
    assert devices_of(definer, "ana") == ["Blue key"]


def test_a_challenge_of_another_session_or_person_adds_nothing(cast, definer):
    """Enrolment with somebody else's id: a form that Boba's browser was given, sent by Ana's, and the other way."""
    ana, boba = cast.client("ana"), cast.client("boba")
    for mine, other in ((ana, boba), (ana, client_of(cast, definer, "ana"))):
        form = fields(other, Authenticator(), "add")
        assert mine.post("/account/devices/passkey", {"name": "Slipped in", **form}).status_code == 422
    assert devices_of(definer, "ana") == devices_of(definer, "boba") == []


def test_a_credential_belongs_to_one_person(cast, definer):
    key = add(cast.client("ana"))
    boba = cast.client("boba")
    answer = boba.post("/account/devices/passkey", {"name": "Hers", **fields(boba, key, "add")})
    assert b"in use already" in answer.content
    assert devices_of(definer, "boba") == []


def test_ten_passkeys_at_most(cast, definer):
    client = cast.client("ana")
    for _number in range(10):
        stored_passkey(cast, "ana")
    answer = client.post("/account/devices/passkey", {"name": "Eleventh", **fields(client, Authenticator(), "add")})
    assert b"that is the most" in answer.content
    assert len(devices_of(definer, "ana")) == 10


def test_renaming_is_for_her_own(cast, definer):
    key = stored_passkey(cast, "ana")
    ana, boba = cast.client("ana"), cast.client("boba")
    assert boba.post(f"/account/devices/{key}/name", {"name": "Mine"}).status_code == 404
    assert boba.post(f"/account/devices/{key}/remove").status_code == 404
    with cast.acting("boba"), pytest.raises(database.Refused, match="not_allowed"):
        database.value("device_rename", key, "Mine")  # past what Python asks
    with cast.acting("boba"), pytest.raises(database.Refused, match="not_allowed"):
        database.value("device_remove", key)
    assert ana.post(f"/account/devices/{key}/name", {"name": "x" * 61}).status_code == 422
    assert ana.post(f"/account/devices/{key}/name", {"name": "Key at home"}).status_code == 302
    assert devices_of(definer, "ana") == ["Key at home"]
    app = ids(definer, "ana")["app"]
    assert ana.get(f"/account/devices/{app}/name").status_code == 404


def test_removing_ends_all_other_sessions_and_keeps_this_one(cast, definer):
    here = cast.client("ana")
    key = add(here)
    there = Client()
    assert sign_in(there, key, "ana").status_code == 302
    assert there.get("/account").status_code == 200
    removed = ids(definer, "ana")["Blue key"]
    assert here.post(f"/account/devices/{removed}/remove").status_code == 302
    assert there.get("/account").status_code == 302
    assert b"Your key is closed" not in here.get("/account").content
    assert sign_in(Client(), key, "ana").status_code == 200
    assert ("passkey_removed", "done") in audit_actions(definer)


def test_the_device_of_this_very_session_can_go_and_the_session_stays(cast, definer):
    """A lost phone: in with the passkey, the app removed, a new one set up."""
    first = cast.client("ana")
    key, devices = add(first), ids(definer, "ana")
    assert first.post(f"/account/devices/{devices['app']}/remove").status_code == 302
    assert first.get("/account").status_code == 200  # it was begun with a code, and goes on
    fresh_codes(definer)
    assert sign_in_by_code(Client(), cast.person("ana")).status_code == 200
    client = Client()
    assert sign_in(client, key, "ana").status_code == 302
    assert first.get(f"/account/devices/{devices['Blue key']}/remove").status_code == 200
    answer = first.post(f"/account/devices/{devices['Blue key']}/remove")
    assert answer.status_code == 409  # the last one
    page = client.get("/account/devices/app").content.decode()
    secret = secret_of(page)
    sealed = page.split('name="sealed" value="')[1].split('"')[0]
    assert client.post("/account/devices/app", {"sealed": sealed, "code": "000"}).status_code == 422
    code = totp.current_code(secret)
    assert first.post("/account/devices/app", {"sealed": "rubbish", "code": code}).status_code == 422
    assert client.post("/account/devices/app", {"sealed": sealed, "code": code}).status_code == 302
    cast.person("ana").totp_secret = secret
    assert sign_in_by_code(Client(), cast.person("ana"), code=code).status_code == 200  # that code is spent
    fresh_codes(definer)
    assert sign_in_by_code(Client(), cast.person("ana")).status_code == 302
    assert client.get("/account/devices/app").status_code == 409
    assert {("totp_removed", "done"), ("totp_added", "done")} <= set(audit_actions(definer))


def test_of_two_removals_at_once_one_device_is_left(cast, definer):
    stored_passkey(cast, "ana")
    wanted, gate, results = list(ids(definer, "ana").values()), threading.Barrier(2), []

    def remove(device_id: object) -> None:
        gate.wait()
        try:
            with cast.acting("ana"):
                database.value("device_remove", device_id)
            results.append("removed")
        except database.Refused as refused:
            results.append(refused.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(device_id,)) for device_id in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["last_device", "removed"]
    assert len(ids(definer, "ana")) == 1


def test_the_last_device_stays_for_whoever_writes_sql_as_well(cast, definer):
    """The page alone would not hold it: PostgreSQL counts."""
    with cast.acting("ana"), pytest.raises(database.Refused, match="last_device"):
        database.value("device_remove", ids(definer, "ana")["app"])


def test_without_a_fresh_second_factor_postgresql_changes_no_device(cast, definer):
    key = stored_passkey(cast, "ana")
    old = "UPDATE accounts_session SET stepped_up_at = clock_timestamp() - interval '{} seconds'"
    definer.execute(old.format(301))
    with cast.acting("ana"), pytest.raises(database.Refused, match="step_up"):
        database.value("device_remove", key)
    with cast.acting("ana"), pytest.raises(database.Refused, match="step_up"):
        database.value("passkey_add", uuid4(), "Slipped in", b"x", b"x", 0, b"x")
    with cast.acting("ana"), pytest.raises(database.Refused, match="step_up"):
        database.value("totp_add", uuid4(), b"x", 0)
    definer.execute(old.format(290))  # the control off: shown in time it goes
    with cast.acting("ana"):
        database.value("device_remove", key)
    assert devices_of(definer, "ana") == []


def test_coming_back_with_the_printed_code_removes_passkeys(cast, definer):
    person = cast.person("ana")
    key = add(cast.client("ana"))
    page = begin(person.recovery_code)
    assert b"passkeys count no more" in page.content
    assert shown_code(Client().post("/recover", second(page.content)).content)
    assert devices_of(definer, "ana") == []
    assert sign_in(Client(), key, "ana", password="sasvim nova recenica ovde").status_code == 200
    detail = definer.execute("SELECT detail FROM accounts_auditevent WHERE action = 'passkey_removed'").fetchall()
    assert detail == [("recovery",)]


def test_coming_back_works_for_somebody_without_an_app(cast, definer):
    person, client = cast.person("ana"), cast.client("ana")
    add(client)
    client.post(f"/account/devices/{ids(definer, 'ana')['app']}/remove")
    page = begin(person.recovery_code)
    person.totp_secret = secret_of(page.content.decode())
    assert shown_code(Client().post("/recover", second(page.content)).content)
    fresh_codes(definer)
    assert sign_in_by_code(Client(), person, password="sasvim nova recenica ovde").status_code == 302


def test_deactivation_deletes_passkeys(cast, definer):
    stored_passkey(cast, "lana")
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.lana, by=vera)
    assert devices_of(definer, "lana") == []


def test_a_new_password_leaves_the_devices_and_this_session_its_own(cast, definer):
    key, client = add(cast.client("ana")), Client()
    assert sign_in(client, key, "ana").status_code == 302
    new = "sasvim nova recenica ovde"
    typed = {"present": "vrbak malina sedam kolo", "password": new, "password_again": new}
    assert client.post("/account/password", typed).status_code == 200
    assert client.get("/account").status_code == 200
    assert sign_in(Client(), key, "ana", password=new).status_code == 302
