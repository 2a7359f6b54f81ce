"""The practice installation: made through the real services, once, and nowhere else."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import totp
from accounts.demo import demo_keeper_code, demo_totp_secret
from accounts.services import ceremonies
from accounts.services.passwords import check_password
from cases.choices import CaseState, RequestState, Risk, Stage
from cases.models import Case
from config.demo import reading, wording
from config.demo.past import MOVED
from config.demo.people import ACCOUNTS, KEEPERS, PASSWORD
from tests.conftest import empty_tables

ROOT = Path(__file__).resolve().parents[2]
REFUSED_WORDS = ("revenge", "porn", "victim", "osvetni", "осветни", "hakmarr", "žrtv", "жртв", "viktim")
NAMES = [account.login_name for account in ACCOUNTS[:-1]]  # the last one has not enrolled
CYRILLIC = re.compile("[а-яђјљњћџ]", re.IGNORECASE)


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
    assert before[:2] == (len(ACCOUNTS), len(reading.cases()))
    assert definer.execute("SELECT count(*) FROM accounts_session").fetchone() == (0,)

    again = seed()
    assert (again.returncode, definer.execute(count).fetchone()) == (0, before), again.stderr
    call_command("verify_audit")
    _shows_everything(definer)
    _lies_in_the_past(definer)
    _has_key_keepers(definer)
    _opens_for_everybody()


def _shows_everything(definer):
    """Every state, stage, level and language is there to be looked at."""

    def values(column, table):
        return {value for (value,) in definer.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()}

    (requests,) = definer.execute("SELECT count(*) FROM cases_helprequest").fetchone()
    assert requests == len(reading.requests()) + len(reading.cases()) >= 60
    assert len(reading.cases()) >= 40
    assert values("state", "cases_helprequest") == set(RequestState.values)
    assert values("state", "cases_case") == set(CaseState.values) - {CaseState.ERASED}  # nothing is left to practise on
    assert values("stage", "cases_case") == set(Stage.values)
    assert values("risk", "cases_case") == set(Risk.values)
    assert values("language", "cases_helprequest") >= {"sr", "sq", "en"}
    for field in ("age_band", "gender", "person_category"):
        assert values(field, "cases_case") <= set(dict(Case._meta.get_field(field).choices)), field


def _lies_in_the_past(definer):
    """A year of work, each case in the order of time; nothing that was done lies in the future."""
    months = "SELECT count(DISTINCT date_trunc('month', received_at)) FROM cases_helprequest"
    assert definer.execute(months).fetchone()[0] >= 10
    for table, moved in MOVED.items():
        for column in moved.times:
            wrong = f"SELECT count(*) FROM {table} WHERE {column} > now()"
            assert definer.execute(wrong).fetchone() == (0,), (table, column)
    orders = (
        "SELECT count(*) FROM cases_case c JOIN cases_helprequest r ON r.id = c.request_id WHERE c.opened_at < r.received_at",
        "SELECT count(*) FROM cases_note n JOIN cases_case c ON c.id = n.case_id WHERE n.written_at < c.opened_at",
        "SELECT count(*) FROM cases_timelineentry t JOIN cases_case c ON c.id = t.case_id WHERE t.at < c.opened_at",
        "SELECT count(*) FROM cases_case WHERE closed_at < opened_at + interval '1 day' AND state <> 'duplicate'",
        "SELECT count(*) FROM cases_assignment WHERE live_at < offered_at",
        "SELECT count(*) FROM cases_helprequest WHERE ended_at < received_at OR acknowledged_at < received_at",
    )
    for wrong in orders:
        assert definer.execute(wrong).fetchone() == (0,), wrong


def _has_key_keepers(definer):
    """Three, confirmed, with the codes that demo_accounts prints."""
    assert definer.execute("SELECT count(*) FROM accounts_keykeeper WHERE confirmed_at IS NOT NULL").fetchone() == (3,)
    assert definer.execute("SELECT count(DISTINCT public_key_id) FROM accounts_keepercopy").fetchone() == (
        len(NAMES) - 1,
    )
    for keeper in KEEPERS:
        found = ceremonies.known_keeper(code=demo_keeper_code(keeper.name), address="192.0.2.1")
        assert not isinstance(found, ceremonies.Refusal), keeper.name


def _opens_for_everybody():
    """Each account signs in with the first code that the command shows, and sees what her line promises."""
    ana, lana = client("ana"), client("lana")
    assert "Ljilja R." in ana.get("/").content.decode(), "a key errand"
    cases = lana.get("/cases/").content.decode()
    hers = [story.title for story in reading.cases() if "lana" in story.people and not story.close]
    assert [title for title in hers if title not in cases] == []
    assert "Number and street" not in cases
    others = {name: client(name) for name in NAMES if name not in ("ana", "lana")}
    for name, browser in others.items():
        assert browser.get("/").status_code == 200, name
    page = others["vera"].get("/key-keepers").content.decode()
    assert f"{len(NAMES)} of {len(NAMES)} people have copies" in page  # who was away has signed in now
    for name, address, status in (("koka", "/board", 200), ("vera", "/cases/", 403), ("ceca", "/requests/", 200)):
        assert others[name].get(address).status_code == status, name


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
    assert demo_keeper_code(KEEPERS[0].name) in printed


def test_the_password_keeps_the_rule_that_holds_for_everybody():
    for account in ACCOUNTS:
        check_password(PASSWORD, login_name=account.login_name)


def test_the_words_of_the_demo_are_those_of_the_field():
    texts = [path for path in (ROOT / "config" / "demo").rglob("*") if path.suffix in {".py", ".yaml", ".md"}]
    for path in texts:
        text = path.read_text().casefold()
        assert not [word for word in REFUSED_WORDS if word in text], path.name


def _texts(value: object) -> list[str]:
    """All words of a story that people read."""
    if isinstance(value, str):
        return [value]
    found = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in found for text in _texts(one)]


def test_a_case_is_told_in_its_own_language():
    english = re.compile(
        r"\b(the|and|is|with|for|her|what|from|before|are|not|they|has|asked?|answered|whether|more|number|used)\b",
        re.IGNORECASE,
    )
    files = sorted(reading.FOLDER.glob("*.yaml"))
    told = [
        story for path in files for story in yaml.safe_load(path.read_text()) if story["language"] in ("sr", "hr", "sq")
    ]
    assert len(told) > 40
    wrong = [text for story in told for text in _texts(story) if " " in text and len(english.findall(text)) > 1]
    assert wrong == []
    languages = {story.language for story in (*reading.cases(), *reading.requests())}
    for sentence in wording.ALL:
        assert languages <= set(sentence)
        assert len(set(sentence.values())) == len(sentence)


def test_stories_are_in_three_languages_and_both_scripts():
    told = [*reading.requests(), *reading.cases()]
    words = [story.words for story in told if story.language == "sr"]
    assert sum(bool(CYRILLIC.search(text)) for text in words) >= 10
    assert sum(not CYRILLIC.search(text) for text in words) >= 10
    assert len({story.name for story in told}) == len(told)
    written = [step.rest[0] for story in told for step in story.log if step.act == "note"]
    assert sum(bool(CYRILLIC.search(text)) for text in written) >= 10
    assert sum("ë" in text for text in written) >= 10


def test_no_way_to_reach_somebody_is_real():
    """Numbers that nobody has, addresses of example.org only."""
    for path in reading.FOLDER.glob("*.yaml"):
        text = path.read_text()
        for number in re.findall(r"\+[\d ]{6,}", text):
            assert re.fullmatch(r"\+381 60 000 00 \d\d|\+383 44 000 002", number.strip()), number
        for address in re.findall(r"[\w.]+@[\w.]+|https?://[\w.]+", text):
            assert address.endswith("example.org"), address


@pytest.fixture(autouse=True)
def _empty_afterwards(request):
    yield
    if "definer" in request.fixturenames:
        empty_tables()
