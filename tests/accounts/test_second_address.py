"""The second address: urgent texts go there too; set by herself only, after her second factor."""

import pytest
from django.db import transaction
from django.urls import reverse

from accounts import database
from tests.cases.helpers import log, on_call
from tests.conftest import as_role
from tests.security.attack import run

PAGE = "accounts:second_address"


@pytest.fixture
def boba(cast):
    cast.intake()
    cast.person("koka")
    on_call(cast, "boba")
    return cast.client("boba")


def claimed() -> list[tuple[str, str]]:
    with as_role("worker") as worker:
        return sorted(worker.execute("SELECT address, kind FROM app.mail_claim(20, 60)").fetchall())


def test_urgent_texts_go_to_both_addresses_and_others_to_the_first(cast, boba, definer):
    assert boba.post(reverse(PAGE), {"second": "381601@gateway.example.org"}).status_code == 302
    assert "381601@gateway.example.org" in boba.get(reverse("accounts:account")).content.decode()
    log(cast, in_danger_now=True)
    assert claimed() == [("381601@gateway.example.org", "now"), ("boba@example.org", "now")]
    definer.execute("DELETE FROM cases_mailout")
    definer.execute("SELECT app.mail_wanted(%s, false)", [cast.boba.pk])
    assert claimed() == [("boba@example.org", "next")]


def test_empty_takes_it_away_with_what_waits_for_it(cast, boba, definer):
    boba.post(reverse(PAGE), {"second": "381601@gateway.example.org"})
    log(cast, in_danger_now=True)
    assert boba.post(reverse(PAGE), {"second": ""}).status_code == 302
    assert claimed() == [("boba@example.org", "now")]
    details = definer.execute(
        "SELECT detail FROM accounts_auditevent WHERE action = 'second_address_set' ORDER BY sequence"
    )
    assert details.fetchall() == [("set",), ("taken_away",)]


def test_what_is_no_address_is_said_and_kept(boba):
    response = boba.post(reverse(PAGE), {"second": "381 60 1"})
    assert response.status_code == 422
    assert "381 60 1" in response.content.decode()


def test_it_asks_for_the_second_factor(cast, boba, settings):
    settings.STEP_UP_AGE = -1
    response = boba.get(reverse(PAGE))
    assert response.status_code == 302
    assert reverse("accounts:confirm") in response["Location"]


def test_the_database_takes_no_text_and_no_address_of_somebody_else(cast, boba, definer):
    with cast.acting("ana"):
        for typed in ("no address", "a@b c", "x" * 201 + "@example.org"):
            with pytest.raises(database.Refused), transaction.atomic():
                database.value("second_address_set", typed)
        database.value("second_address_set", "ana2@example.org")
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            run("UPDATE accounts_mailaddress SET second = 'mine@example.org'")
    found = definer.execute("SELECT count(*) FROM accounts_mailaddress WHERE second <> ''").fetchone()
    assert found == (1,)
