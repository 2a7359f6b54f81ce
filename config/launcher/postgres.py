"""Our own PostgreSQL: made once, only on a Unix socket, with passwords, and never as root.

For demo, development and tests. It writes no statement and no parameter into its log: they hold names.
"""

import contextlib
import functools
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.launcher.binaries import find_postgres, postgres_version, reachable_copy
from config.launcher.children import Identity
from config.launcher.errors import LauncherError
from config.launcher.folders import BASE, own_folder, reachable_by_others

SUPERUSER = "postgres"
STATE = Path("/var/lib/sidro")
QUIET = {
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    """One cluster of databases and how it is started."""

    programs: Path
    folder: Path
    sockets: Path
    identity: Identity | None
    fast: bool

    def command(self) -> list[str]:
        """The server itself, as a child in the foreground."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **QUIET,
            **(FAST if self.fast else {}),
        }
        switches = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.folder), *switches]

    def url(self, *, user: str, password: str, database: str) -> str:
        """Address for libpq, psycopg and Django alike."""
        return f"postgresql://{user}:{quote(password, safe='')}@/{database}?host={quote(str(self.sockets), safe='')}"


def environment() -> dict[str, str]:
    """PostgreSQL needs nothing of ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "LC_ALL": "C"}


@functools.cache
def other_identity() -> Identity | None:
    """PostgreSQL refuses root. Then it runs as `nobody`; where that is forbidden, in a user namespace."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    namespace = ("unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}")
    choices = [Identity(nobody.pw_uid, nobody.pw_gid), Identity(os.geteuid(), os.getegid(), namespace)]
    for identity in choices:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                [*identity.prefix, "/bin/sh", "-c", "exit 0"], check=True, capture_output=True, **identity.options()
            )
            return identity
    raise LauncherError(
        "PostgreSQL refuses to run as root, and here neither another user nor a user namespace is allowed: "
        "use an ordinary user, or set SUPERUSER_DATABASE_URL."
    )


def cluster_folder(data: Path, identity: Identity | None) -> Path:
    """Where the cluster lies: in the data folder, or where `nobody` can get when that one is closed to it."""
    if identity is None or identity.prefix or reachable_by_others(data):
        return data / "postgres"
    STATE.mkdir(parents=True, exist_ok=True)
    own_folder(STATE, mode=0o711)
    return STATE / hashlib.sha256(str(data).encode()).hexdigest()[:12]


def open_cluster(data: Path, sockets: Path, *, password: str, fast: bool = False) -> tuple[Cluster, bool]:
    """The cluster of a data folder, made if it is not there yet. Tells whether it is new."""
    identity = other_identity()
    owner = {"uid": identity.uid, "gid": identity.gid} if identity and not identity.prefix else {}
    programs = find_postgres()
    if owner:
        programs = reachable_copy(programs)
    folder = cluster_folder(data, identity)
    cluster = Cluster(programs, folder, own_folder(sockets / "pg", **owner), identity, fast)
    marker = folder / "PG_VERSION"
    if marker.exists():
        made_by, found = int(marker.read_text()), postgres_version(programs)
        if made_by != found:
            raise LauncherError(f"{folder} was made by PostgreSQL {made_by}, found is {found}: `make clean-data`.")
        return cluster, False
    own_folder(folder, **owner)
    initialise(cluster, password)
    return cluster, True


def initialise(cluster: Cluster, password: str) -> None:
    """Make the cluster: UTF-8, code-point order (no ICU in the wheel), passwords even on the socket."""
    password_file = cluster.sockets / "password"
    password_file.write_text(password)
    identity = cluster.identity
    if identity:
        os.chown(password_file, identity.uid, identity.gid)
    password_file.chmod(0o600)
    builtin = postgres_version(cluster.programs) >= 17
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if builtin else ["--locale=C"]
    command = [
        *(identity.prefix if identity else ()),
        *(str(cluster.programs / "initdb"), "-D", str(cluster.folder), "-U", SUPERUSER, "-E", "UTF8", "--no-sync"),
        *("--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions", *locale),
    ]
    options = identity.options() if identity else {}
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, env=environment(), cwd=BASE.anchor, check=False, **options
        )
    finally:
        password_file.unlink()
    if answer.returncode:
        shutil.rmtree(cluster.folder, ignore_errors=True)
        raise LauncherError(f"PostgreSQL could not be initialised: {answer.stderr.strip()}")


def clear_stale(cluster: Cluster) -> None:
    """After an unclean kill: stop a server that outlived its launcher, remove a pid file that names someone else.

    PostgreSQL itself refuses to start when the number in its file is in use again by any other process, which is
    common in containers. The lock on the data folder is held, so nobody else starts this cluster now.
    """
    pid_file = cluster.folder / "postmaster.pid"
    if pid_file.exists():
        first = pid_file.read_text().split("\n", 1)[0].strip()
        pid = int(first) if first.isdigit() else 0
        if pid and serves(pid, cluster.folder):
            stop_stranger(pid)
        pid_file.unlink(missing_ok=True)
    for socket_file in cluster.sockets.glob(".s.PGSQL.*"):
        socket_file.unlink(missing_ok=True)


def serves(pid: int, folder: Path) -> bool:
    """Whether this process is a PostgreSQL of this very folder."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        line = answer.stdout
    return "postgres" in line and f"-D {folder} " in f"{line} "


def stop_stranger(pid: int) -> None:
    """Fast shutdown first, immediate shutdown after five seconds."""
    for number, patience in ((signal.SIGINT, 5), (signal.SIGQUIT, 5), (signal.SIGKILL, 2)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)
    raise LauncherError(f"An older PostgreSQL (process {pid}) does not stop; end it and start again.")


def answers(url: str) -> bool:
    """Whether the server takes connections. A refused password is told at once."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError as problem:
        if "authentication failed" in str(problem):
            raise LauncherError("PostgreSQL refuses the kept password: `make clean-data` starts anew.") from None
        return False
    return True
