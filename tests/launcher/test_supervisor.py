"""What dies comes back, what falls silent is replaced, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.launcher.errors import LauncherError
from config.launcher.folders import BASE
from config.launcher.supervisor import FIRST_DELAY, Heartbeat, Service, Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
WITH_CHILD = "import subprocess, sys; c = subprocess.Popen(['sleep', '60']); print(c.pid, flush=True); c.wait()"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    one = Supervisor()
    yield one
    one.stop()


@pytest.fixture
def service(tmp_path: Path) -> Callable[..., Service]:
    def make(command: list[str], **more: object) -> Service:
        return Service("stand-in", command, {"PATH": os.environ["PATH"]}, tmp_path / "log", **more)

    return make


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def pid_of(service: Service) -> int:
    assert service.process is not None
    return service.process.pid


def test_a_killed_process_comes_back(supervisor: Supervisor, service: Callable, eventually: Callable) -> None:
    one = service(SLEEP)
    supervisor.start(one)
    first = pid_of(one)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervisor.look() or (pid_of(one) != first and alive(pid_of(one))))


def test_each_failure_in_a_row_waits_longer(supervisor: Supervisor, service: Callable, eventually: Callable) -> None:
    one = service([sys.executable, "-c", "raise SystemExit(3)"])
    supervisor.start(one)
    eventually(lambda: supervisor.look() or one.delay >= 4 * FIRST_DELAY)


def test_children_of_a_dead_process_go_before_it_comes_back(
    supervisor: Supervisor, service: Callable, eventually: Callable
) -> None:
    one = service([sys.executable, "-c", WITH_CHILD])
    supervisor.start(one)
    child = int(eventually(lambda: one.log.read_text().strip()))
    os.kill(pid_of(one), signal.SIGKILL)
    eventually(lambda: supervisor.look() or not alive(child))


def test_a_silent_process_is_replaced(
    supervisor: Supervisor, service: Callable, eventually: Callable, tmp_path: Path
) -> None:
    one = service(SLEEP, heartbeat=Heartbeat(tmp_path / "beat", tick=0.1, grace=0.1))
    supervisor.start(one)
    first = pid_of(one)
    eventually(lambda: supervisor.look() or pid_of(one) != first)
    assert not alive(first)


def test_a_process_that_gives_signs_is_left_alone(supervisor: Supervisor, service: Callable, tmp_path: Path) -> None:
    one = service(SLEEP, heartbeat=Heartbeat(tmp_path / "beat", tick=0.2, grace=0))
    supervisor.start(one)
    first = pid_of(one)
    for _round in range(10):
        (tmp_path / "beat").touch()
        supervisor.look()
        time.sleep(0.1)
    assert pid_of(one) == first


def test_an_old_sign_of_the_former_worker_does_not_count_against_the_new_one(tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    beat.touch()
    os.utime(beat, (1, 1))
    assert not Heartbeat(beat, tick=1, grace=30).silent(time.time() - 20)
    assert Heartbeat(beat, tick=1, grace=30).silent(time.time() - 40)


def test_stop_kills_what_does_not_listen(
    supervisor: Supervisor, service: Callable, eventually: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.launcher.supervisor.PATIENCE", 0.3)
    one = service([sys.executable, "-c", STUBBORN])
    supervisor.start(one)
    eventually(lambda: "deaf" in one.log.read_text())
    pid = pid_of(one)
    supervisor.stop()
    assert not alive(pid)


def test_sites_stop_before_the_servers(
    supervisor: Supervisor, service: Callable, tmp_path: Path, eventually: Callable
) -> None:
    order = tmp_path / "order"
    note = "import signal, sys, time\nsignal.signal(15, lambda *_: (open(sys.argv[1], 'a').write(sys.argv[2]), sys.exit()))\n"
    note += "print('ready' + sys.argv[2], flush=True)\ntime.sleep(60)"
    for stage in (2, 0, 1):
        supervisor.start(service([sys.executable, "-c", note, str(order), str(stage)], stage=stage))
    eventually(lambda: (tmp_path / "log").read_text().count("ready") == 3)
    supervisor.stop()
    assert order.read_text() == "210"


def test_a_service_that_does_not_start_shows_the_end_of_its_log(supervisor: Supervisor, service: Callable) -> None:
    one = service([sys.executable, "-c", "raise SystemExit('no such thing')"])
    supervisor.start(one)
    with pytest.raises(LauncherError, match="no such thing"):
        supervisor.wait_for(one, lambda: False)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_a_killed_launcher_leaves_nothing(tmp_path: Path, eventually: Callable) -> None:
    launcher = (
        "import sys, time; from pathlib import Path; from config.launcher.supervisor import Service, Supervisor\n"
        "s = Supervisor(); one = Service('x', ['sleep', '60'], {'PATH': '/usr/bin:/bin'}, Path(sys.argv[1]))\n"
        "s.start(one); print(one.process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", launcher, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=BASE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert alive(child)
        process.kill()
    eventually(lambda: not alive(child))
