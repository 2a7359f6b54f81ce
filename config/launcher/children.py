"""Starting and ending one process so that nothing is left behind.

Each child leads its own session, so a Ctrl-C at the terminal reaches only the launcher, and its whole group can be
ended. On Linux the kernel also ends the child when the launcher is killed.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Identity:
    """Who runs a child: another user, or a prefix that puts it into a user namespace."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def options(self) -> dict:
        """What subprocess needs to become this user."""
        return {} if self.prefix else {"user": self.uid, "group": self.gid, "extra_groups": []}


def dies_with_launcher(number: int) -> Callable[[], None]:
    """What a child does before it becomes its program: ask for a signal when the launcher is gone."""
    launcher = os.getpid()

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
            if os.getppid() != launcher:
                os._exit(1)

    return ask


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path,
    identity: Identity | None = None,
    death_signal: int = signal.SIGTERM,
) -> subprocess.Popen:
    """Start a process in a session of its own, output to its log file."""
    with log.open("ab") as output:
        log.chmod(0o600)
        return subprocess.Popen(
            [*(identity.prefix if identity else ()), *command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=dies_with_launcher(death_signal),
            **(identity.options() if identity else {}),
        )


def signal_group(pid: int, number: int) -> bool:
    """Signal a whole group; False if nobody is left in it."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end_all(processes: Sequence[tuple[subprocess.Popen, int]], *, patience: float) -> None:
    """Ask each process to stop with its signal; after `patience` seconds kill what is left of each group."""
    for process, number in processes:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
    deadline = time.monotonic() + patience
    for process, _number in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.05, deadline - time.monotonic()))
    for process, _number in processes:
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
