"""The chain of the log: every way to falsify it is found, and found at the right entry."""

import hashlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from psycopg.types.json import Jsonb

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


def rewrite(definer, first: int, last: int | None = None) -> None:
    """What somebody who may write everything would do: make the rest of the chain fit again, and the head.

    `last`: only up to there, and not the head.
    """
    before = definer.execute("SELECT hash FROM accounts_auditevent WHERE sequence = %s", [first - 1]).fetchone()
    digest = before[0] if before else hashlib.sha256(b"sidro").digest()
    number = first - 1
    for number, text in definer.execute(
        "SELECT sequence, app.audit_canonical(sequence, at, actor, action, outcome, object_id, detail)"
        " FROM accounts_auditevent WHERE sequence >= %s AND sequence <= coalesce(%s, sequence) ORDER BY sequence",
        [first, last],
    ).fetchall():
        digest = hashlib.sha256(digest + text.encode()).digest()
        definer.execute("UPDATE accounts_auditevent SET hash = %s WHERE sequence = %s", [digest, number])
    if last is None:
        definer.execute("UPDATE accounts_audithead SET sequence = %s, hash = %s", [number, digest])


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
    with pytest.raises(CommandError, match="entry 7: is missing; entry"):
        verified(kept)


def test_a_tail_written_anew_is_found_by_an_anchor_only(log, definer):
    kept = head(definer)
    definer.execute("UPDATE accounts_auditevent SET action = 'forged' WHERE sequence = 5")
    rewrite(definer, 5)
    assert verified().startswith(f"{len(log)} entries")  # the attack succeeds where nothing was kept elsewhere
    with pytest.raises(CommandError, match=f"entry {len(log)}: is not the one that was kept"):
        verified(kept)


def test_an_entry_put_in_between_is_found(log, definer):
    """With its own hash made to fit; the next one tells."""
    definer.execute("UPDATE accounts_auditevent SET sequence = -sequence - 1 WHERE sequence >= 5")
    definer.execute("UPDATE accounts_auditevent SET sequence = -sequence WHERE sequence < 0")
    definer.execute(
        "INSERT INTO accounts_auditevent SELECT 5, at, actor, 'forged', outcome, object_id, detail, hash"
        " FROM accounts_auditevent WHERE sequence = 4"
    )
    rewrite(definer, 5, last=5)
    with pytest.raises(CommandError, match="entry 6:"):
        verified()


def test_an_entry_put_in_between_with_all_after_it_is_found_by_an_anchor_only(log, definer):
    kept = head(definer)
    definer.execute("UPDATE accounts_auditevent SET sequence = -sequence - 1 WHERE sequence >= 5")
    definer.execute("UPDATE accounts_auditevent SET sequence = -sequence WHERE sequence < 0")
    definer.execute(
        "INSERT INTO accounts_auditevent SELECT 5, at, actor, 'forged', outcome, object_id, detail, hash"
        " FROM accounts_auditevent WHERE sequence = 4"
    )
    rewrite(definer, 5)
    assert verified().startswith(f"{len(log) + 1} entries")
    with pytest.raises(CommandError, match=f"entry {len(log)}: is not the one that was kept"):
        verified(kept)


def test_a_log_emptied_is_found_by_an_anchor_only(log, definer):
    kept = head(definer)
    definer.execute("DELETE FROM accounts_auditevent")
    with pytest.raises(CommandError, match="entry 1:"):
        verified()
    definer.execute("UPDATE accounts_audithead SET sequence = 0, hash = sha256('sidro')")
    assert verified().startswith("0 entries")
    with pytest.raises(CommandError, match="entry 1: is missing"):
        verified(kept)


def keep(definer, days_ago: int = 1) -> None:
    """The head as the worker keeps it each day."""
    definer.execute("SELECT app.anchor_take('Europe/Belgrade', '{}')")
    definer.execute("UPDATE accounts_auditanchor SET day = day - %s WHERE day >= current_date", [days_ago])


def test_a_head_that_was_kept_here_is_held_against_the_log(log, definer):
    keep(definer)
    assert "1 anchors" in verified()
    definer.execute("UPDATE accounts_auditevent SET action = 'forged' WHERE sequence = 5")
    rewrite(definer, 5)
    with pytest.raises(CommandError, match="is not the one that was kept"):
        verified()
    definer.execute("DELETE FROM accounts_auditanchor")  # whoever can write the log can write these, too
    assert verified().startswith(f"{len(log)} entries")


def restored(definer) -> None:
    """What the command that restores writes first."""
    entry = {"action": "restored", "object": "", "detail": "", "outcome": "done"}
    definer.execute("SELECT app.audit_write(%s)", [Jsonb({"entries": [entry]})])


def test_only_a_restore_explains_that_a_later_head_is_gone(log, cast, definer):
    """Back to the sixth entry, as a backup had it."""
    kept = head(definer)
    definer.execute("DELETE FROM accounts_auditevent WHERE sequence > 6")
    rewrite(definer, 6)
    with pytest.raises(CommandError, match="entry 7: is missing"):
        verified(f"{kept}@2026-01-01")
    restored(definer)
    told = verified(f"{kept}@2026-01-01")
    assert f"Entry {len(log)} was kept on 2026-01-01 and is gone: entry 7 says that the database was restored" in told
    with pytest.raises(CommandError, match="entry 8: is missing"):
        verified(kept)  # without its day it could have been taken afterwards
    with pytest.raises(CommandError, match="entry 8: is missing"):
        verified(f"{kept}@2999-01-01")


def test_a_restore_explains_no_head_from_before_the_backup(log, definer):
    third = definer.execute("SELECT hash FROM accounts_auditevent WHERE sequence = 3").fetchone()[0].hex()
    definer.execute("DELETE FROM accounts_auditevent WHERE sequence > 6")
    definer.execute("UPDATE accounts_auditevent SET action = 'forged' WHERE sequence = 2")
    rewrite(definer, 2)
    restored(definer)
    with pytest.raises(CommandError, match="entry 3: is not the one that was kept"):
        verified(f"3:{third}@2026-01-01")


@pytest.mark.parametrize("text", ["", "5", "5:zz", "x:00", "0:" + "00" * 32, "5:0011", "5:" + "00" * 32 + "@never"])
def test_an_anchor_that_is_none_is_refused(transactional_db, text):
    with pytest.raises(CommandError, match="SEQUENCE:HEX"):
        verified(text)
