"""The health pages say whether all is well; the numbers are for whoever runs the server."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client, RequestFactory

from accounts import database
from accounts.views.health import public_health
from tests.conftest import as_role


@pytest.mark.parametrize(
    ("age", "status", "http"), [("10 seconds", "ok", 200), ("299 seconds", "ok", 200), ("302 seconds", "late", 503)]
)
def test_late_after_five_minutes_without_a_tick(transactional_db, definer, age, status, http):
    definer.execute("INSERT INTO accounts_heartbeat VALUES ('drain', clock_timestamp() - %s::interval)", [age])
    response = Client().get("/health")
    assert (response.status_code, response.json()) == (http, {"status": status})


def test_late_before_the_first_tick(transactional_db):
    assert Client().get("/health").json()["status"] == "late"


@pytest.mark.parametrize(("age", "status"), [("10 seconds", "ok"), ("302 seconds", "late")])
def test_numbers_are_told_at_the_terminal(transactional_db, definer, age, status):
    definer.execute("INSERT INTO accounts_heartbeat VALUES ('drain', clock_timestamp() - %s::interval)", [age])
    out = StringIO()
    if status == "ok":
        call_command("health", stdout=out)
    else:
        with pytest.raises(SystemExit):
            call_command("health", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["status"], told["mails_waiting"], told["mails_failed"]) == (status, 0, 0)


@pytest.mark.parametrize("name", ["", "boba", "vera"])
def test_the_page_says_nothing_more_to_anybody(cast, definer, name):
    definer.execute("INSERT INTO accounts_heartbeat VALUES ('drain', clock_timestamp())")
    page = cast.client(name) if name else Client()
    assert page.get("/health").json() == {"status": "ok"}


def test_down_without_the_database(transactional_db, monkeypatch):
    def away(*arguments: object) -> None:
        raise OperationalError

    monkeypatch.setattr(database, "row", away)
    for response in (Client().get("/health"), public_health(RequestFactory().get("/health"))):
        assert response.status_code == 503
        assert b'"down"' in response.content
    with pytest.raises(SystemExit):
        call_command("health", stdout=(out := StringIO()))
    assert json.loads(out.getvalue()) == {"status": "down"}


def test_the_public_process_says_no_numbers(transactional_db):
    response = public_health(RequestFactory().get("/health"))
    assert response.content == b'{"status": "ok"}'
    with as_role("door") as door:
        assert door.execute("SELECT count(*) FROM app.health()").fetchone() == (1,)
