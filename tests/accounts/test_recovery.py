"""Coming back with the printed code, and a new password while signed in. The pair stays, the sessions end."""

import re

from django.test import Client

from accounts import totp
from accounts.models import PublicKey
from tests.accounts.helpers import client_of, fresh_codes, sign_in, wrong
from tests.accounts.test_people import secret_of, shown_code
from tests.cast import PASSWORD

NEW = "sasvim nova recenica ovde"


def public_key(cast) -> bytes:
    with cast.acting("vera"):
        return bytes(PublicKey.objects.get(user__login_name="ana").public_key)


def begin(code: str, name: str = "ana", client: Client | None = None):
    return (client or Client()).post("/recover", {"login_name": name, "recovery_code": code})


def second(page: bytes, **changed: str) -> dict[str, str]:
    text = page.decode()
    sealed = re.search(r'name="sealed" value="([^"]+)"', text)[1]
    code = totp.current_code(secret_of(text))
    return {"sealed": sealed, "password": NEW, "password_again": NEW, "code": code, **changed}


def test_back_with_the_printed_code(cast, definer):
    person, old = cast.person("ana"), cast.client("ana")
    key, client = public_key(cast), Client()
    page = begin(person.recovery_code.lower().replace("-", " "), client=client)
    typed = second(page.content)
    secret = secret_of(page.content.decode())
    assert person.recovery_code not in page.content.decode()
    slip = client.post("/recover", {**typed, "code": wrong(typed["code"])})
    assert secret_of(slip.content.decode()) == secret
    done = client.post("/recover", typed)
    new_code = shown_code(done.content)
    assert len(new_code) == 64
    assert new_code != person.recovery_code
    assert old.get("/account").status_code == 302  # her old session has ended
    assert public_key(cast) == key
    fresh_codes(definer)
    assert sign_in(Client(), person).status_code == 200  # old password and old phone
    person.totp_secret = secret
    assert sign_in(Client(), person, password=PASSWORD).status_code == 200
    browser = Client()
    assert sign_in(browser, person, password=NEW).status_code == 302
    assert b"Your key is closed" not in browser.get("/account").content
    assert not shown_code(client.post("/recover", typed).content)  # the first code counts no more
    assert b"do not fit together" in begin(person.recovery_code).content
    assert b'name="sealed"' in begin(new_code).content


def test_one_answer_for_every_reason(cast):
    person, other = cast.person("ana"), cast.person("boba")
    flipped = ("A" if person.recovery_code[0] != "A" else "B") + person.recovery_code[1:]
    answers = [
        begin(code, name)
        for code, name in [
            (flipped, "ana"),
            (other.recovery_code, "ana"),
            (person.recovery_code, "nobody-here"),
            ("not a code", "ana"),
        ]
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert b"do not fit together" in answer.content
        assert b'name="sealed"' not in answer.content


def test_wrong_codes_are_throttled_by_account_and_address(cast, definer):
    person = cast.person("ana")
    for _number in range(6):
        begin("A" * 52)
    definer.execute("UPDATE accounts_throttle SET last_at = clock_timestamp() + interval '10 seconds'")
    assert b"Try again in" in begin(person.recovery_code).content
    elsewhere = Client(REMOTE_ADDR="198.51.100.9")
    assert b'name="sealed"' in begin(person.recovery_code, client=elsewhere).content
    definer.execute("DELETE FROM accounts_throttle")  # with the counter gone the same attempt passes
    assert b'name="sealed"' in begin(person.recovery_code).content


def test_a_sealed_field_of_another_page_or_hour_opens_nothing(cast, monkeypatch):
    from accounts import sealed_fields

    page = begin(cast.person("ana").recovery_code)
    typed = second(page.content)
    foreign = {**typed, "sealed": sealed_fields.seal({"secret": "00"}, purpose="enrol")}
    assert b"open too long" in Client().post("/recover", foreign).content
    assert b"open too long" in Client().post("/recover", {**typed, "sealed": "rubbish"}).content
    monkeypatch.setattr(sealed_fields, "AGE", -1)
    assert b"open too long" in Client().post("/recover", typed).content


def test_odd_input_is_a_clear_error(cast):
    for typed in ("a\0b", "x" * 3000):
        assert b"govuk-error-message" in begin(typed).content
        assert b"govuk-error-message" in begin("A" * 52, typed).content


def test_a_new_password_while_signed_in(cast, definer):
    person, elsewhere = cast.person("ana"), cast.client("ana")
    here, key = client_of(cast, definer, "ana"), public_key(cast)
    assert (
        b"at least 14"
        in here.post("/account/password", {"present": PASSWORD, "password": "short", "password_again": "short"}).content
    )
    wrong = {"present": "not the present one", "password": NEW, "password_again": NEW}
    assert b"not your present password" in here.post("/account/password", wrong).content
    done = here.post("/account/password", {**wrong, "present": PASSWORD})
    code = shown_code(done.content)
    assert len(code) == 64
    assert elsewhere.get("/account").status_code == 302
    assert b"Your key is closed" not in here.get("/account").content
    sealed = re.search(r'name="sealed" value="([^"]+)"', done.content.decode())[1]
    assert here.post("/recovery-code", {"sealed": sealed, "last_group": code[-4:]}).headers["Location"] == "/account"
    assert public_key(cast) == key
    fresh_codes(definer)
    assert sign_in(Client(), person).status_code == 200
    assert sign_in(Client(), person, password=NEW).status_code == 302
    assert b"do not fit together" in begin(person.recovery_code).content
    actors = definer.execute("SELECT actor FROM accounts_auditevent WHERE action = 'password_changed'").fetchall()
    assert actors == [(str(cast.ana.pk),)]


def test_nothing_secret_is_in_the_database(cast, definer):
    person = cast.person("ana")
    keyring = person.keyring.private_key
    for table in ("credential", "keybox", "totpdevice", "invitation", "session", "unlockedkey", "auditevent"):
        dump = str(definer.execute(f"SELECT * FROM accounts_{table}").fetchall())
        for secret in (PASSWORD, person.recovery_code, person.totp_secret, keyring):
            assert str(secret) not in dump, table
