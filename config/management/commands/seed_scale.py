"""Fill a practice or test installation with a large number of invented cases."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.bench.scale import Unfit, fill
from config.database.definer import NoOwner


class Command(BaseCommand):
    help = "Make many people and cases in bulk, as the owner. Never in production."
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, default=20_000)
        parser.add_argument("--users", type=int, default=200)
        parser.add_argument("--hundred", default="", metavar="NAME", help="who leads a hundred of the cases")
        parser.add_argument("--half", default="", metavar="NAME", help="who works on half of all cases")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Invented cases do not belong into a production database.")
        begun = time.monotonic()
        sizes = {name: options[name] for name in ("cases", "users", "hundred", "half")}
        try:
            fill(**sizes)
        except (Unfit, NoOwner) as problem:
            raise CommandError(str(problem)) from None
        seconds = time.monotonic() - begun
        self.stdout.write(f"{sizes['cases']} cases and {sizes['users']} people in {seconds:.0f} s.")
