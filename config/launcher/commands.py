"""`exec`: runs one command with the right environment, against the demo's data or against throw-away servers."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from config.launcher.children import dies_with_launcher
from config.launcher.databases import Databases, prefix
from config.launcher.environment import Environments, personal
from config.launcher.errors import LauncherError
from config.launcher.folders import BASE, data_folder, hold, is_held, run_folder, sockets_folder
from config.launcher.interrupts import STOPPING, interruptible, undisturbed
from config.launcher.postgres import cluster_folder, other_identity
from config.launcher.secrets import ROLES, load_secrets, new_secrets
from config.launcher.servers import Servers, addresses_of_running, start_servers
from config.launcher.steps import manage
from config.launcher.supervisor import Supervisor
from config.launcher.translations import compile_all


def run_command(command: list[str], env: Mapping[str, str]) -> int:
    """Run a command in the foreground, pass signals on to it, give its exit status."""
    complete = {**personal(), **env}
    program = shutil.which(command[0], path=complete["PATH"])
    if program is None:
        raise LauncherError(f"{command[0]} was not found.")
    with undisturbed():
        child = subprocess.Popen(
            [program, *command[1:]], env=complete, cwd=BASE, restore_signals=True, preexec_fn=as_usual()
        )
        for number in STOPPING[1:]:  # Ctrl-C reaches the command by itself: it has the terminal
            signal.signal(number, lambda received, _frame: child.send_signal(received))
        status = child.wait()
    return 128 - status if status < 0 else status


def as_usual() -> Callable[[], None]:
    """The command gets signals as any other would, and goes when the launcher is killed."""
    ask = dies_with_launcher(signal.SIGTERM)

    def prepare() -> None:
        for number in STOPPING:
            signal.signal(number, signal.SIG_DFL)
        ask()

    return prepare


@contextlib.contextmanager
def supervised() -> Iterator[Supervisor]:
    """A supervisor that leaves nothing behind, however this ends."""
    supervisor = Supervisor()
    with interruptible():
        try:
            yield supervisor
        finally:
            with undisturbed():
                supervisor.stop()


def run_test(command: list[str], *, workers: int = 1) -> int:
    """Fresh servers, roles and an empty database in a folder of their own; everything is removed at the end.

    Several workers share nothing: each has all of this for itself, and finds it in TEST_WORKERS by its number. They
    share the order of sets, or those who are to divide a list of tests would find it in different orders.
    """
    compile_all()
    with contextlib.ExitStack() as stack:
        folders = [stack.enter_context(run_folder()) for _worker in range(workers)]
        supervisor = stack.enter_context(supervised())
        found = [fresh_servers(supervisor, folder) for folder in folders]
        if workers == 1:
            return run_command(command, found[0])
        shared = {"TEST_WORKERS": json.dumps(found), "PYTHONHASHSEED": str(secrets.randbelow(2**32))}
        return run_command(command, {**found[0], **shared})


def fresh_servers(supervisor: Supervisor, folder: Path) -> dict[str, str]:
    """Servers of a test run, with keys of their own; gives the environment of the harness."""
    kept = new_secrets()
    servers = start_servers(supervisor, data=folder, sockets=folder, kept=kept, fast=True, own=True)
    environments = environments_of(servers, mode="test", kept=kept, static=folder / "static")
    manage("bootstrap_database", env=environments.bootstrap())
    return environments.harness(servers.postgres_log)


def run_check(command: list[str], *, mode: str) -> int:
    """Valid settings and no servers at all: for the checks that only read the code."""
    kept = new_secrets()
    nowhere = {role: f"postgresql://{prefix()}_{role}:none@127.0.0.1:1/none" for role in ROLES}
    servers = Servers(Databases(nowhere, None), "redis://127.0.0.1:1/0", Path(os.devnull), new=False)
    environments = environments_of(servers, mode=mode, kept=kept, static=BASE / ".local" / "static")
    site = {"ALLOWED_HOSTS": "desk.example.org", "STAFF_URL": "https://desk.example.org"}
    return run_command(command, {**environments.staff(), **site})


def run_demo(command: list[str], *, process: str) -> int:
    """The demo's data: its running servers, or the same servers for the time of the command."""
    data = data_folder()
    if not (data / "stamps.json").exists():
        raise LauncherError(f"There is no data in {data} yet; start `make run` once and wait until it is ready.")
    kept = load_secrets(data)
    sockets = sockets_folder(data)
    if is_held(data / "lock"):
        return run_as(command, process, addresses_of_running(data=data, sockets=sockets, kept=kept), data, kept)
    with hold(data / "lock", busy=f"Sidro is just starting or stopping on {data}."), supervised() as supervisor:
        servers = start_servers(supervisor, data=data, sockets=sockets, kept=kept)
        return run_as(command, process, servers, data, kept)


def run_as(command: list[str], process: str, servers: Servers, data: Path, kept: Mapping) -> int:
    """Run the command as one of the processes."""
    environments = environments_of(servers, mode="demo", kept=kept, static=data / "static")
    return run_command(command, getattr(environments, process)())


def environments_of(servers: Servers, *, mode: str, kept: Mapping, static: Path) -> Environments:
    """The environments that fit these servers."""
    return Environments(mode=mode, kept=kept, databases=servers.databases, broker=servers.broker, static=static)


def clean_data() -> int:
    """Remove everything the demo keeps, keys included."""
    data = data_folder()
    with hold(data / "lock", busy=f"Sidro is running on {data}; stop it first."):
        for folder in {cluster_folder(data, other_identity()), sockets_folder(data)}:
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(data)
    return 0
