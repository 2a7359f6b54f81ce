"""Measure, and say whether the limits hold: one JSON object a line, nothing else on standard output."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.bench.house import House
from config.bench.measures import MEASURES, RUNS

CASES, USERS = 20_000, 200


class Command(BaseCommand):
    help = (
        "Measure on fresh servers (make bench). Sizes come from CASES, USERS and RUNS. Exit status 0: all limits hold."
    )
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=sorted(MEASURES), help="measure this only")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SIDRO_MODE != "test":
            raise CommandError("Measured on servers of its own only: make bench.")
        self.stderr.write(f"Load of this machine before: {os.getloadavg()[0]:.1f}; a busy one makes times longer.")
        home = House(cases=size("CASES", CASES), users=size("USERS", USERS))
        chosen = [options["only"]] if options["only"] else list(MEASURES)
        held = True
        for name in chosen:
            for line in MEASURES[name](home, size("RUNS", RUNS)):
                self.stdout.write(line.text())
                held = held and line.holds
        if not held:
            sys.exit(1)


def size(name: str, usual: int) -> int:
    """A size from the environment. Raises CommandError."""
    text = os.environ.get(name) or str(usual)
    if not text.isdigit() or int(text) < 1:
        raise CommandError(f"{name} must be a number from 1.")
    return int(text)
