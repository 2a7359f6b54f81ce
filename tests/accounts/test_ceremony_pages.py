"""The pages of recovery by keepers, from naming a keeper to signing in anew: each step as its person does it."""

import html
import re

import pytest
from django.test import Client

from accounts import totp
from tests.accounts.authenticator import stored_passkey
from tests.accounts.helpers import client_of, fresh_codes, sign_in
from tests.accounts.test_people import secret_of, shown_code
from tests.cases.helpers import open_case
from tests.keepers import NEW, make_copies, pass_delay, three_keepers
from tests.security.attack import plant

GONE = "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = id WHERE id = %s"
BACK = "UPDATE accounts_user SET is_active = true, deactivated_at = NULL, deactivated_by_id = NULL WHERE id = %s"


def field(page: bytes, name: str) -> str:
    return html.unescape(re.search(rf'name="{name}" value="([^"]+)"', page.decode())[1])


def words_on(page: bytes) -> str:
    return " ".join(re.findall(r"<li><strong>([a-z]{5})</strong></li>", page.decode()))


@pytest.fixture
def codes(cast) -> list[str]:
    cast.intake()
    found = three_keepers(cast)
    make_copies(cast, "ana")
    return found


def give(code: str, words: str) -> bytes:
    client = Client()
    shown = client.post("/keeper", {"code": code, "words": words})
    assert shown.status_code == 200, shown.content
    assert b"Ana has lost her password" in shown.content
    return client.post("/keeper", {"sealed": field(shown.content, "sealed")}).content


def test_a_keeper_makes_her_code_on_her_own_screen(cast, definer):
    cast.intake()
    vera, boba = cast.client("vera"), cast.client("boba")
    added = vera.post("/key-keepers/add", {"name": "Mira Savić", "address": "", "language": "en"})
    token = re.search(r"/keeper/code/([\w-]+)", added.content.decode())[1]
    mira = Client()
    assert mira.get(f"/keeper/code/{token}").headers["Location"] == "/keeper/code"
    assert b"Mira" in mira.get("/keeper/code").content
    shown = mira.post("/keeper/code")
    code, words, sealed = shown_code(shown.content), words_on(shown.content), field(shown.content, "sealed")
    assert len(code) == 64
    wrong = mira.post("/keeper/code", {"sealed": sealed, "last_group": "AAAA"})
    assert wrong.status_code == 422
    assert shown_code(wrong.content) == code
    kept = mira.post("/keeper/code", {"sealed": sealed, "last_group": code[-4:]})
    assert b"Thank you" in kept.content
    assert Client().get(f"/keeper/code/{token}").status_code == 410
    assert code.replace("-", "") not in str(definer.execute("SELECT t::text FROM accounts_keykeeper t").fetchall())
    (keeper_id,) = definer.execute("SELECT id FROM accounts_keykeeper").fetchone()
    assert b"Mira" in boba.get("/vouch").content
    refused = boba.post(f"/key-keepers/{keeper_id}/confirm", {"words": "babab " * 6})
    assert refused.status_code == 422
    assert boba.post(f"/key-keepers/{keeper_id}/confirm", {"words": words}).status_code == 302
    page = vera.get("/key-keepers").content.decode()
    assert "Boba read the words with her" in page
    assert "2 key keepers are missing" in page


def test_from_nothing_back_to_the_desk(cast, definer, codes):
    """Password, phone and printed code are gone; two keepers, two days, and her cases open again."""
    old = client_of(cast, definer, "ana")
    stored_passkey(cast, "ana")
    ana = Client()
    asked = ana.post("/recover/keepers", {"login_name": "Ana", "password": NEW, "password_again": NEW})
    words = words_on(asked.content)
    assert len(words.split()) == 6
    assert b"In two days another keeper" in give(codes[1], words)
    assert b"Look who asks the key keepers" in old.get("/").content or b"key keepers" in old.get("/").content
    assert b"Stop it" in old.get("/account").content
    early = Client().post("/keeper", {"code": codes[2], "words": words})
    assert b"You can give yours from" in early.content
    assert b"Give my code for this" not in early.content
    pass_delay(definer)
    assert b"was opened for the person who asked" in give(codes[2], words)
    assert ana.post("/recover/keepers/finish", {"login_name": "ana", "password": "nije ta lozinka"}).status_code == 422
    first = ana.post("/recover/keepers/finish", {"login_name": "ana", "password": NEW})
    assert NEW not in first.content.decode()
    secret = secret_of(first.content.decode())
    sealed = field(first.content, "sealed")
    done = ana.post("/recover/keepers/finish", {"sealed": sealed, "code": totp.current_code(secret)})
    assert len(shown_code(done.content)) == 64
    assert shown_code(done.content) != cast.person("ana").recovery_code
    assert old.get("/account").status_code == 302  # her sessions have ended
    assert definer.execute("SELECT count(*) FROM accounts_passkey").fetchone() == (0,)
    fresh_codes(definer)
    assert sign_in(Client(), cast.person("ana")).status_code == 200  # neither old password nor old phone
    new = Client()
    assert sign_in(new, cast.ana, password=NEW, code=totp.current_code(secret)).status_code == 302
    assert b"Your key is closed" not in new.get("/account").content
    again = ana.post("/recover/keepers/finish", {"sealed": sealed, "code": totp.current_code(secret)})
    assert b"does not fit together" in again.content
    actions = [
        action
        for (action,) in definer.execute(
            "SELECT action FROM accounts_auditevent WHERE action LIKE 'ceremony%' ORDER BY sequence"
        )
    ]
    assert actions == ["ceremony_begun", "ceremony_peeled", "ceremony_opened", "ceremony_done"]


def test_a_name_that_nobody_has_gets_the_same_pages(cast, codes):
    def asked(name: str) -> str:
        page = Client().post("/recover/keepers", {"login_name": name, "password": NEW, "password_again": NEW}).content
        return re.sub(r"<li><strong>[a-z]{5}</strong></li>|[\w-]{30,}", "", page.decode())

    assert asked("ana") == asked("nobody-here")
    finish = [
        Client().post("/recover/keepers/finish", {"login_name": name, "password": NEW})
        for name in ("ana", "nobody-here")
    ]
    assert {page.status_code for page in finish} == {422}


def test_a_keeper_with_her_code_alone_sees_what_runs_and_stops_it(cast, definer, codes):
    words = words_on(
        Client().post("/recover/keepers", {"login_name": "ana", "password": NEW, "password_again": NEW}).content
    )
    give(codes[0], words)
    olga = Client()
    shown = olga.post("/keeper", {"code": codes[2]}).content
    assert b"<strong>Recovery: Ana.</strong>" in shown
    stopped = olga.post("/keeper", {"sealed": field(shown, "sealed"), "stop": field(shown, "stop")}).content
    assert b"Nothing of it is left" in stopped
    said = "Stopped by a key keeper, Olga, "
    for name, page, again in (
        ("ana", "/account", "If it was you who asked, you can ask again from the sign-in page."),
        ("vera", "/key-keepers", "Ana can ask again from the sign-in page."),
    ):
        text = cast.client(name).get(page).content.decode()
        assert said in text
        assert again in text
    assert said not in cast.client("boba").get("/account").content.decode()
    plant(GONE, cast.ana.pk)
    text = cast.client("vera").get("/key-keepers").content.decode()
    assert said in text
    assert "can ask again" not in text
    assert olga.post("/keeper", {"code": codes[1], "words": words}).status_code == 422
    assert olga.post("/keeper", {"code": "AAAA-" * 12 + "AAAA"}).status_code == 422


def test_the_administrator_names_a_successor_who_begins(cast, definer, codes):
    open_case(cast)
    cast.vouch("boba", "ceca")
    vera = cast.client("vera")
    ana = cast.ana
    assert vera.get(f"/people/{ana.pk}/hand-over").status_code == 404
    vera.post(f"/people/{ana.pk}/deactivate")
    assert b"Hand it over with two key keepers" in vera.get(f"/people/{ana.pk}").content
    page = f"/people/{ana.pk}/hand-over"
    odd = vera.post(page, {"successor": cast.ceca.pk, "protected": "K7MX-42QB\nK7MX-42Q"})
    assert odd.status_code == 422
    assert "“K7MX-42Q” is no code." in odd.content.decode()
    assert "K7MX-42QB\nK7MX-42Q</textarea>" in odd.content.decode()
    assert "Sidro does not say here whether a code exists" in vera.get(page).content.decode()
    named = vera.post(page, {"successor": cast.ceca.pk, "protected": "K7MX-42QB"}, follow=True).content.decode()
    assert "Ceca is named as successor and was told." in named
    assert "/key-keepers" in named
    assert "you act as Administrator" in named
    assert "Ceca takes over" in vera.get("/key-keepers").content.decode()
    again = vera.get(page).content.decode()
    assert "Ceca takes over" in again
    assert "/stop" in again
    assert 'name="successor"' not in again
    ceca = cast.client("ceca")
    assert b"Keys to take over" in ceca.get("/").content
    request_id = re.search(r"/key-hand-overs/([\w-]+)/begin", ceca.get("/key-hand-overs").content.decode())[1]
    ceca.post(f"/key-hand-overs/{request_id}/begin")
    page = ceca.get("/key-hand-overs").content
    assert len(words_on(page).split()) == 6
    for state in ("begun", "peeled"):  # she waits for the keepers, and has to read the words to the second one
        plant("UPDATE accounts_ceremony SET state = %s", state)
        assert b"Keys to take over" in ceca.get("/").content
    (running,) = re.findall(rb"/key-requests/([\w-]+)/stop", vera.get("/key-keepers").content)
    assert running.decode() == request_id
    assert ceca.post(f"/key-requests/{request_id}/stop").status_code == 302
    assert b"You were not named" in ceca.get("/key-hand-overs").content


def test_a_hand_over_that_a_keeper_stopped_is_said_to_successor_and_administrator_who_can_begin_again(cast, codes):
    cast.vouch("boba", "ceca")
    vera, ceca, page = cast.client("vera"), cast.client("ceca"), f"/people/{cast.ana.pk}/hand-over"
    vera.post(f"/people/{cast.ana.pk}/deactivate")
    vera.post(page, {"successor": cast.ceca.pk, "protected": ""})
    olga = Client()
    shown = olga.post("/keeper", {"code": codes[2]}).content
    olga.post("/keeper", {"sealed": field(shown, "sealed"), "stop": field(shown, "stop")})
    said = "Stopped by a key keeper, Olga, "
    keepers = vera.get("/key-keepers").content.decode()
    assert said in keepers
    assert f'href="{page}"' in keepers
    for hers in ("/key-hand-overs", "/account"):
        text = ceca.get(hers).content.decode()
        assert said in text
        assert "An administrator can name a successor again." in text
        assert page not in text
    assert said not in cast.client("boba").get("/key-hand-overs").content.decode()
    plant(BACK, cast.ana.pk)
    text = ceca.get("/account").content.decode()
    assert said in text
    assert "An administrator can name a successor again." not in text  # she is back: nobody takes over from her
    plant(GONE, cast.ana.pk)
    vera.post(page, {"successor": cast.ceca.pk, "protected": ""})
    assert said not in vera.get("/key-keepers").content.decode()
