"""Keeps processes running: starts them, starts again what dies, replaces a worker that has fallen silent.

Celery's main process can exit, or stay and do nothing, when the broker goes away (measured: docs/decisions). So the
worker's task touches a file at each tick, and a file three ticks old means a new worker.
"""

import itertools
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from config.launcher.children import Identity, end_all, spawn
from config.launcher.errors import LauncherError, say
from config.launcher.folders import BASE

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
HEALTHY_AFTER = 60.0  # seconds alive until the delay starts small again
MISSED_TICKS = 3
PATIENCE = 5.0


@dataclass(frozen=True)
class Heartbeat:
    """A file that must stay young."""

    file: Path
    tick: float
    grace: float = 30.0

    def silent(self, started: float) -> bool:
        """Whether three ticks passed without a sign, counted from the start-up grace at the earliest."""
        last = self.file.stat().st_mtime if self.file.exists() else 0.0
        return time.time() - max(last, started + self.grace) > MISSED_TICKS * self.tick


@dataclass
class Service:
    """One process: how it starts, how it is asked to stop, when in the order. Lower stages start first, stop last."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    stage: int = 1
    stop_signal: int = signal.SIGTERM
    death_signal: int = 0  # when the launcher is killed; 0 means the same as `stop_signal`
    cwd: Path = BASE
    identity: Identity | None = None
    before: Callable[[], None] | None = None
    heartbeat: Heartbeat | None = None
    process: subprocess.Popen | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    delay: float = field(default=FIRST_DELAY, init=False)
    again_at: float | None = field(default=None, init=False)


class Supervisor:
    """All the processes of one launcher."""

    def __init__(self) -> None:
        self.services: list[Service] = []

    def start(self, service: Service) -> None:
        """Start a service and look after it from now on."""
        if service not in self.services:
            self.services.append(service)
        if service.before:
            service.before()
        service.started = time.time()
        service.again_at = None
        service.process = spawn(
            service.command,
            env=service.env,
            log=service.log,
            cwd=service.cwd,
            identity=service.identity,
            death_signal=service.death_signal or service.stop_signal,
        )

    def named(self, name: str) -> Service:
        """The service of this name."""
        return next(service for service in self.services if service.name == name)

    def wait_for(self, service: Service, ready: Callable[[], bool], *, seconds: float = 30) -> None:
        """Wait until a service answers; if it dies first, show the end of its log."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if ready():
                return
            if service.process is None or service.process.poll() is not None:
                break
            time.sleep(0.05)
        lines = service.log.read_text(errors="replace").splitlines()[-15:]
        raise LauncherError("\n".join([f"{service.name} did not start. The end of {service.log}:", *lines]))

    def look(self) -> None:
        """One round: respawn the dead when their time has come, end the silent."""
        for service in self.services:
            if service.again_at is not None:
                if time.monotonic() >= service.again_at:
                    self.start(service)
            elif service.process and service.process.poll() is not None:
                self.plan_respawn(service, f"ended with status {service.process.returncode}")
            elif service.heartbeat and service.heartbeat.silent(service.started):
                self.plan_respawn(service, "gave no sign of life")

    def plan_respawn(self, service: Service, reason: str) -> None:
        """End what is left of its group, then start it again; each failure in a row doubles the delay."""
        if service.process:
            end_all([(service.process, service.stop_signal)], patience=PATIENCE)
        if time.time() - service.started > HEALTHY_AFTER:
            service.delay = FIRST_DELAY
        say(f"{service.name} {reason}; starting it again in {service.delay:.1f} s ({service.log})")
        service.again_at = time.monotonic() + service.delay
        service.delay = min(service.delay * 2, LONGEST_DELAY)

    def watch(self) -> None:
        """Look after everything until a signal interrupts."""
        while True:
            self.look()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop everything, the last stage first; the processes of one stage together."""
        ordered = sorted(self.services, key=lambda service: -service.stage)
        for _stage, group in itertools.groupby(ordered, key=lambda service: service.stage):
            end_all([(one.process, one.stop_signal) for one in group if one.process], patience=PATIENCE)
        self.services.clear()
