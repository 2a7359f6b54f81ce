"""What has to be done before the sites start, each step only when something it depends on has changed."""

import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from config.launcher.environment import Environments
from config.launcher.errors import LauncherError, say
from config.launcher.folders import BASE
from config.launcher.secrets import write_private
from config.launcher.servers import Servers
from config.launcher.translations import compile_all

CODE = ("accounts", "cases", "config", "referrals")


def manage(*arguments: str, env: Mapping[str, str], tells: bool = False) -> str:
    """Run one command of Django and give its output; a failure ends the launcher with the command's own words.

    One that takes long `tells` its progress meanwhile.
    """
    command = [sys.executable, "manage.py", *arguments]
    errors = None if tells else subprocess.PIPE
    answer = subprocess.run(
        command, cwd=BASE, env=dict(env), text=True, stdout=subprocess.PIPE, stderr=errors, check=False
    )
    if answer.returncode:
        said = (answer.stdout + (answer.stderr or "")).strip()
        raise LauncherError(f"manage.py {' '.join(arguments)} failed:\n{said}")
    return answer.stdout


def fingerprint(folders: tuple[str, ...], pattern: str, extra: str = "") -> str:
    """One number for the contents of these files."""
    digest = hashlib.sha256(extra.encode())
    for file in sorted(file for folder in folders for file in (BASE / folder).rglob(pattern) if file.is_file()):
        digest.update(f"{file.relative_to(BASE)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


class Stamps:
    """Remembers for each step what it was done with."""

    def __init__(self, data: Path, *, fresh: bool) -> None:
        self.path = data / "stamps.json"
        self.done: dict[str, str] = {}
        if not fresh:
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                self.done = json.loads(self.path.read_text())

    @contextlib.contextmanager
    def step(self, name: str, mark: str) -> Iterator[bool]:
        """Gives whether there is work; remembers it when the work has succeeded."""
        due = self.done.get(name) != mark
        if due:
            say(f"  {name} ...")
        yield due
        if due:
            self.done[name] = mark
            write_private(self.path, json.dumps(self.done, indent=1))


def prepare(servers: Servers, environments: Environments, data: Path, static: Path) -> None:
    """Roles, tables, style sheets, translations, demo data."""
    stamps = Stamps(data, fresh=servers.new)
    place = "|".join(url.rpartition("@")[2] for url in servers.databases.roles.values())
    code = fingerprint(CODE, "*.py", place + (BASE / "requirements.lock").read_text())
    with stamps.step("database", code) as due:
        if due:
            prepare_database(servers, environments)
    with stamps.step("translations", fingerprint(("locale",), "*.po")) as due:
        if due:
            compile_all()
    with stamps.step("static files", fingerprint(("static",), "*", str(static))) as due:
        if due or not static.exists():
            manage("collectstatic", "--noinput", "--clear", "-v0", env=environments.staff())
    with stamps.step("demo data", place) as due:
        if due:
            environment = {**environments.owner(), "DATABASE_URL": servers.databases.roles["web"]}
            manage("seed_demo", env=environment, tells=True)


def prepare_database(servers: Servers, environments: Environments) -> None:
    """Roles and database by the superuser, where we have one; tables by the owner."""
    if servers.databases.superuser:
        manage("bootstrap_database", env=environments.bootstrap())
    manage("migrate", "--noinput", "-v0", env=environments.owner())
