"""Wrong answers are counted by account and address; a browser that is known has a counter of its own."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from accounts import database
from accounts.known_devices import client_address
from accounts.services import sign_in as service
from config.proxies import trusted_proxies
from tests.accounts.helpers import fresh_codes, sign_in, stale, without_tokens

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


def fail(person, times: int, address: str = HERE, client: Client | None = None) -> None:
    for _number in range(times):
        sign_in(client or Client(), person, password="not the right one", REMOTE_ADDR=address)


def late(definer) -> None:
    """The last wrong answer is half a second ago at most; put it forward so that waiting does not end meanwhile."""
    definer.execute("UPDATE accounts_throttle SET last_at = clock_timestamp() + interval '10 seconds'")


@pytest.mark.parametrize("control", ["on", "off"])
def test_after_many_wrong_answers_even_the_right_one_waits(cast, definer, monkeypatch, control):
    person = cast.person("ana")
    fail(person, 6)
    late(definer)
    if control == "off":
        real = database.value
        monkeypatch.setattr(
            service.database, "value", lambda name, *a: 0 if name == "throttle_take" else real(name, *a)
        )
    response = sign_in(Client(), person, REMOTE_ADDR=HERE)
    if control == "off":
        assert response.status_code == 302
        return
    assert response.status_code == 200
    assert b"Try again in" in response.content


def test_another_address_passes(cast, definer):
    person = cast.person("ana")
    fail(person, 6)
    late(definer)
    assert sign_in(Client(), person, REMOTE_ADDR=ELSEWHERE).status_code == 302


def test_another_account_at_the_same_address_passes(cast, definer):
    fail(cast.person("ana"), 6)
    late(definer)
    assert sign_in(Client(), cast.person("boba"), REMOTE_ADDR=HERE).status_code == 302


def test_a_known_device_passes_but_its_own_wrong_answers_count(cast, definer):
    person = cast.person("ana")
    known = cast.client("ana")
    known.post("/sign-out")
    fail(person, 6)
    late(definer)
    fresh_codes(definer)
    assert sign_in(known, person, REMOTE_ADDR=HERE).status_code == 302
    known.post("/sign-out")
    fail(person, 6, client=known)
    late(definer)
    fresh_codes(definer)
    assert sign_in(known, person, REMOTE_ADDR=ELSEWHERE).status_code == 200


def test_a_device_is_known_for_the_people_it_signed_in_only(cast, definer):
    known = cast.client("boba")
    known.post("/sign-out")
    fail(cast.person("ana"), 6)
    late(definer)
    assert sign_in(known, cast.person("ana"), REMOTE_ADDR=HERE).status_code == 200


def test_a_forged_device_is_not_known(cast, definer):
    fail(cast.person("ana"), 6)
    late(definer)
    client = Client()
    client.cookies["device"] = "eyJkZXZpY2UiOiJ4IiwicGVvcGxlIjpbXX0:1:forged"
    assert sign_in(client, cast.person("ana"), REMOTE_ADDR=HERE).status_code == 200


def test_waiting_is_the_same_for_a_name_nobody_has(cast, definer):
    class Nobody:
        login_name = "nobody-here"
        totp_secret = b"x" * 20

    fail(cast.person("ana"), 6)
    fail(Nobody, 6)
    late(definer)
    answers = [
        re.sub(rb"again in \d+", b"again in", without_tokens(sign_in(Client(), person, REMOTE_ADDR=HERE).content))
        for person in (cast.person("ana"), Nobody)
    ]
    assert b"again in" in answers[0]
    assert answers[0] == answers[1].replace(b"nobody-here", b"ana")


def test_a_success_forgets_the_wrong_answers(cast, definer):
    fail(cast.person("ana"), 3)
    sign_in(Client(), cast.person("ana"), REMOTE_ADDR=HERE)
    assert definer.execute("SELECT count(*) FROM accounts_throttle").fetchone() == (0,)


def test_counters_survive_a_view_that_fails_afterwards(cast, definer, monkeypatch):
    """Counting commits before the answer is made; inside the request's one transaction it would be undone."""
    from accounts.views import session

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    person = cast.person("ana")
    monkeypatch.setattr(session, "_show", broken)
    client = Client(raise_request_exception=False)
    assert sign_in(client, person, password="not the right one").status_code == 500
    assert definer.execute("SELECT failures FROM accounts_throttle").fetchone() == (1,)


def test_wrong_codes_of_confirm_are_counted_and_survive(cast, definer):
    client = cast.client("ana")
    for _number in range(6):
        assert client.post("/confirm", {"code": "000000"}).status_code == 200
    assert definer.execute("SELECT max(failures) FROM accounts_throttle").fetchone()[0] >= 5
    late(definer)
    stale(client, 1000)
    assert b"Try again in" in client.post("/confirm", {"code": "000000"}).content


def test_the_table_names_nobody(cast, definer):
    fail(cast.person("ana"), 1)
    (bucket,) = definer.execute("SELECT bucket FROM accounts_throttle").fetchone()
    assert len(bucket) == 32
    assert b"ana" not in bytes(bucket)


@pytest.mark.parametrize(
    ("remote", "seen"),
    [
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::9", "2001:db8:1::/48"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("rubbish", "unknown"),
    ],
)
def test_addresses_are_grouped(remote, seen):
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote)) == seen


PROXIES = trusted_proxies(["127.0.0.1", "10.0.0.0/24", "::1"], behind_proxy=True)
WRITTEN = "203.0.113.1, 192.0.2.7"  # the first was written by the client itself


@pytest.mark.parametrize(
    ("trusted", "remote", "told", "seen"),
    [
        ((), "127.0.0.1", WRITTEN, "127.0.0.1"),
        (PROXIES, "127.0.0.1", WRITTEN, "192.0.2.7"),
        (PROXIES, "::ffff:127.0.0.1", WRITTEN, "192.0.2.7"),
        (PROXIES, "127.0.0.1", f"{WRITTEN}, 10.0.0.9", "192.0.2.7"),  # two of ours in a row
        (PROXIES, "198.51.100.4", WRITTEN, "198.51.100.4"),  # past the proxy
        (PROXIES, "127.0.0.1", "", "127.0.0.1"),
        (PROXIES, "127.0.0.1", "203.0.113.1, rubbish", "unknown"),
        (PROXIES, "", WRITTEN, "unknown"),
        (("unix",), "", WRITTEN, "192.0.2.7"),
        (("unix",), "127.0.0.1", WRITTEN, "127.0.0.1"),
    ],
)
def test_only_the_word_of_our_own_proxies_counts(settings, trusted, remote, told, seen):
    settings.TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=told)
    assert client_address(request) == seen


EVERYBODY = trusted_proxies(["0.0.0.0/0"], behind_proxy=True)


@pytest.mark.parametrize("trusted", [(), PROXIES, EVERYBODY])
def test_no_header_of_the_client_gives_a_new_counter(cast, definer, settings, trusted):
    """Also behind a proxy that keeps what the client wrote and adds her true address."""
    settings.TRUSTED_PROXIES = trusted
    person, remote = cast.person("ana"), "127.0.0.1" if trusted == PROXIES else HERE

    def written(number: int) -> str:
        return f"203.0.113.{number}, {HERE}" if trusted == PROXIES else f"203.0.113.{number}"

    for number in range(6):
        client = Client(HTTP_X_FORWARDED_FOR=written(number))
        sign_in(client, person, password="not the right one", REMOTE_ADDR=remote)
    late(definer)
    last = sign_in(Client(HTTP_X_FORWARDED_FOR=written(99)), person, REMOTE_ADDR=remote)
    assert last.status_code == (302 if trusted == EVERYBODY else 200)  # everybody believed: the attacker gets in


def test_behind_a_proxy_its_address_must_be_known():
    with pytest.raises(ImproperlyConfigured, match="BEHIND_PROXY needs TRUSTED_PROXIES"):
        trusted_proxies([], behind_proxy=True)
    with pytest.raises(ImproperlyConfigured, match="no address or network"):
        trusted_proxies(["proxy.example"], behind_proxy=True)
    assert trusted_proxies([], behind_proxy=False) == ()
