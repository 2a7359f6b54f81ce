"""The daily head of the log: kept once, mailed once to each address, missing days show."""

import json
import re
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from psycopg.types.json import Jsonb

from accounts import database
from accounts.access import get_health
from accounts.services.heads import mail_heads, text
from tests.conftest import as_owner, as_role

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = ["one@partner.example", "two@trust.example"]


@pytest.fixture(autouse=True)
def worker(settings, monkeypatch):
    """The worker's functions on the worker's own connection; everything else stays as it is."""
    settings.AUDIT_HEAD_RECIPIENTS = list(ADDRESSES)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    with as_role("worker") as role:
        usual = database._call

        def call(function: str, arguments: tuple):
            if not function.startswith("anchor_"):
                return usual(function, arguments)
            found = role.execute(f"SELECT * FROM app.{function}({', '.join(['%s'] * len(arguments))})", arguments)
            return [column.name for column in found.description], found.fetchall()

        monkeypatch.setattr(database, "_call", call)
        yield


def test_one_head_a_day_to_each_address_once(cast, definer):
    cast.person("ana")
    sequence, digest = definer.execute("SELECT sequence, hash FROM accounts_audithead").fetchone()
    assert mail_heads() == 2
    assert mail_heads() == 0
    assert sorted(message.to[0] for message in mail.outbox) == ADDRESSES
    subject, body = text(sequence, bytes(digest))
    assert {(message.subject, message.body) for message in mail.outbox} == {(subject, body)}
    assert body.endswith(f"\n\n{sequence}:{digest.hex()}")
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 2
    assert definer.execute("SELECT count(*) FROM accounts_auditanchor").fetchone() == (1,)
    assert definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'head_mailed'").fetchone() == (2,)


def test_the_mail_says_nothing_but_a_number_and_a_hash():
    subject, body = text(12, b"\xab" * 32)
    other = text(7, b"\x01" * 32)
    assert (other[0], re.sub(r"\d+:[0-9a-f]{64}", "", other[1])) == (subject, re.sub(r"\d+:[0-9a-f]{64}", "", body))


def test_what_a_dead_worker_had_claimed_is_sent_again_under_the_same_id(cast, definer):
    with as_role("worker") as role:
        role.execute("SELECT app.anchor_take('Europe/Belgrade', %s)", [ADDRESSES])
        (claimed, *_rest) = role.execute("SELECT * FROM app.anchor_mail_claim(1, 120)").fetchone()
    assert mail_heads() == 1
    definer.execute("UPDATE accounts_anchormail SET leased_until = now() - interval '1 second' WHERE state = 'sending'")
    assert mail_heads() == 1
    assert str(claimed) in mail.outbox[-1].extra_headers["Message-ID"]


def test_a_failed_mail_waits_and_stops_after_ten(cast, definer, settings):
    settings.EMAIL_BACKEND = "no.such.backend"
    for _try in range(11):
        mail_heads()
        definer.execute("UPDATE accounts_anchormail SET leased_until = NULL")
    assert set(definer.execute("SELECT state, attempts FROM accounts_anchormail").fetchall()) == {("failed", 10)}


def test_a_day_without_a_mail_shows(cast, definer):
    definer.execute("INSERT INTO accounts_heartbeat VALUES ('drain', clock_timestamp())")
    mail_heads()
    assert get_health().heads_missing == 0
    assert Client().get("/health").json() == {"status": "ok"}
    definer.execute("UPDATE accounts_auditanchor SET day = day - 3")  # the last two days have no head at all
    assert get_health().heads_missing == 2
    assert Client().get("/health").json() == {"status": "late"}
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("health", stdout=out)
    assert json.loads(out.getvalue())["heads_missing"] == 2
    definer.execute("UPDATE accounts_anchormail SET sent_at = NULL, state = 'failed'")
    assert get_health().heads_missing == 3
    html = cast.client("koka").get("/log").content.decode()
    assert html.count("no mail") == 4  # these three, and today


def test_where_nobody_is_named_the_page_says_so_and_nothing_is_late(cast, definer, settings):
    settings.AUDIT_HEAD_RECIPIENTS = []
    definer.execute("INSERT INTO accounts_heartbeat VALUES ('drain', clock_timestamp())")
    mail_heads()
    definer.execute("UPDATE accounts_auditanchor SET day = day - 2")
    assert Client().get("/health").json() == {"status": "ok"}
    assert "Nobody gets the head by mail" in cast.client("vera").get("/log").content.decode()
    settings.AUDIT_HEAD_RECIPIENTS = ["a@one.example", "b@one.example"]
    assert "of one organisation" in cast.client("vera").get("/log").content.decode()


def test_the_page_shows_heads_and_what_does_not_fit(cast, definer):
    cast.person("ana")
    mail_heads()
    client = cast.client("koka")
    html = client.get("/log").content.decode()
    assert "to 2 addresses" in html
    assert "of 2 organisations" in html
    assert "as it was" in html
    definer.execute(
        "UPDATE accounts_auditevent SET hash = sha256('x') WHERE sequence = (SELECT sequence FROM accounts_auditanchor)"
    )
    html = client.get("/log").content.decode()
    assert "not any more" in html
    looked = definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'log_viewed'").fetchone()
    assert looked == (2,)


def test_only_whoever_runs_the_house_sees_days(cast):
    mail_heads()
    for name, seen in (("ana", 0), ("lana", 0), ("koka", 1), ("vera", 1)):
        with cast.acting(name):
            assert len(database.rows("audit_days", "Europe/Belgrade", 0, 50)) == seen, name


def test_nobody_but_the_worker_keeps_or_claims_a_head(cast):
    for function in ("anchor_take('x', '{}')", "anchor_mail_claim(1, 1)", "anchor_mail_done(gen_random_uuid(), true)"):
        with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
            cursor.execute(f"SELECT app.{function}")


def test_only_the_owner_can_log_a_restore(cast):
    """It explains heads that do not fit any more, so nobody else may say it."""
    entry = {"action": "restored", "object": "", "detail": "", "outcome": "done"}
    with cast.acting("vera"), pytest.raises(database.Refused):
        database.value("audit_append", {"entries": [entry]})
    append = "SELECT app.audit_append(%s)"
    with as_role("worker") as role, pytest.raises(Exception, match="not_allowed"):
        role.execute(append, [Jsonb({"entries": [entry]})])
    with as_owner() as owner:
        owner.execute(append, [Jsonb({"entries": [entry]})])
