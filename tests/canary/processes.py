"""Real processes beside the test's own: the staff site, the worker with every task, every command. Their output is kept."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.apps import apps
from django.core.management import get_commands

from config.celery import app
from tests.browser.conftest import free_port
from tests.conftest import as_definer
from tests.security.matrix import MATRIX
from tests.security.world import World

# Commands that are run, with their arguments; the others each with a reason.
RUN: dict[str, list[str]] = {
    "health": [],
    "verify_audit": [],
    "check_wraps": [],
    "drain": [],
    "generate_docs": ["--check"],
    "migrate": ["--check"],
    "changepassword": ["ana"],
    "createsuperuser": [],
    "backup_key": [],
    "restore_administrator": ["--login-name", "y", "--display-name", "Y", "--address", "y@example.org"],
    "bootstrap": ["--login-name", "x", "--display-name", "X", "--address", "x@example.org"],
}
NOT_RUN = {
    "backup": "tests/config/test_backup.py makes one and searches its file",
    "restore": "needs a backup and the keepers' code: tests/config/test_backup.py",
    "restore_test": "needs a backup and the keepers' code: tests/config/test_backup.py",
    "bench": "measures, on servers of its own",
    "bootstrap_database": "makes the roles before anything is there",
    "demo_accounts": "of the demo, whose people and texts are public",
    "demo_code": "of the demo, whose people and texts are public",
    "seed_demo": "of the demo, whose people and texts are public",
    "seed_scale": "invented cases for measuring",
    "update_translations": "reads the code only",
}
AS_OWNER = {
    "backup_key",
    "verify_audit",
    "check_wraps",
    "migrate",
    "bootstrap",
    "generate_docs",
    "restore_administrator",
}


def our_commands() -> set[str]:
    ours = {
        config.name
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in {"accounts", "cases", "config", "referrals"}
    }
    return {name for name, place in get_commands().items() if place in ours}


def commands(folder: Path) -> bytes:
    """Output of every command, whether it agrees or refuses."""
    told = []
    for name, arguments in sorted(RUN.items()):
        process = "owner" if name in AS_OWNER else "worker" if name == "drain" else "staff"
        environment = {**os.environ, "SIDRO_PROCESS": process, "TMPDIR": str(folder), **_mail(folder)}
        if process == "worker":
            environment["DATABASE_URL"] = os.environ["WORKER_DATABASE_URL"]
        done = subprocess.run(
            [sys.executable, "manage.py", name, *arguments],
            env=environment, capture_output=True, check=False, timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        told += [done.stdout, done.stderr]
    return b"\n".join(told)


def _mail(folder: Path) -> dict[str, str]:
    (folder / "mail").mkdir(exist_ok=True)
    return {"EMAIL_URL": f"filemail:///{folder}/mail", "AUDIT_HEAD_RECIPIENTS": "log@partner.example"}


def worker(folder: Path) -> bytes:
    """Every task of the timetable, run by a real worker over the real broker; what it said."""
    log = folder / "worker.log"
    environment = {
        **os.environ,
        "SIDRO_PROCESS": "worker",
        "DATABASE_URL": os.environ["WORKER_DATABASE_URL"],
        "TMPDIR": str(folder),
        **_mail(folder),
    }
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config.celery",
        "worker",
        "--concurrency",
        "1",
        "--without-mingle",
        "--loglevel",
        "debug",
    ]
    with as_definer() as definer:
        definer.execute("DELETE FROM accounts_heartbeat")
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            for entry in app.conf.beat_schedule.values():
                app.send_task(entry["task"])
            _wait_for_tick()
            time.sleep(3)  # whatever was sent after it
        finally:
            process.terminate()
            process.wait(timeout=30)
    return log.read_bytes()


def _wait_for_tick() -> None:
    with as_definer() as definer:
        for _try in range(300):
            if definer.execute("SELECT EXISTS (SELECT 1 FROM accounts_heartbeat)").fetchone() == (True,):
                return
            time.sleep(0.2)
    raise TimeoutError("the worker did nothing")


def site(folder: Path, world: World, cookies: dict[str, str]) -> bytes:
    """Each page asked of a real staff site by the lead; its access log and its errors."""
    port, log = free_port(), folder / "site.log"
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2",
        "--log-level", "debug", "--access-logfile", "-", "--no-control-socket",
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env={**os.environ, "ALLOWED_HOSTS": "127.0.0.1", "TMPDIR": str(folder)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            for name in sorted(name for name, method in MATRIX if method == "GET"):
                _get(f"http://127.0.0.1:{port}{world.address(name)}", cookies)
        finally:
            process.terminate()
            process.wait(timeout=30)
    return log.read_bytes()


def _get(address: str, cookies: dict[str, str]) -> None:
    request = urllib.request.Request(
        address, headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    )
    for _try in range(100):
        try:
            urllib.request.urlopen(request, timeout=30).read()
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the staff site does not answer")
