"""The worker's file of what was erased: nothing is lost, whoever was killed and however many write."""

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.utils import timezone

from cases.services.ledger import write_ledger


@pytest.fixture
def path(tmp_path, settings):
    """Where the ledger stands."""
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
    return tmp_path / "erasures.jsonl"


def test_the_worker_adds_what_the_file_does_not_have(path, settings, monkeypatch):
    rows: list = []
    begins = ["1234"]
    monkeypatch.setattr("accounts.database.rows", lambda name: rows)
    monkeypatch.setattr("accounts.database.value", lambda name: begins[0])
    assert write_ledger() == 0
    assert path.read_text() == '{"begins": "1234"}\n'  # nobody is erased, and a restore finds whose ledger says so
    with_row(rows)
    assert write_ledger() == 1
    assert write_ledger() == 0
    with_row(rows)
    path.unlink()  # lost: written anew from the rows
    assert write_ledger() == 2
    text, begins[0] = path.read_text(), "5678"
    with_row(rows)
    assert write_ledger() == 0  # the file of another installation is left alone, and the log says so
    assert path.read_text() == text
    settings.ERASURE_LEDGER = ""
    assert write_ledger() == 0


@pytest.fixture
def said(monkeypatch):
    """What the database says to the worker: no erasure so far."""
    rows = []
    monkeypatch.setattr("accounts.database.rows", lambda name: rows)
    monkeypatch.setattr("accounts.database.value", lambda name: "1234")
    return rows


def test_two_workers_write_one_after_the_other(path, said):
    """The second one waits, and finds that the first has begun the file."""
    with path.open("w") as first, ThreadPoolExecutor(1) as pool:
        fcntl.flock(first, fcntl.LOCK_EX)
        with_row(said)
        second = pool.submit(write_ledger)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
        first.write('{"begins": "1234"}\n')
        first.flush()
        fcntl.flock(first, fcntl.LOCK_UN)
        assert second.result(timeout=10) == 1
    assert len(path.read_text().splitlines()) == 2
    assert path.read_text().count("begins") == 1


def test_a_line_that_a_killed_worker_left_unfinished_is_written_anew(path, said):
    with_row(said)
    assert write_ledger() == 1
    whole = path.read_text()
    for cut in (5, len(whole) - 20, len(whole) - 1):
        path.write_text(whole[:cut])
        assert write_ledger() == 1
        assert path.read_text() == whole


@pytest.mark.parametrize(
    "text", ["SECRET_KEY=x", "SECRET_KEY=x\n", '{"begins": "5678"}\n', '{"begins": "1234"}\nof somebody else']
)
def test_a_file_that_is_not_this_ledger_is_left_alone(path, said, text):
    with_row(said)
    path.write_text(text)
    assert write_ledger() == 0
    assert path.read_text() == text


def test_a_blank_line_stops_nothing(path, said):
    with_row(said)
    path.write_text('{"begins": "1234"}\n\n')
    assert write_ledger() == 1
    assert write_ledger() == 0


def test_it_is_only_added_to(path, said, monkeypatch):
    """A file that the server may only append to (chattr +a) takes new lines."""
    real, flags = os.open, []
    monkeypatch.setattr(os, "open", lambda name, how, *more: (flags.append(how), real(name, how, *more))[1])
    with_row(said)
    assert write_ledger() == 1
    assert flags[0] & os.O_APPEND


def with_row(rows: list) -> None:
    rows.append(
        SimpleNamespace(
            id=uuid4(),
            number="AAAA-BBBB",
            what="case",
            reason="her_wish",
            erased_id=uuid4(),
            kept_id=None,
            request_ids=[uuid4()],
            at=timezone.now(),
            asked_by_id=None,
            agreed_by_id=None,
        )
    )
