"""The signed actor: only the web process can say who acts, and PostgreSQL checks it."""

import time

import psycopg
import pytest
from django.db import transaction

from accounts import actor, database
from tests.conftest import as_role


def test_a_signed_actor_is_known_inside_her_transaction_only(cast):
    with cast.acting("ana") as ana:
        assert database.value("uid") == ana.pk
        assert database.value("has_role", "caseworker") is True
        assert database.value("has_role", "lawyer") is False
    assert database.value("uid") is None


def test_a_forged_number_an_old_one_and_another_backend_are_nobody(cast):
    ana = cast.person("ana")
    now = int(time.time())
    pid = database.backend_pid()

    def asked(context: str) -> object:
        with transaction.atomic():
            database.set_local("app.ctx", context)
            return database.value("uid")

    good = actor.sign(user_id=ana.user.pk, session_hash=ana.session_hash, backend=pid, expires=now + 30)
    assert asked(good) == ana.user.pk  # the same call succeeds when nothing is forged
    assert asked(str(ana.user.pk)) is None
    assert asked(good[:-1] + ("0" if good[-1] != "0" else "1")) is None
    assert asked(actor.sign(user_id=ana.user.pk, session_hash=ana.session_hash, backend=pid, expires=now - 1)) is None
    assert (
        asked(actor.sign(user_id=ana.user.pk, session_hash=ana.session_hash, backend=pid + 1, expires=now + 9)) is None
    )
    assert asked(actor.sign(user_id=cast.vera.pk, session_hash=ana.session_hash, backend=pid, expires=now + 9)) is None
    assert asked(actor.sign(user_id=ana.user.pk, session_hash="0" * 64, backend=pid, expires=now + 9)) is None


def test_the_web_role_cannot_read_the_pads(cast):
    with as_role("web") as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("SELECT * FROM app.context_key")


def test_intake_comes_about_by_mutual_vouching(cast):
    cast.intake()
    with cast.acting("ana"):
        assert database.value("intake_ready") is True
