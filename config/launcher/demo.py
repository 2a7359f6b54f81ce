"""`make run`: everything on this machine, from nothing, until Ctrl-C."""

import contextlib
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from config.launcher.environment import Environments
from config.launcher.errors import LauncherError, say
from config.launcher.folders import data_folder, hold, own_folder, sockets_folder
from config.launcher.interrupts import interruptible, undisturbed
from config.launcher.secrets import load_secrets
from config.launcher.servers import start_servers
from config.launcher.steps import manage, prepare
from config.launcher.supervisor import Heartbeat, Service, Supervisor

TICK_SECONDS = 60.0
GUNICORN = "--workers 2 --worker-class gthread --threads 4 --graceful-timeout 3 --no-control-socket --error-logfile -"


def require_free(port: int) -> None:
    """Refuse a port that is taken, before anything is started."""
    if not is_free(port):
        raise LauncherError(
            f"Port {port} is in use or not allowed on this machine; choose another: `make run PORT=8100`."
        )


def is_free(port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError, OverflowError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def choose_ports() -> tuple[int, int, int]:
    """Staff site, public site, mail."""
    try:
        first = int(os.environ.get("PORT") or 8000)
    except ValueError:
        raise LauncherError("PORT must be a number.") from None
    for port in (first, first + 1):
        require_free(port)
    return first, first + 1, next(port for port in range(first + 2, first + 100) if is_free(port))


def site(name: str, port: int, env: dict[str, str], log: Path) -> Service:
    """One site under gunicorn, without an access log: who asked for what is nobody's business."""
    application = {"staff": "config.wsgi", "public": "config.wsgi_public"}[name]
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *GUNICORN.split()]
    return Service(name, command, env, log / f"{name}.log", stage=2)


def celery_services(environments: Environments, data: Path, log: Path, *, staff: str, mail: str) -> Iterator[Service]:
    """The worker with its heartbeat, and the clock that sends its ticks."""
    heartbeat = Heartbeat(data / "heartbeat", float(os.environ.get("SIDRO_TICK_SECONDS") or TICK_SECONDS))
    celery = [sys.executable, "-m", "celery", "-A", "config.celery"]
    worker = [*celery, "worker", "--pool", "prefork", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    env = environments.worker(staff=staff, mail=mail, heartbeat=heartbeat.file)
    # Killed with the launcher, not asked: a silent worker would not hear. Its claims survive that by design.
    yield Service("worker", worker, env, log / "worker.log", death_signal=signal.SIGKILL, heartbeat=heartbeat)
    schedule = own_folder(data / "beat") / "schedule"
    beat = [*celery, "beat", "--schedule", str(schedule), "--pidfile="]
    yield Service("beat", beat, environments.beat(), log / "beat.log", stage=2)


def site_answers(port: int) -> bool:
    """Whether the site gives any page without an error of its own."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/")
        return line.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def services(environments: Environments, data: Path, ports: tuple[int, int, int]) -> Iterator[Service]:
    """Every process that stays, besides the servers."""
    staff, public, mail = ports
    log, letters = data / "log", own_folder(data / "mail")
    addresses = [f"http://127.0.0.1:{port}" for port in (staff, public)]
    smtp = f"smtp://127.0.0.1:{mail}"
    keeper = [sys.executable, "-m", "config.launcher.mailbox", str(mail), str(letters)]
    yield Service("mail", keeper, environments.base, log / "mail.log", stage=1)
    yield site("staff", staff, environments.staff(address=addresses[0], mail=smtp), log)
    yield site("public", public, environments.public(address=addresses[1]), log)
    yield from celery_services(environments, data, log, staff=addresses[0], mail=smtp)


def run() -> int:
    """Start everything, wait for an interrupt, stop everything."""
    ports = choose_ports()
    data = data_folder()
    begun = time.monotonic()
    with hold(data / "lock", busy=f"Sidro is already running on {data}; stop it first, or set SIDRO_DATA and PORT."):
        supervisor = Supervisor()
        with interruptible():
            try:
                bring_up(supervisor, data, ports)
                say(f"Ready after {time.monotonic() - begun:.1f} s. Ctrl-C stops everything.")
                supervisor.watch()
            except KeyboardInterrupt:
                say("Stopping ...")
            finally:
                with undisturbed():
                    supervisor.stop()
    return 0


def bring_up(supervisor: Supervisor, data: Path, ports: tuple[int, int, int]) -> None:
    """Servers, database, sites, in this order."""
    kept = load_secrets(data)
    say("Sidro starts ...")
    servers = start_servers(supervisor, data=data, sockets=sockets_folder(data), kept=kept)
    static = data / "static"
    environments = Environments(
        mode="demo", kept=kept, databases=servers.databases, broker=servers.broker, static=static
    )
    prepare(servers, environments, data, static)
    for service in services(environments, data, ports):
        supervisor.start(service)
    accounts = manage("demo_accounts", env=environments.staff())
    supervisor.wait_for(supervisor.named("staff"), lambda: site_answers(ports[0]), seconds=60)
    supervisor.wait_for(supervisor.named("public"), lambda: site_answers(ports[1]), seconds=60)
    print(f"\nStaff site   http://127.0.0.1:{ports[0]}/\nPublic site  http://127.0.0.1:{ports[1]}/\n")
    print(accounts.strip())
    print("\nCode of the second factor:  make code U=<name>\nMail that was sent:         make mail")
    print(f"Logs:                       {data / 'log'}\n", flush=True)
