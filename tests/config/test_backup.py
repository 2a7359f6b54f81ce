"""A real backup and a real restore on the test server: what is proved, and what each control holds off."""

import json
import os
from io import BytesIO, StringIO
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command

from accounts import crypto
from cases.access import get_case, get_request
from cases.choices import CaseRole
from cases.services.accept import accept_request
from cases.services.answering import mark_duplicate
from cases.services.ledger import line_of
from config.backup import dump, restoring, sealed_file
from config.database.definer import owner
from tests.cases import erasing as acts
from tests.cases.helpers import assign, log, open_case
from tests.conftest import as_role

pytestmark = pytest.mark.django_db(transaction=True)
SUPERUSER, OWNER, BACKUP = (f"{name}_DATABASE_URL" for name in ("SUPERUSER", "OWNER", "BACKUP"))


@pytest.fixture
def place(tmp_path, settings):
    """A folder with a ledger path."""
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
    return tmp_path


def made_key() -> str:
    """The keepers' code of this month."""
    out = StringIO()
    call_command("backup_key", stdout=out)
    return out.getvalue().split()[1]


def backup(place) -> str:
    out = StringIO()
    call_command("backup", to=str(place), stdout=out)
    return out.getvalue().split(" (")[0]


def begun(place, lines=()) -> None:
    """A ledger of this database with these lines."""
    with as_role("worker") as worker:
        (begins,) = worker.execute("SELECT app.log_begins()").fetchone()
    text = "".join(f"{json.dumps(line)}\n" for line in [{"begins": begins}, *lines])
    (place / "erasures.jsonl").write_text(text)


def ledger(place) -> list[dict]:
    """As the worker writes it: it has functions, no table."""
    with as_role("worker") as worker:
        cursor = worker.execute("SELECT * FROM app.erasures()")
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    lines = [line_of(SimpleNamespace(**row)) for row in rows]
    begun(place, lines)
    return lines


def restored(file, code, place) -> str:
    """What `make restore-test` says."""
    key = place / "code"
    key.write_text(code)
    out = StringIO()
    call_command("restore_test", file, key_file=key, stdout=out)
    return out.getvalue()


def scratch_databases() -> list[str]:
    with psycopg.connect(os.environ[SUPERUSER]) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'sidro\\_%%'").fetchall()
    return [name for (name,) in found]


@pytest.fixture
def house(cast):
    """Two cases; the first is erased in some tests."""
    cast.intake()
    return acts.full_case(cast), open_case(cast)


def test_a_backup_is_restored_and_what_was_erased_stays_erased(cast, house, place, definer):
    code, other = house
    paper = made_key()
    file = backup(place)
    acts.erase(cast, code)
    ledger(place)
    told = restored(file, paper, place)
    assert "1 erasures in the ledger, 1 of them done again" in told
    assert scratch_databases() == []
    name = f"sidro_{uuid4().hex[:8]}"
    try:
        call_command("restore", file, database=name, key_file=place / "code", stdout=StringIO())
        with psycopg.connect(restoring.address(os.environ[SUPERUSER], name)) as back:
            assert back.execute("SELECT code FROM cases_case").fetchall() == [(other,)]
            last = back.execute(
                "SELECT action, actor FROM accounts_auditevent ORDER BY sequence DESC LIMIT 1"
            ).fetchone()
            assert last == ("restored", "role:sidro_owner")
            assert back.execute("SELECT what FROM cases_erasure").fetchall() == [("case",)]
            assert acts.orphans(back) == {}
        with psycopg.connect(restoring.address(os.environ["DATABASE_URL"], name)) as web:
            assert web.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)  # rights and policies are there
    finally:
        restoring.drop(os.environ[SUPERUSER], name)


def test_without_the_ledger_it_would_come_back(cast, house, place):
    """None, one that a new database began, none of this format: the restore refuses. The control off: an empty one."""
    code, _other = house
    paper = made_key()
    file = backup(place)
    acts.erase(cast, code)
    with pytest.raises(CommandError, match="ledger"):
        restored(file, paper, place)
    for text, says in (('{"begins": "00ff"}\n', "begun for another database"), ("", "damaged"), ("[]\n", "damaged")):
        (place / "erasures.jsonl").write_text(text)
        with pytest.raises(CommandError, match=says):
            restored(file, paper, place)
    begun(place)
    name = f"sidro_{uuid4().hex[:8]}"
    try:
        call_command("restore", file, database=name, key_file=place / "code", stdout=StringIO())
        with psycopg.connect(restoring.address(os.environ[SUPERUSER], name)) as back:
            assert (code,) in back.execute("SELECT code FROM cases_case").fetchall()
        with pytest.raises(CommandError, match="There is a database"):
            call_command("restore", file, database=name, key_file=place / "code", stdout=StringIO())
    finally:
        restoring.drop(os.environ[SUPERUSER], name)


def test_a_ledger_that_lost_a_line_is_refused(cast, house, place):
    code, _other = house
    paper = made_key()
    acts.erase(cast, code)
    file = backup(place)  # it knows of the erasure
    begun(place)
    with pytest.raises(CommandError, match="not whole"):
        restored(file, paper, place)


def test_one_date_that_stayed_stays_after_a_restore(cast, house, place):
    code, _other = house
    paper = made_key()
    file = backup(place)
    acts.erase(cast, code, kept=acts.critical_date(code, cast))
    ledger(place)
    assert "1 of them done again" in restored(file, paper, place)


def restored_without(file, place, monkeypatch, lines, *left_out: str) -> None:
    """With the control off (a ledger that names the case only) she is back; what the doors ask finds her."""
    bare = [{**line, "requests": [one for one in line["requests"] if one not in left_out]} for line in lines]
    begun(place, bare)
    asked = restoring.ledger.brought_back
    with monkeypatch.context() as patched:
        patched.setattr(restoring.ledger, "brought_back", lambda connection, _lines: asked(connection, lines))
        with pytest.raises(CommandError, match=f"{len(left_out)} of what was erased is there again"):
            call_command("restore_test", file, key_file=place / "code", stdout=StringIO())


def test_a_request_that_was_accepted_after_the_backup_does_not_come_back(cast, place, definer, monkeypatch):
    """The backup holds her request and no case."""
    cast.intake()
    code = log(cast)
    (request,) = definer.execute("SELECT id FROM cases_helprequest").fetchone()
    paper = made_key()
    file = backup(place)
    with cast.acting("ana") as ana:
        case = accept_request(request=get_request(ana, code), title="T", looked_through="Looked through.", by=ana)
    assign(cast, case.code, "boba", CaseRole.BACKUP, voucher="")
    acts.erase(cast, case.code)
    lines = ledger(place)
    assert lines[0]["requests"] == [str(request)]
    assert "1 of them done again" in restored(file, paper, place)
    restored_without(file, place, monkeypatch, lines, str(request))


def test_a_second_request_that_was_marked_after_the_backup_does_not_come_back(cast, house, place, definer, monkeypatch):
    """The backup holds it as new, with nothing that ties it to the case."""
    code, _other = house
    same = log(cast)
    (second,) = definer.execute("SELECT id FROM cases_helprequest WHERE code = %s", [same]).fetchone()
    paper = made_key()
    file = backup(place)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        mark_duplicate(request=get_request(ana, same), other=None, case=case, nonce=uuid4(), note="", by=ana)
    acts.erase(cast, code)
    lines = ledger(place)
    assert str(second) in lines[0]["requests"]
    assert "1 of them done again" in restored(file, paper, place)
    restored_without(file, place, monkeypatch, lines, str(second))


@pytest.fixture
def file_and_paper(cast, place):
    """A small backup: nobody but the first people."""
    cast.person("ana")
    begun(place)
    paper = made_key()
    return backup(place), paper


@pytest.mark.parametrize("harm", ["flip", "cut", "drop_last", "swap", "append", "head", "empty"])
def test_a_changed_or_cut_file_is_refused_before_anything_is_restored(file_and_paper, place, harm):
    file, paper = file_and_paper
    with open(file, "rb") as source:
        data = bytearray(source.read())
    parts = split(bytes(data))
    changed = {
        "flip": lambda: bytes(data[:-9]) + bytes([data[-9] ^ 1]) + bytes(data[-8:]),
        "cut": lambda: bytes(data[:-1]),
        "drop_last": lambda: joined(parts[:-1]),
        "swap": lambda: joined([*parts[:-2], parts[-1], parts[-2]]),
        "append": lambda: joined([*parts, parts[-1]]),
        "head": lambda: bytes(data).replace(b'"month": "2', b'"month": "3'),
        "empty": lambda: b"",
    }[harm]()
    assert changed != bytes(data)
    with open(file, "wb") as out:
        out.write(changed)
    before = scratch_databases()
    with pytest.raises(CommandError, match="backup"):
        restored(file, paper, place)
    assert scratch_databases() == before


def split(data: bytes) -> list[bytes]:
    source, parts = BytesIO(data[len(sealed_file.MAGIC) :]), []
    while size := source.read(4):
        parts.append(source.read(int.from_bytes(size, "big")))
    return parts


def joined(parts: list[bytes]) -> bytes:
    return sealed_file.MAGIC + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def test_another_key_opens_nothing(file_and_paper, place):
    file, _paper = file_and_paper
    with pytest.raises(CommandError, match="another key"):
        restored(file, crypto.new_recovery_code(), place)
    with pytest.raises(CommandError, match="52 letters"):
        restored(file, "nonsense", place)


def test_the_file_shows_its_month_and_nothing_else(file_and_paper, cast):
    file, paper = file_and_paper
    with open(file, "rb") as source:
        data = source.read()
    for name in (b"PGDMP", b"cases_case", b"accounts_user", b"display_name", b"ana@example.org", paper.encode()):
        assert name not in data, name


def test_a_month_has_one_key_and_no_backup_is_made_without(cast, place, definer):
    cast.person("ana")
    with pytest.raises(CommandError, match="no key"):
        backup(place)
    assert made_key()
    out = StringIO()
    call_command("backup_key", stdout=out)
    assert "already" in out.getvalue()
    assert [path.name for path in place.iterdir()] == []
    logged = definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'backup_key_made'").fetchone()
    assert logged == (1,)


@pytest.mark.parametrize("role", ["web", "door", "worker", "stats"])
def test_no_other_role_can_make_one(cast, place, monkeypatch, role):
    """Row security is switched off for the connection: whoever is filtered is refused, not served less."""
    cast.person("ana")
    made_key()
    monkeypatch.setenv(BACKUP, os.environ["DATABASE_URL" if role == "web" else f"{role.upper()}_DATABASE_URL"])
    with pytest.raises(CommandError, match="cannot be read whole"):
        backup(place)
    assert list(place.glob("*.partial")) == []


def test_a_table_that_a_policy_emptied_is_found_by_its_count(cast, place, monkeypatch):
    """A dump under row security leaves rows out silently; the counts are taken by the role that nothing filters."""
    cast.person("ana")
    begun(place)
    paper = made_key()
    with owner() as connection:
        connection.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO sidro_definer")
        connection.execute("DROP POLICY definer ON accounts_mailaddress")
    filtered = dump.surroundings(os.environ[OWNER])
    real = dump.dumped

    def under_row_security(environment, *more):
        return real(filtered, "--role=sidro_definer", "--enable-row-security")

    monkeypatch.setattr(dump, "dumped", under_row_security)
    try:
        file = backup(place)
        with pytest.raises(CommandError, match="first accounts_mailaddress: 0 instead of"):
            restored(file, paper, place)
        monkeypatch.setattr(restoring, "_same_counts", lambda kept, found: 0)
        assert "0 rows" in restored(file, paper, place)  # without the control the loss goes unseen
    finally:
        with owner() as connection:
            policy = "CREATE POLICY definer ON accounts_mailaddress TO sidro_definer USING (true) WITH CHECK (true)"
            connection.execute(policy)


def test_nobody_enters_before_it_is_proved(file_and_paper, place, monkeypatch):
    file, paper = file_and_paper
    seen = []

    def ask(connection, lines):
        database = connection.info.dbname
        for name in ("DATABASE_URL", "WORKER_DATABASE_URL", "DOOR_DATABASE_URL", BACKUP):
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                psycopg.connect(restoring.address(os.environ[name], database))
            seen.append(name)
        return 0

    monkeypatch.setattr(restoring.ledger, "replay", ask)
    restored(file, paper, place)
    assert len(seen) == 4


def test_old_backups_go_when_the_keepers_destroy_their_key(place, settings):
    for month in ("2020-01", "2020-12"):
        with open(place / f"sidro-{month}.backup", "wb") as out:
            sealed_file.write(out, month=month, public_key=crypto.new_pair().public, details={}, data=[b"x"])
    (place / "sidro-of-somebody-else.backup").write_bytes(b"not ours")
    assert dump.clear_old(place) == ["sidro-2020-01.backup", "sidro-2020-12.backup"]
    assert len(list(place.iterdir())) == 1
