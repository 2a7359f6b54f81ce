"""Reminders as the worker's role: rungs, recipients, mails, leases, two workers, dead workers."""

import email
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from cases.access import get_case, list_notices
from cases.choices import Severity
from cases.models import Deadline
from cases.services.deadlines import acknowledge_notice, set_deadline, settle_deadline
from tests.cases.helpers import assign, open_case, reminded_today
from tests.conftest import as_role
from tests.security.attack import plant

ZONE = "Europe/Belgrade"


def fire() -> int:
    with as_role("worker") as worker:
        return worker.execute("SELECT app.reminders_fire(%s)", [ZONE]).fetchone()[0]


def set_date(cast, code, days: int, *, severity=Severity.IMPORTANT, assignee=None, set_days_ago: int = 60) -> Deadline:
    """A date so many days from today, set long enough ago for its rungs to count."""
    with cast.acting("ana") as ana:
        set_deadline(
            case=get_case(ana, code).case,
            nonce=uuid4(),
            due_on=reminded_today() + timedelta(days=days),
            severity=severity,
            assignee=assignee,
            text="Motion",
            by=ana,
        )
        deadline = Deadline.objects.latest("set_at")
    plant(
        "UPDATE cases_deadline SET set_at = now() - make_interval(days => %s) WHERE id = %s", set_days_ago, deadline.pk
    )
    return deadline


@pytest.fixture
def code(cast):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    plant("DELETE FROM cases_mailout")  # that she was asked
    return code


def recipients(definer) -> list[str]:
    return [
        name
        for (name,) in definer.execute(
            "SELECT u.login_name FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id ORDER BY 1"
        ).fetchall()
    ]


def test_the_assignee_is_reminded_first_and_the_lead_as_the_date_comes_near(cast, code, definer):
    set_date(cast, code, 6, assignee=cast.lana)
    assert fire() == 1
    assert recipients(definer) == ["lana"]
    set_date(cast, code, 2, assignee=cast.lana)
    fire()
    assert recipients(definer) == ["ana", "lana", "lana"]


def test_a_rung_fires_once_however_often_the_clock_ticks(cast, code):
    set_date(cast, code, 0)
    assert fire() == 1
    assert [fire(), fire()] == [0, 0]


def test_two_workers_at_once_fire_once(cast, code, definer):
    for _index in range(5):
        set_date(cast, code, 0)
    barrier = Barrier(2)

    def tick() -> None:
        barrier.wait()
        fire()

    threads = [Thread(target=tick) for _index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recipients(definer) == ["ana"] * 5
    assert definer.execute("SELECT count(*) FROM cases_mailout").fetchone() == (1,)  # no storm: one mail


def test_after_downtime_only_the_latest_rung_speaks(cast, code, definer):
    set_date(cast, code, 0, severity=Severity.CRITICAL)
    fire()
    assert definer.execute("SELECT array_agg(rung) FROM cases_reminder").fetchone() == ([0],)


def test_a_new_date_does_not_fire_rungs_that_lay_before_it(cast, code):
    set_date(cast, code, 5, set_days_ago=0)
    assert fire() == 0


def test_met_closed_and_far_dates_stay_silent(cast, code):
    met, _far = set_date(cast, code, 0), set_date(cast, code, 200)
    with cast.acting("ana") as ana:
        settle_deadline(case=get_case(ana, code).case, deadline=met, by=ana)
    assert fire() == 0


@pytest.mark.parametrize("how", ["walled", "deactivated", "ended"])
def test_nobody_is_reminded_who_may_not_see_it(cast, code, definer, how):
    set_date(cast, code, 0, assignee=cast.lana)
    lana = cast.lana.pk
    if how == "walled":
        plant(
            "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
            " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case",
            lana,
            cast.ana.pk,
        )
    elif how == "deactivated":
        plant(
            "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = %s WHERE id = %s",
            cast.vera.pk,
            lana,
        )
    else:
        plant("UPDATE cases_assignment SET state = 'ended' WHERE user_id = %s", lana)
    fire()
    assert recipients(definer) == ["ana"]


def test_with_no_lead_and_no_backup_whoever_works_on_the_case_is_reminded(cast, code, definer):
    set_date(cast, code, 1, severity=Severity.CRITICAL)
    plant("UPDATE cases_assignment SET state = 'ended' WHERE role = 'lead'")
    assert fire() == 1
    assert recipients(definer) == ["lana"]


def test_a_walled_assignee_does_not_silence_the_early_rungs(cast, code, definer):
    set_date(cast, code, 6, assignee=cast.lana)
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case",
        cast.lana.pk,
        cast.ana.pk,
    )
    fire()
    assert recipients(definer) == ["ana"]


def test_an_urgent_mail_within_fifteen_minutes_waits_and_is_not_lost(cast, code, definer):
    kinds = "SELECT kind, state, leased_until IS NOT NULL FROM cases_mailout ORDER BY created_at"
    set_date(cast, code, 2)
    fire()
    assert definer.execute(kinds).fetchall() == [("next", "due", False)]
    set_date(cast, code, 0)
    fire()
    assert definer.execute(kinds).fetchall() == [("now", "due", False)]  # one that waited is made urgent
    definer.execute("UPDATE cases_mailout SET state = 'sent'")
    set_date(cast, code, 0)
    fire()
    assert definer.execute(kinds).fetchall() == [("now", "sent", False), ("now", "due", True)]


def test_the_notice_is_read_with_all_detail_and_acknowledged_once(cast, code):
    set_date(cast, code, 0, assignee=cast.lana)
    fire()
    with cast.acting("lana") as lana:
        (notice,) = list_notices(lana)
        assert notice.case.code == code
        acknowledge_notice(notice=notice, by=lana)
        acknowledge_notice(notice=notice, by=lana)
        assert list(list_notices(lana)) == []
    with cast.acting("ana") as ana:
        assert len(list_notices(ana)) == 1


def test_the_case_keeps_its_next_date(cast, code):
    first = set_date(cast, code, 3)
    set_date(cast, code, 9)
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        assert opened.case.next_due_on == first.due_on
        settle_deadline(case=opened.case, deadline=first, by=ana)
        assert get_case(ana, code).case.next_due_on == first.due_on + timedelta(days=6)


class Sink:
    """A mail server that keeps what it accepts."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], email.message.Message]] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[Controller]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


def drain(port: int) -> str:
    """The real command in a process of its own, as the worker."""
    environment = {
        **os.environ,
        "SIDRO_PROCESS": "worker",
        "DATABASE_URL": os.environ["WORKER_DATABASE_URL"],
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_FROM": "desk@example.org",
    }
    for secret in ("CONTEXT_KEY", "TOTP_KEY", "PASSWORD_PEPPERS", "OWNER_DATABASE_URL", "SUPERUSER_DATABASE_URL"):
        environment.pop(secret)
    result = subprocess.run(
        [sys.executable, "manage.py", "drain"], env=environment, capture_output=True, text=True, check=True
    )
    return result.stdout + result.stderr


def test_the_mail_is_constant_and_carries_nothing(cast, code, sink):
    set_date(cast, code, 0, assignee=cast.lana)
    port = sink.port
    fire()
    said = drain(port)
    mails = sink.handler.mails
    assert sorted(to for to, _mail in mails) == [["ana@example.org"], ["lana@example.org"]]
    assert len({(mail["Subject"], mail.get_payload()) for _to, mail in mails}) == 1
    for _to, mail in mails:
        text = mail.as_string()
        for secret in (code, "Motion", "Ana", "Lana", "Group"):
            assert secret not in text.replace("lana@example.org", "").replace("ana@example.org", "")
    assert code not in said
    assert "example.org" not in said
    assert "0 sent" in drain(port)


def test_a_mail_whose_worker_died_goes_out_again_under_the_same_id(cast, code, sink, definer):
    set_date(cast, code, 0)
    fire()
    with as_role("worker") as dead:
        (claimed,) = dead.execute("SELECT id FROM app.mail_claim(20, 120)").fetchall()
    port = sink.port
    assert "0 sent" in drain(port)  # the lease of the dead worker still holds
    definer.execute("UPDATE cases_mailout SET leased_until = now() - interval '1 second'")
    assert "1 sent" in drain(port)
    assert sink.handler.mails[0][1]["Message-ID"] == f"<{claimed[0]}@example.org>"


def test_a_mail_server_that_is_away_loses_nothing(cast, code, definer):
    set_date(cast, code, 0)
    fire()
    assert "0 sent" in drain(1)
    assert definer.execute("SELECT state, attempts FROM cases_mailout").fetchall() == [("due", 1)]


def test_the_worker_reads_no_table(cast, code):
    with as_role("worker") as worker:
        for table in ("cases_deadline", "accounts_mailaddress", "vault_sealed", "vault_wrap", "accounts_session"):
            with pytest.raises(Exception, match="permission denied"):
                worker.execute(f"SELECT * FROM {table}")
