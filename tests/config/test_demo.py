"""The practice installation: made through the real services, once, and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import totp
from accounts.demo import demo_totp_secret
from accounts.services.passwords import check_password
from config.demo.cases import CASES
from config.demo.people import ACCOUNTS, PASSWORD
from tests.conftest import empty_tables

ROOT = Path(__file__).resolve().parents[2]
REFUSED_WORDS = ("revenge", "porn", "victim")


def seed(**changes: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "SIDRO_MODE": "demo", "SIDRO_PROCESS": "owner", **changes}
    return subprocess.run(
        [sys.executable, "manage.py", "seed_demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def client(name: str) -> Client:
    found = Client()
    code = totp.current_code(demo_totp_secret(name))
    answer = found.post("/sign-in", {"login_name": name, "password": PASSWORD, "code": code})
    assert answer.status_code == 302, name
    return found


@pytest.mark.django_db(transaction=True)
def test_the_demo_from_nothing(definer):
    first = seed()
    assert first.returncode == 0, first.stderr
    count = "SELECT (SELECT count(*) FROM accounts_user), (SELECT count(*) FROM cases_case), (SELECT max(sequence) FROM accounts_auditevent)"
    before = definer.execute(count).fetchone()
    assert before[:2] == (len(ACCOUNTS), len(CASES))
    assert definer.execute("SELECT count(*) FROM accounts_session").fetchone() == (0,)

    again = seed()
    assert (again.returncode, definer.execute(count).fetchone()) == (0, before), again.stderr
    call_command("verify_audit")

    ana, lana = client("ana"), client("lana")  # the first code that the command shows is good
    desk = ana.get("/").content.decode()
    assert "Ljilja R." in desk, "a key errand"
    assert len(definer.execute("SELECT DISTINCT language FROM cases_helprequest").fetchall()) == 3
    cases = lana.get("/cases/").content.decode()
    assert [work.title for work in CASES if work.title in cases] == [
        work.title for work in CASES if "lana" in work.joins
    ]
    assert "Number and street" not in cases
    for name, address, status in (("koka", "/board", 200), ("vera", "/cases/", 403), ("ceca", "/requests/", 200)):
        assert client(name).get(address).status_code == status, name


@pytest.mark.django_db(transaction=True)
def test_a_database_with_people_is_refused(cast, definer):
    cast.person("vera")
    answer = seed()
    assert answer.returncode == 1
    assert "has people already" in answer.stderr
    assert definer.execute("SELECT count(*) FROM accounts_user").fetchone() == (1,)


@pytest.mark.parametrize("mode", ["test", "production"])
def test_no_demo_outside_a_practice_installation(mode):
    strong = {"SECRET_KEY": os.urandom(32).hex(), "CONTEXT_KEY": os.urandom(32).hex(), "TOTP_KEY": os.urandom(32).hex()}
    for process in ("owner", "staff"):
        answer = seed(SIDRO_MODE=mode, SIDRO_PROCESS=process, **strong, PASSWORD_PEPPERS=f"1={os.urandom(32).hex()}")
        assert answer.returncode == 1
        assert "practice installation only" in answer.stderr


def test_accounts_are_printed_in_a_practice_installation_only(settings, capsys):
    with pytest.raises(CommandError, match="practice installation only"):
        call_command("demo_accounts")
    settings.DEMO = True
    call_command("demo_accounts")
    printed = capsys.readouterr().out
    assert PASSWORD in printed
    for account in ACCOUNTS:
        assert account.login_name in printed


def test_the_password_keeps_the_rule_that_holds_for_everybody():
    for account in ACCOUNTS:
        check_password(PASSWORD, login_name=account.login_name)


def test_the_words_of_the_demo_are_those_of_the_field():
    for path in (ROOT / "config" / "demo").glob("*.py"):
        text = path.read_text().casefold()
        assert not [word for word in REFUSED_WORDS if word in text], path.name


@pytest.fixture(autouse=True)
def _empty_afterwards(request):
    yield
    if "definer" in request.fixturenames:
        empty_tables()
