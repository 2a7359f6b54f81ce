"""Starts PostgreSQL and the broker of one folder, or takes those that the environment names."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.launcher import databases, postgres
from config.launcher.broker import open_broker
from config.launcher.databases import Databases
from config.launcher.folders import own_folder
from config.launcher.supervisor import Service, Supervisor


@dataclass(frozen=True)
class Servers:
    """Where the servers are, and whether the cluster was made just now."""

    databases: Databases
    broker: str
    postgres_log: Path
    new: bool


def start_servers(
    supervisor: Supervisor, *, data: Path, sockets: Path, kept: Mapping, fast: bool = False, own: bool = False
) -> Servers:
    """Start what is not given by the environment; `own` ignores the environment (tests never touch foreign data)."""
    logs = own_folder(data / "log")
    given = None if own else databases.from_environment(kept)
    new = False
    if given is None:
        given, new = start_postgres(supervisor, data=data, sockets=sockets, kept=kept, fast=fast, log=logs)
    broker = "" if own else os.environ.get("REDIS_URL", "")
    return Servers(
        given,
        broker or start_broker(supervisor, data=data, sockets=sockets, kept=kept, log=logs),
        logs / "postgres.log",
        new,
    )


def start_postgres(
    supervisor: Supervisor, *, data: Path, sockets: Path, kept: Mapping, fast: bool, log: Path
) -> tuple[Databases, bool]:
    """Our own cluster: made, cleared of what a kill left, started, answering."""
    password = kept["superuser_password"]
    cluster, new = postgres.open_cluster(data, sockets, password=password, fast=fast)
    service = Service(
        "postgres",
        cluster.command(),
        postgres.environment(),
        log / "postgres.log",
        stage=0,
        stop_signal=signal.SIGINT,  # fast shutdown; SIGTERM would wait for every client
        cwd=Path("/"),
        identity=cluster.identity,
        before=lambda: postgres.clear_stale(cluster),
    )
    addresses = databases.of_cluster(cluster, kept)
    supervisor.start(service)
    supervisor.wait_for(service, lambda: postgres.answers(str(addresses.superuser)))
    return addresses, new


def start_broker(supervisor: Supervisor, *, data: Path, sockets: Path, kept: Mapping, log: Path) -> str:
    """Our own broker; gives its address."""
    broker = open_broker(data, sockets, password=kept["broker_password"])
    service = Service("broker", broker.command(), postgres.environment(), log / "broker.log", stage=0)
    supervisor.start(service)
    supervisor.wait_for(service, broker.answers)
    return broker.url()


def addresses_of_running(*, data: Path, sockets: Path, kept: Mapping) -> Servers:
    """The same addresses without starting anything: another launcher holds the servers."""
    given = databases.from_environment(kept)
    if given is None:
        cluster, _new = postgres.open_cluster(data, sockets, password=kept["superuser_password"])
        given = databases.of_cluster(cluster, kept)
    broker = os.environ.get("REDIS_URL") or open_broker(data, sockets, password=kept["broker_password"]).url()
    return Servers(given, broker, data / "log" / "postgres.log", new=False)
