"""The chain of the log: every way to falsify it is found, and found at the right entry."""

import hashlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(cast, definer) -> list[tuple]:
    """A log with a dozen entries."""
    for name in ("ana", "boba", "ceca"):
        cast.person(name)
    return entries(definer)


def entries(definer) -> list[tuple]:
    return definer.execute("SELECT sequence, object_id, hash FROM accounts_auditevent ORDER BY sequence").fetchall()


def verified(*anchors: str) -> str:
    out = StringIO()
    call_command("verify_audit", *(f"--anchor={anchor}" for anchor in anchors), stdout=out)
    return out.getvalue()


def head(definer) -> str:
    sequence, digest = definer.execute("SELECT sequence, hash FROM accounts_audithead").fetchone()
    return f"{sequence}:{digest.hex()}"


def rewrite(definer, first: int) -> None:
    """What somebody who may write everything would do: make the rest of the chain fit again, and the head."""
    before = definer.execute("SELECT hash FROM accounts_auditevent WHERE sequence = %s", [first - 1]).fetchone()
    last = before[0] if before else hashlib.sha256(b"sidro").digest()
    number = first - 1
    for number, text in definer.execute(
        "SELECT sequence, app.audit_canonical(sequence, at, actor, action, outcome, object_id, detail)"
        " FROM accounts_auditevent WHERE sequence >= %s ORDER BY sequence",
        [first],
    ).fetchall():
        last = hashlib.sha256(last + text.encode()).digest()
        definer.execute("UPDATE accounts_auditevent SET hash = %s WHERE sequence = %s", [last, number])
    definer.execute("UPDATE accounts_audithead SET sequence = %s, hash = %s", [number, last])


def test_an_untouched_log_is_whole(log, definer):
    assert verified() == f"{len(log)} entries, 0 anchors, last hash:\n{head(definer)}\n"
    assert "1 anchors" in verified(head(definer))


def test_an_empty_log_is_whole(transactional_db):
    assert verified().startswith("0 entries")


@pytest.mark.parametrize("column", ["actor", "action", "outcome", "object_id", "detail", "at", "hash"])
def test_a_changed_entry_is_found(log, definer, column):
    value = {"at": "at + interval '1 microsecond'", "hash": "sha256('x')", "detail": "detail || 'x'"}.get(
        column, "'forged'"
    )
    definer.execute(f"UPDATE accounts_auditevent SET {column} = {value} WHERE sequence = 5")
    with pytest.raises(CommandError, match="entry 5:"):
        verified()


def test_a_deleted_entry_is_found(log, definer):
    definer.execute("DELETE FROM accounts_auditevent WHERE sequence = 4")
    with pytest.raises(CommandError, match="entry 4: is missing"):
        verified()


def test_two_swapped_entries_are_found(log, definer):
    definer.execute(
        "UPDATE accounts_auditevent SET sequence = CASE sequence WHEN 3 THEN -3 ELSE -6 END WHERE sequence IN (3, 6)"
    )
    definer.execute("UPDATE accounts_auditevent SET sequence = 9 + sequence WHERE sequence < 0")
    with pytest.raises(CommandError, match="entry 3:"):
        verified()


def test_a_log_cut_off_is_found_by_its_head(log, definer):
    definer.execute("DELETE FROM accounts_auditevent WHERE sequence > 6")
    with pytest.raises(CommandError, match="entry 7:"):
        verified()


def test_a_log_cut_off_with_its_head_is_found_by_an_anchor_only(log, definer):
    kept = head(definer)
    definer.execute("DELETE FROM accounts_auditevent WHERE sequence > 6")
    rewrite(definer, 6)
    assert verified().startswith("6 entries")  # the attack succeeds where nothing was kept elsewhere
    with pytest.raises(CommandError, match="entry 7: is missing"):
        verified(kept)


def test_a_tail_written_anew_is_found_by_an_anchor_only(log, definer):
    kept = head(definer)
    definer.execute("UPDATE accounts_auditevent SET action = 'forged' WHERE sequence = 5")
    rewrite(definer, 5)
    assert verified().startswith(f"{len(log)} entries")  # the attack succeeds where nothing was kept elsewhere
    with pytest.raises(CommandError, match=f"entry {len(log)}: is not the one that was kept elsewhere"):
        verified(kept)


@pytest.mark.parametrize("text", ["", "5", "5:zz", "x:00", "0:" + "00" * 32, "5:0011"])
def test_an_anchor_that_is_none_is_refused(transactional_db, text):
    with pytest.raises(CommandError, match="SEQUENCE:HEX"):
        verified(text)
