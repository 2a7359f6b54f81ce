"""The commands on the server's console: the first administrator, and what is closed off."""

import os
import re
import subprocess
import sys

import pytest
from django.test import Client

from accounts.demo import demo_totp_secret

FIRST = ["--login-name", "vera", "--display-name", "Vera", "--address", "vera@example.org"]
ACCEPT = ["--accept-loss", "Mira Mirić, director"]


def manage(*arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def bootstrap(*arguments: str) -> tuple[int, str]:
    return manage("bootstrap", *arguments, SIDRO_PROCESS="owner", STAFF_URL="https://desk.example.org")


def test_the_first_administrator_gets_a_link_and_the_loss_is_accepted(transactional_db, definer):
    status, text = bootstrap(*FIRST, *ACCEPT)
    assert status == 0, text
    token = re.search(r"https://desk\.example\.org/invitation/([\w-]{43})", text)[1]
    assert Client().get(f"/invitation/{token}").status_code == 302
    assert definer.execute("SELECT kind, accepted_by FROM accounts_acceptance").fetchall() == [("loss", ACCEPT[1])]
    found = definer.execute("SELECT action, actor FROM accounts_auditevent ORDER BY sequence").fetchall()
    assert [action for action, _actor in found] == ["loss_accepted", "person_invited"]
    assert all(actor.endswith("_owner") for _action, actor in found)
    again, other = bootstrap(*FIRST, *ACCEPT)  # the link got lost
    assert again == 0
    assert token not in other
    assert Client().get(f"/invitation/{token}").status_code == 410


def test_without_the_written_acceptance_nothing_is_made(transactional_db, definer):
    for missing in ([], ["--accept-loss", " x "]):
        status, text = bootstrap(*FIRST, *missing)
        assert status == 1
        assert "--accept-loss" in text
    assert definer.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)


def test_refused_once_somebody_has_enrolled(cast, definer):
    cast.person("vera")
    status, text = bootstrap("--login-name", "zla", *FIRST[2:], *ACCEPT)
    assert status == 1
    assert "enrolled already" in text
    assert "Traceback" not in text
    assert definer.execute("SELECT count(*) FROM accounts_user WHERE login_name = 'zla'").fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM accounts_acceptance").fetchone() == (0,)


def test_refused_with_odd_names_and_as_another_process(transactional_db):
    status, text = bootstrap("--login-name", "Véra!", "--display-name", "V", "--address", "nobody", *ACCEPT)
    assert status == 1
    for option in ("--login-name", "--display-name", "--address"):
        assert option in text
    status, text = manage("bootstrap", *FIRST, *ACCEPT)
    assert status == 1
    assert "runs as the owner" in text


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["createsuperuser"], "There is no superuser"),
        (["createsuperuser", "vera"], "There is no superuser"),
        (["changepassword", "vera"], "recovery code"),
        (["demo_code", "ana"], "practice installation"),
    ],
)
def test_closed_commands_say_why(command, words):
    status, text = manage(*command)
    assert status == 1
    assert words in text
    assert "Traceback" not in text


def test_codes_of_the_demo(settings):
    status, text = manage("demo_code", "ana", SIDRO_MODE="demo")
    assert status == 0
    assert re.fullmatch(r"\d{6}\n", text)
    assert len(demo_totp_secret("ana")) == 20
    assert demo_totp_secret("ana") != demo_totp_secret("boba")
    settings.SIDRO_MODE = "production"
    with pytest.raises(Exception, match="practice installation"):
        demo_totp_secret("ana")
