"""The last administrator has lost everything: a command on the console, a day, a notice to all, and no key."""

import re

import pytest

from accounts.exceptions import WrongState
from accounts.services import delayed
from tests.accounts.test_bootstrap import manage

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
