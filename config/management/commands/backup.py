"""A backup, sealed to this month's key, whole or not at all."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup.dump import Failed, backup, clear_old


class Command(BaseCommand):
    help = "Dump the database as role backup (BACKUP_DATABASE_URL), sealed to this month's key, into a folder."
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, metavar="FOLDER")
        parser.add_argument("--keep-old", action="store_true", help="do not remove backups whose time is over")

    def handle(self, *args: Any, **options: Any) -> None:
        url, folder = os.environ.get("BACKUP_DATABASE_URL", ""), Path(options["to"])
        if not url:
            raise CommandError("BACKUP_DATABASE_URL is not set: a backup is made as the role that reads every row.")
        try:
            made = backup(url, folder)
        except Failed as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{made} ({made.stat().st_size} bytes)")
        for name in [] if options["keep_old"] else clear_old(folder):
            self.stdout.write(f"removed {name}: its time is over; the keepers destroy the key of its month")
