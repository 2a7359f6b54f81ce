"""The health pages: numbers for us, nothing but "ok" outside."""

import pytest
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
    assert (response.status_code, response.json()["status"]) == (http, status)
    assert set(response.json()) == {"status", "seconds_since_tick", "mails_waiting", "mails_failed"}


def test_late_before_the_first_tick(transactional_db):
    assert Client().get("/health").json()["status"] == "late"


def test_down_without_the_database(transactional_db, monkeypatch):
    def away(*arguments: object) -> None:
        raise OperationalError

    monkeypatch.setattr(database, "row", away)
    for response in (Client().get("/health"), public_health(RequestFactory().get("/health"))):
        assert response.status_code == 503
        assert b'"down"' in response.content


def test_the_public_process_says_no_numbers(transactional_db):
    response = public_health(RequestFactory().get("/health"))
    assert response.content == b'{"status": "ok"}'
    with as_role("door") as door:
        assert door.execute("SELECT count(*) FROM app.health()").fetchone() == (1,)
