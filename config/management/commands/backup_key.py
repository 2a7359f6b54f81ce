"""Make the keys of coming months' backups; print the private halves for the keepers' paper."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import crypto
from config.database.definer import NoOwner, owner


class Command(BaseCommand):
    help = "Make the keys that backups are sealed to, one a month. The codes are shown once: they belong on paper."
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--months", type=int, default=1, help="how many months, beginning with this one")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["months"] <= 24:
            raise CommandError("--months is a number from 1 to 24.")
        try:
            made = [self.made(month) for month in coming(timezone.localdate(), options["months"])]
        except NoOwner as problem:
            raise CommandError(str(problem)) from None
        for line in filter(None, made):
            self.stdout.write(line)
        if not any(made):
            self.stdout.write("These months have their keys already.")

    def made(self, month: str) -> str:
        """Month and code; nothing where the month has a key."""
        pair = crypto.new_pair()
        print_ = crypto.fingerprint(pair.public)
        with owner() as connection:
            row = connection.execute("SELECT app.backup_key_add(%s, %s, %s)", [month, pair.public, print_.hex()])
            new = row.fetchone() == (True,)
        return f"{month}  {crypto.code_of(pair.private)}" if new else ""


def coming(today: date, number: int) -> list[str]:
    """This month and those after it."""
    first = today.year * 12 + today.month - 1
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, first + number)]
