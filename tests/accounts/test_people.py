"""Inviting, enrolling, deactivating, through the pages."""

import html
import re
import threading

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts import crypto, totp
from accounts.access import get_invitation
from accounts.services import people
from tests.accounts.helpers import audit_actions, fresh_codes, sign_in, wrong
from tests.cast import PASSWORD

NEW = {
    "display_name": "Nada Nova",
    "login_name": "nada",
    "address": "nada@example.org",
    "roles": ["caseworker"],
    "language": "sr-latn",
}


def invite(vera: Client, **changed: object) -> str:
    """The token of a new invitation."""
    page = vera.post("/people/invite", {**NEW, **changed}).content.decode()
    return re.search(r"/invitation/([\w-]{43})", page)[1]


def opened(token: str) -> tuple[Client, dict[str, str], bytes]:
    """A browser on the enrolment page: what its hidden fields hold, and the secret of the QR picture."""
    client = Client()
    page = client.get(f"/invitation/{token}", follow=True).content.decode()
    hidden = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("sealed", "offered")}
    return client, hidden, secret_of(page)


def secret_of(page: str) -> bytes:
    import base64

    typed = re.search(r'<strong translate="no">([A-Z2-7 ]{39,})</strong>', page)[1].replace(" ", "")
    return base64.b32decode(typed)


def enrolment(hidden: dict[str, str], secret: bytes, **changed: str) -> dict[str, str]:
    return {
        **hidden,
        "password": PASSWORD,
        "password_again": PASSWORD,
        "code": totp.current_code(secret),
        **changed,
    }


def shown_code(page: bytes) -> str:
    return "-".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page.decode()))


def test_from_invitation_to_signing_in(cast, definer):
    token = invite(cast.client("vera"))
    client, hidden, secret = opened(token)
    assert client.cookies["language"].value == "sr-latn"
    typed = enrolment(hidden, secret)
    done = client.post("/invitation", typed)
    code = shown_code(done.content)
    assert len(code) == 64
    assert client.cookies["invitation"].value == ""
    sealed = re.search(r'name="sealed" value="([^"]+)"', done.content.decode())[1]
    slip = client.post("/recovery-code", {"sealed": sealed, "last_group": "AAAA"})
    assert shown_code(slip.content) == code
    kept = client.post("/recovery-code", {"sealed": sealed, "last_group": code[-4:].lower()})
    assert kept.headers["Location"] == "/sign-in?news=enrolled"

    class Nada:
        login_name = "nada"
        totp_secret = secret

    spent = sign_in(client, Nada, code=typed["code"])
    assert spent.status_code == 200  # the code of enrolling counts once, too
    fresh_codes(definer)
    assert sign_in(client, Nada).status_code == 302
    assert [entry for entry in audit_actions(definer) if "enrolled" in entry[0] or "published" in entry[0]][-2:] == [
        ("person_enrolled", "done"),
        ("key_published", "done"),
    ]


def test_the_token_is_out_of_the_address_at_once(cast):
    token = invite(cast.client("vera"))
    client = Client()
    first = client.get(f"/invitation/{token}")
    assert first.headers["Location"] == "/invitation"
    assert first.cookies["invitation"]["httponly"]
    assert first.headers["Referrer-Policy"] == "same-origin"
    page = client.get("/invitation")
    assert token.encode() not in page.content
    assert b"Nada Nova" in page.content


def test_a_link_that_was_used_or_has_ended_is_gone(cast, definer):
    vera = cast.client("vera")
    token = invite(vera)
    client, hidden, secret = opened(token)
    assert client.post("/invitation", enrolment(hidden, secret)).status_code == 200
    assert Client().get(f"/invitation/{token}").status_code == 410
    second = invite(vera, login_name="druga")
    definer.execute("UPDATE accounts_invitation SET expires_at = now() - interval '1 second'")
    assert Client().get(f"/invitation/{second}").status_code == 410
    for odd in ("x", "a" * 5000, "%F0%9F%98%80" * 10):
        assert Client().get(f"/invitation/{odd}").status_code == 410
    assert Client().get("/invitation").status_code == 410


def test_two_enrolments_at_once_by_one_link_make_one_person(cast, definer):
    token = invite(cast.client("vera"))
    pages = [opened(token) for _number in range(2)]
    gate, answers = threading.Barrier(2), []

    def enrol(client: Client, hidden: dict, secret: bytes) -> None:
        gate.wait()
        try:
            answers.append(shown_code(client.post("/invitation", enrolment(hidden, secret)).content))
        finally:
            connection.close()

    threads = [threading.Thread(target=enrol, args=page) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, answers)) == [False, True]
    count = (
        "SELECT count(*) FROM accounts_publickey k JOIN accounts_user u ON u.id = k.user_id WHERE u.login_name = 'nada'"
    )
    assert definer.execute(count).fetchone() == (1,)


def test_a_new_link_ends_the_old_one(cast):
    vera = cast.client("vera")
    token = invite(vera)
    person = get_invitation(token).user_id
    page = vera.post(f"/people/{person}/renew").content.decode()
    new = re.search(r"/invitation/([\w-]{43})", page)[1]
    assert Client().get(f"/invitation/{token}").status_code == 410
    assert Client().get(f"/invitation/{new}").status_code == 302


def test_the_secret_of_another_invitation_does_not_fit(cast):
    vera = cast.client("vera")
    client, hidden, _secret = opened(invite(vera))
    _other, foreign, secret = opened(invite(vera, login_name="druga"))
    answer = client.post("/invitation", enrolment({**hidden, "sealed": foreign["sealed"]}, secret))
    assert not shown_code(answer.content)
    assert b'name="sealed"' in answer.content


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short one 123", None, "at least 14"),
        ("a" * 200, None, "by 72 characters. It may have 128"),
        ("nada nada nada nada", None, "sign-in name"),
        ("passwordpassword", None, "tried first"),
        ("aaaaaaaaaaaaaaaaaa", None, "tried first"),
        ("vrbak malina sedam", "vrbak malina osam", "differ"),
        ("vrbak malina\0 sedam", None, "cannot be kept as it stands"),
    ],
)
def test_rules_for_passwords(cast, definer, password, again, words):
    client, hidden, secret = opened(invite(cast.client("vera"), language="en"))
    answer = client.post("/invitation", enrolment(hidden, secret, password=password, password_again=again or password))
    text = html.unescape(answer.content.decode())
    assert words in text
    assert hidden["offered"] in text  # the offered phrase stays the same after an error
    assert secret_of(text) == secret  # and so does what the phone has scanned
    assert definer.execute(
        "SELECT count(*) FROM accounts_credential c JOIN accounts_user u ON u.id = c.user_id WHERE u.login_name = 'nada'"
    ).fetchone() == (0,)


def test_a_wrong_code_uses_nothing_up(cast):
    client, hidden, secret = opened(invite(cast.client("vera")))
    code = totp.current_code(secret)
    assert not shown_code(client.post("/invitation", enrolment(hidden, secret, code=wrong(code))).content)
    assert shown_code(client.post("/invitation", enrolment(hidden, secret)).content)


def test_another_phrase_keeps_the_secret(cast):
    client, hidden, secret = opened(invite(cast.client("vera")))
    page = client.post("/invitation", {**hidden, "another": "1"}).content.decode()
    assert secret_of(page) == secret
    assert hidden["offered"] not in page


def test_people_are_listed_found_and_paged(cast, definer):
    vera = cast.client("vera")
    cast.person("ana")
    for number in range(27):
        invite(vera, login_name=f"osoba{number}", display_name=f"Osoba {number:02}")
    first = vera.get("/people").content.decode()
    assert first.count('scope="row"') == 25
    assert vera.get("/people?page=2").content.decode().count('scope="row"') == 4
    found = vera.post("/people", {"name": "OSOBA 03"}).content.decode()
    assert found.count('scope="row"') == 1
    assert b"Nobody has this name" in vera.post("/people", {"name": "xyz"}).content
    assert b"govuk-error-message" in vera.post("/people", {"name": "a\0"}).content
    assert "Invited" in found
    assert "Enrolled, not vouched for" in vera.post("/people", {"name": "ana"}).content.decode()


def test_forms_refuse_with_words(cast):
    vera = cast.client("vera")
    cast.person("ana")
    assert b"is taken" in vera.post("/people/invite", {**NEW, "login_name": "ana"}).content
    assert (
        b"cannot be held together"
        in vera.post("/people/invite", {**NEW, "roles": ["coordinator", "administrator"]}).content
    )
    assert b"small letters" in vera.post("/people/invite", {**NEW, "login_name": "Nađa"}).content
    for field, typed in (
        ("display_name", "x" * 81),
        ("display_name", "a\0b"),
        ("address", "nobody"),
        ("roles", "queen"),
    ):
        assert b"govuk-error-message" in vera.post("/people/invite", {**NEW, field: typed}).content, field


@pytest.mark.parametrize("name", ["ana", "lana", "koka"])
def test_others_may_not(cast, name):
    client, vera = cast.client(name), cast.person("vera").user
    for address in ("/people", "/people/invite", f"/people/{vera.pk}", f"/people/{vera.pk}/deactivate"):
        assert client.get(address).status_code == 403, address
    for address in (f"/people/{vera.pk}/renew", f"/people/{vera.pk}/deactivate", "/people/invite"):
        assert client.post(address).status_code == 403, address


def test_nobody_there_is_404(cast):
    assert cast.client("vera").get("/people/00000000-0000-4000-8000-000000000000").status_code == 404


def test_deactivating(cast, definer):
    vera, ana = cast.client("vera"), cast.person("ana").user
    assert b"open sessions end" in vera.get(f"/people/{ana.pk}/deactivate").content
    vera.post(f"/people/{ana.pk}/deactivate")
    assert definer.execute("SELECT is_active FROM accounts_user WHERE id = %s", [ana.pk]).fetchone() == (False,)
    assert ("person_deactivated", "done") in audit_actions(definer)
    again = vera.post(f"/people/{ana.pk}/deactivate", follow=True)
    assert b"not possible any more" in again.content
    herself = vera.post(f"/people/{cast.vera.pk}/deactivate", follow=True)
    assert b"Ask another administrator" in herself.content


def test_the_last_administrator_stays(cast):
    from accounts.exceptions import WrongState

    class Somebody:
        pk = None

    with cast.acting("vera") as vera, pytest.raises(WrongState, match="last administrator"):
        people.deactivate(person=vera, by=Somebody())


def test_the_offered_phrase_has_eighty_bits_and_passes_the_rule():
    from accounts.services.passwords import WORDS, check_password, offer_phrase

    phrases = {offer_phrase() for _number in range(200)}
    assert len(phrases) == 200
    assert WORDS * 16 >= 65
    for phrase in phrases:
        check_password(phrase, login_name="")
    assert len({crypto.proquint(number) for number in range(2**16)}) == 2**16


def test_the_cookie_of_the_invitation_goes_to_its_page_only(cast):
    token = invite(cast.client("vera"))
    response = Client().get(f"/invitation/{token}")
    assert response.cookies["invitation"]["path"] == "/invitation"
    assert response.cookies["invitation"]["samesite"] == "Lax"
    assert settings.SESSION_COOKIE_NAME not in response.cookies
