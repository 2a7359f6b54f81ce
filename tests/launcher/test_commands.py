"""`exec`: the command's own exit status, servers of its own, nothing left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from config.launcher import folders

EXEC = [sys.executable, "-m", "config.launcher", "exec"]
ASK = "import os, psycopg; print(psycopg.connect(os.environ['OWNER_DATABASE_URL']).execute('SELECT current_user').fetchone()[0])"


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run([*EXEC, *command], cwd=folders.BASE, capture_output=True, text=True, check=False)


def test_exit_status_is_passed_on() -> None:
    assert run("--check", "test", "--", "sh", "-c", "exit 7").returncode == 7


def test_a_command_that_does_not_exist_is_one_sentence() -> None:
    answer = run("--check", "test", "--", "no-such-program")
    assert (answer.returncode, answer.stderr) == (1, "no-such-program was not found.\n")


def test_no_data_yet_is_one_sentence(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDRO_DATA", f"{tmp_path}/data")
    answer = run("--", "true")
    assert answer.returncode == 1
    assert "start `make run` once" in answer.stderr


@pytest.mark.slow
def test_two_runs_at_once_have_their_own_servers_and_leave_nothing() -> None:
    show = f"{ASK}; print(os.environ['SIDRO_POSTGRES_LOG'], os.environ['SIDRO_MODE'])"
    command = [*EXEC, "--test", "--", "python", "-c", show]
    both = [subprocess.Popen(command, cwd=folders.BASE, stdout=subprocess.PIPE, text=True) for _run in range(2)]
    outputs = [process.communicate(timeout=120)[0].split() for process in both]
    prefix = os.environ.get("DATABASE_ROLE_PREFIX") or "sidro"
    assert [(output[0], output[2]) for output in outputs] == [(f"{prefix}_owner", "test")] * 2
    logs = {output[1] for output in outputs}
    assert len(logs) == 2
    assert not any(os.path.exists(os.path.dirname(os.path.dirname(log))) for log in logs)


@pytest.mark.slow
def test_workers_of_one_run_share_no_server_and_no_key() -> None:
    ask = "import json, os; [print(*(found[name] for name in %r)) for found in json.loads(os.environ['TEST_WORKERS'])]"
    names = ("OWNER_DATABASE_URL", "REDIS_URL", "SIDRO_POSTGRES_LOG", "STATIC_ROOT", "CONTEXT_KEY", "SECRET_KEY")
    show = f"{ask % (names,)}; {ASK}"
    answer = run("--test", "--workers", "2", "--", "python", "-c", show)
    *workers, user = answer.stdout.splitlines()
    assert (answer.returncode, user.rpartition("_")[2]) == (0, "owner"), answer.stderr
    first, second = (line.split() for line in workers)
    assert [name for name, one, other in zip(names, first, second, strict=True) if one == other] == []
    assert not any(os.path.exists(os.path.dirname(os.path.dirname(log))) for log in (first[2], second[2]))


@pytest.mark.slow
def test_a_signal_reaches_the_command_and_the_servers_stop(eventually: Callable) -> None:
    show = "import os, time; print(os.environ['SIDRO_POSTGRES_LOG'], flush=True); time.sleep(60)"
    command = [*EXEC, "--test", "--", "python", "-c", show]
    with subprocess.Popen(command, cwd=folders.BASE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        log = process.stdout.readline().strip()
        folder = os.path.dirname(os.path.dirname(log))
        assert os.path.exists(f"{folder}/postgres/postmaster.pid")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    assert not os.path.exists(folder)
