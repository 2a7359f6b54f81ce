"""The search itself, and that no sealed field is forgotten. The whole canary is `make canary`."""

import base64
from pathlib import Path

import pytest

from tests.canary.fields import CODED, FIELDS, KEYS, OTHERS, named_in_the_code
from tests.canary.needles import OVERLAP, Needles, letters, new_mark
from tests.canary.processes import NOT_RUN, RUN, our_commands


@pytest.fixture
def needles() -> Needles:
    return Needles(new_mark())


def test_every_sealed_field_is_declared():
    assert named_in_the_code() == set(FIELDS) | CODED | KEYS


def test_names_can_be_told_apart():
    names = [letters(field) for field in [*FIELDS, *OTHERS]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("around", [b"", b"a", b"ab", b"abc"])
def test_a_canary_is_found_in_every_disguise(needles, around):
    plain = needles.text("note.text").encode()
    for form in (
        plain,
        plain.upper(),
        plain.hex().encode(),
        plain.hex().upper().encode(),
        base64.b64encode(around + plain + around),
        base64.urlsafe_b64encode(around + plain + around),
    ):
        assert needles.find(b"before " + form + b" after"), form
    assert needles.find(b'{"text":"' + plain + b'"}') == ["a canary (as it is)", "notetext (by name)"]


def test_a_secret_without_a_mark_is_found(needles):
    needles.add("a key", bytes(range(200, 232)))
    assert needles.find(b"x" + bytes(range(200, 232)) + b"y") == ["a key (as it is)"]
    assert needles.find(base64.b64encode(b"z" + bytes(range(200, 232)))) != []
    with pytest.raises(ValueError, match="short"):
        needles.add("short", b"1234567")


def test_files_their_names_and_what_lies_across_two_pieces(needles, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.canary.needles.PIECE", OVERLAP * 2)
    plain = needles.text("file.name").encode()
    (tmp_path / "across").write_bytes(b"." * (OVERLAP * 2 - 5) + plain + b"." * 100)
    Path(tmp_path / f"{needles.text('file.name')}.txt").write_bytes(b"nothing")
    (tmp_path / "clean").write_bytes(b"nothing at all")
    hits, size = needles.find_in_files([tmp_path])
    assert any("across" in hit for hit in hits)
    assert any("in the name of" in hit for hit in hits)
    assert not any("clean" in hit for hit in hits)
    assert size > OVERLAP * 2


def test_nothing_is_found_where_nothing_is(needles):
    assert needles.find(b"kvx is not enough" * 100) == []


def test_every_command_is_run_or_left_out_for_a_reason():
    assert our_commands() == set(RUN) | set(NOT_RUN)
    assert not set(RUN) & set(NOT_RUN)
