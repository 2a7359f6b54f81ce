"""A reminder by the real clock: beat, broker, worker, mail server; also after the broker lost everything."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import redis
from aiosmtpd.controller import Controller
from playwright.sync_api import expect

from cases.access import get_case
from cases.choices import Severity
from cases.services.deadlines import set_deadline
from tests.browser.conftest import free_port
from tests.cases.helpers import assign, open_case, reminded_today
from tests.cases.test_reminders import Sink

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def sink() -> Iterator[Controller]:
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def clockwork(cast, sink, tmp_path) -> Iterator[Callable[[], None]]:
    """Celery's beat and worker as the launcher starts them, ticking every second. Call it to kill and restart the worker."""
    environment = {
        **os.environ,
        "SIDRO_PROCESS": "worker",
        "DATABASE_URL": os.environ["WORKER_DATABASE_URL"],
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "SIDRO_TICK_SECONDS": "1",
        "SIDRO_HEARTBEAT_FILE": str(tmp_path / "heartbeat"),
    }
    for secret in ("CONTEXT_KEY", "TOTP_KEY", "PASSWORD_PEPPERS"):
        environment.pop(secret)
    celery = [sys.executable, "-m", "celery", "-A", "config.celery"]
    commands = {
        "worker": [
            *celery,
            "worker",
            "--concurrency",
            "1",
            "--loglevel",
            "WARNING",
            "--without-mingle",
            "--without-gossip",
        ],
        "beat": [*celery, "beat", "--schedule", str(tmp_path / "schedule"), "--pidfile=", "--loglevel", "WARNING"],
    }
    running: dict[str, subprocess.Popen] = {}

    def start(name: str) -> None:
        running[name] = subprocess.Popen(commands[name], env=environment, start_new_session=True)

    def kill_the_worker() -> None:
        os.killpg(running["worker"].pid, signal.SIGKILL)
        running["worker"].wait()
        start("worker")

    for name in commands:
        start(name)
    yield kill_the_worker
    for process in running.values():
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def due_today(cast, code: str, assignee: str | None = "lana") -> None:
    with cast.acting("ana") as ana:
        set_deadline(
            case=get_case(ana, code).case,
            nonce=uuid4(),
            due_on=reminded_today(),
            severity=Severity.IMPORTANT,
            assignee=cast.person(assignee).user if assignee else None,
            text="Hand in the motion",
            by=ana,
        )


def wait_for(condition: Callable[[], bool], seconds: int = 60) -> None:
    for _attempt in range(seconds * 5):
        if condition():
            return
        time.sleep(0.2)
    raise TimeoutError


def flush_the_broker() -> None:
    """Everything the broker holds is gone."""
    path, _query = os.environ["REDIS_URL"].removeprefix("redis+socket://").split("?")
    password, socket = path.split("@", 1)
    redis.Redis(unix_socket_path=socket, password=password.lstrip(":")).flushall()


def test_a_due_date_reaches_desk_and_mailbox_whatever_the_broker_does(cast, sink, clockwork, signed_in, definer):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    mails = sink.handler.mails
    wait_for(lambda: len(mails) == 1)  # she was asked onto a case
    assert mails.pop()[0] == ["lana@example.org"]
    definer.execute("UPDATE cases_mailout SET created_at = created_at - interval '1 hour'")
    due_today(cast, code)
    wait_for(lambda: len(mails) == 2)
    assert {to for recipients, _mail in mails for to in recipients} == {"ana@example.org", "lana@example.org"}
    assert not any(code in mail.as_string() for _to, mail in mails)

    lana = signed_in("lana")
    main = lana.get_by_role("main")
    expect(main).to_contain_text("Reminder:")
    lana.get_by_role("button", name="I have seen it").click()
    expect(main).not_to_contain_text("Reminder:")

    flush_the_broker()
    clockwork()
    definer.execute("UPDATE cases_mailout SET created_at = created_at - interval '1 hour'")
    second = open_case(cast)
    due_today(cast, second, assignee=None)
    wait_for(lambda: len(mails) == 3)
    assert mails[2][0] == ["ana@example.org"]
