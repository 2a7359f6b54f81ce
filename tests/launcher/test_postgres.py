"""Our PostgreSQL comes back after every kind of unclean end, and keeps names out of its log."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.launcher import postgres, secrets
from config.launcher.databases import Databases
from config.launcher.servers import start_postgres
from config.launcher.supervisor import Service, Supervisor


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    one = Supervisor()
    yield one
    one.stop()


@pytest.fixture
def start(supervisor: Supervisor, folder: Path) -> Callable[[], Databases]:
    kept = secrets.new_secrets()

    def begin() -> Databases:
        found, _new = start_postgres(supervisor, data=folder, sockets=folder, kept=kept, fast=True, log=folder)
        return found

    return begin


def ask(databases: Databases, question: str) -> object:
    with psycopg.connect(str(databases.superuser), autocommit=True) as connection:
        answer = connection.execute(question).fetchone()
    assert answer is not None
    return answer[0]


def kill_server(supervisor: Supervisor) -> Service:
    (service,) = supervisor.services
    assert service.process is not None
    os.kill(service.process.pid, signal.SIGKILL)
    service.process.wait()
    supervisor.services.clear()
    return service


def test_starts_again_when_the_pid_file_names_another_living_process(
    start: Callable, supervisor: Supervisor, folder: Path
) -> None:
    start()
    kill_server(supervisor)
    pid_file = folder / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:], ""]))
    assert ask(start(), "SELECT 1") == 1


def test_stops_a_server_that_outlived_its_launcher(start: Callable, supervisor: Supervisor, folder: Path) -> None:
    start()
    (old,) = supervisor.services
    supervisor.services.clear()
    assert old.process is not None
    assert postgres.serves(old.process.pid, folder / "postgres")
    assert not postgres.serves(old.process.pid, folder / "post")
    waiter = threading.Thread(target=old.process.wait)  # the system does this for a real orphan
    waiter.start()
    assert ask(start(), "SELECT 1") == 1
    waiter.join(5)
    assert old.process.returncode is not None


def test_supervisor_starts_a_killed_server_again(start: Callable, supervisor: Supervisor, eventually: Callable) -> None:
    databases = start()
    (service,) = supervisor.services
    assert service.process is not None
    os.kill(service.process.pid, signal.SIGKILL)

    def back() -> bool:
        supervisor.look()
        return service.again_at is None and postgres.answers(str(databases.superuser))

    eventually(back)


def test_only_a_socket_only_with_a_password_and_never_root(start: Callable) -> None:
    databases = start()
    assert ask(databases, "SHOW listen_addresses") == ""
    assert ask(databases, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'") == 0
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(str(databases.superuser), password="wrong")
    uid = os.stat(str(ask(databases, "SHOW data_directory"))).st_uid
    assert os.geteuid() != 0 or uid != 0 or postgres.other_identity().prefix


def test_a_failing_statement_leaves_no_text_in_the_log(start: Callable, folder: Path) -> None:
    databases = start()
    with pytest.raises(psycopg.errors.DivisionByZero), psycopg.connect(str(databases.superuser)) as connection:
        connection.execute("SELECT 1 / %s, %s::text", [0, "Jelena Petrović"])
    with pytest.raises(psycopg.errors.UndefinedTable), psycopg.connect(str(databases.superuser)) as connection:
        connection.execute("SELECT 'Jelena Petrović' FROM nowhere")
    assert "Jelena" not in (folder / "postgres.log").read_text()
    assert (folder / "postgres.log").stat().st_mode & 0o077 == 0


def test_text_is_utf8_and_letters_have_case(start: Callable) -> None:
    databases = start()
    assert ask(databases, "SHOW server_encoding") == "UTF8"
