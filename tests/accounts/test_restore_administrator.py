"""The last administrator has lost everything: a command on the console, a day, a notice to all, and no key."""

import re

import pytest

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import delayed, people
from tests.accounts.test_bootstrap import manage
from tests.security.attack import rewritten

NEW = ["--login-name", "rada", "--display-name", "Rada", "--address", "rada@example.org"]


def restore(*arguments: str) -> tuple[int, str]:
    return manage(
        "restore_administrator", *(arguments or NEW), SIDRO_PROCESS="owner", STAFF_URL="https://desk.example.org"
    )


def due(definer, seconds: int) -> None:
    definer.execute("UPDATE accounts_delayedact SET due_at = clock_timestamp() + make_interval(secs => %s)", [seconds])


def test_announced_to_everybody_and_done_a_day_later(cast, definer):
    cast.intake()
    definer.execute("DELETE FROM cases_mailout")
    status, text = restore()
    assert status == 0, text
    assert "/invitation/" not in text
    told = definer.execute(
        "SELECT DISTINCT u.login_name FROM cases_mailout o JOIN accounts_user u ON u.id = o.recipient_id ORDER BY 1"
    )
    assert [name for (name,) in told.fetchall()] == ["ana", "boba", "vera"]
    waits = (
        "SELECT due_at - asked_at BETWEEN interval '24 hours' AND interval '24 hours 1 second' FROM accounts_delayedact"
    )
    assert definer.execute(waits).fetchone() == (True,)
    due(definer, 30)
    assert "/invitation/" not in restore()[1]
    due(definer, -1)
    status, text = restore()
    assert status == 0, text
    assert re.search(r"https://desk\.example\.org/invitation/[\w-]{43}", text)
    assert definer.execute("SELECT roles FROM accounts_user WHERE login_name = 'rada'").fetchone() == (
        ["administrator"],
    )
    again = restore("--login-name", "zla", *NEW[2:])
    assert "/invitation/" not in again[1]  # announced once is one administrator


def test_stopped_it_is_over_and_another_role_is_not_to_be_had(cast, definer):
    cast.intake()
    restore()
    with cast.acting("ana") as ana:
        (act,) = definer.execute("SELECT id FROM accounts_delayedact").fetchone()
        delayed.cancel(act_id=act, by=ana)
    definer.execute("UPDATE accounts_delayedact SET due_at = clock_timestamp() - interval '1 second'")
    assert "/invitation/" not in restore()[1]
    status, text = manage("restore_administrator", *NEW)
    assert status == 1
    assert "runs as the owner" in text


def test_an_announced_act_not_done_in_seven_days_is_over(cast, definer):
    cast.intake()
    restore()
    due(definer, -8 * 24 * 3600)
    assert "/invitation/" not in restore()[1]
    assert definer.execute("SELECT count(*) FROM accounts_user WHERE login_name = 'rada'").fetchone() == (0,)


def test_nobody_stops_what_is_over(cast, definer):
    cast.intake()
    restore()
    (act,) = definer.execute("SELECT id FROM accounts_delayedact").fetchone()
    with cast.acting("vera") as vera:
        delayed.cancel(act_id=act, by=vera)
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        delayed.cancel(act_id=act, by=ana)


def restored(cast, definer):
    """Rada, whom the console has made an administrator, enrolled; returns the act that made her one."""
    restore()
    due(definer, -1)
    token = re.search(r"/invitation/([\w-]{43})", restore()[1])[1]
    (rada,) = definer.execute("SELECT id FROM accounts_user WHERE login_name = 'rada'").fetchone()
    cast._enrol("rada", rada, token)
    return definer.execute("SELECT id FROM accounts_delayedact").fetchone()[0]


def may_review(cast, name: str) -> tuple[bool, int]:
    """What the page and the desk offer her."""
    with cast.acting(name):
        (row,) = database.rows("delayed_list", 10)
        return row.reviewable, database.row("key_hints").to_review


def test_whom_the_console_made_an_administrator_does_not_review_it(cast, definer):
    """Nor does a second account of hers, which she could invite at once. A colleague who was there before does."""
    cast.intake()
    act = restored(cast, definer)
    with cast.acting("rada") as rada:
        values = {"login_name": "druga", "display_name": "Druga", "roles": ["caseworker"], "language": "en"}
        second, token = people.invite(**values, address="druga@example.org", by=rada)
    cast._enrol("druga", second, token)
    for name in ("rada", "druga"):
        assert may_review(cast, name) == (False, 0)
        with cast.acting(name) as by, pytest.raises(NotAllowed):
            delayed.review(act_id=act, by=by)
    assert may_review(cast, "boba") == (True, 1)
    with (
        rewritten("delayed_reviewable", "a.record_id IN (u.id, u.invited_by_id)", "false"),
        cast.acting("rada") as rada,
    ):
        delayed.review(act_id=act, by=rada)  # without the control
    definer.execute("UPDATE accounts_delayedact SET reviewed_at = NULL, reviewed_by_id = NULL")
    with cast.acting("boba") as boba:
        delayed.review(act_id=act, by=boba)
