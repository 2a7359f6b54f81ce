"""What the two commands that restore have in common."""

import getpass
import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import ledger, restoring, sealed_file
from config.backup.dump import Failed


class RestoreCommand(BaseCommand):
    """Takes a file and the keepers' code, restores into a database, and says what was proved."""

    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key-file", type=Path, help="holds the keepers' code; without it the code is asked for")
        parser.add_argument("--ledger", type=Path, help="the ledger of erasures, instead of ERASURE_LEDGER")

    def handle(self, *args: Any, **options: Any) -> None:
        addresses = [os.environ.get(name, "") for name in ("SUPERUSER_DATABASE_URL", "OWNER_DATABASE_URL")]
        if not all(addresses):
            raise CommandError("SUPERUSER_DATABASE_URL and OWNER_DATABASE_URL must be set.")
        try:
            with options["file"].open("rb") as source:
                month = sealed_file.read_head(source)["month"]
                self.prove(source, addresses, self.code(options, month), self.book(options), options)
        except (Failed, OSError) as problem:
            raise CommandError(str(problem)) from None
        except sealed_file.Damaged:
            raise CommandError("This is not a backup, or it was changed.") from None

    def book(self, options: dict[str, Any]) -> ledger.Ledger:
        """The ledger. Raises Failed where there is none: then erased people would come back."""
        path = options["ledger"] or (Path(settings.ERASURE_LEDGER) if settings.ERASURE_LEDGER else None)
        if path is None:
            raise Failed("ERASURE_LEDGER is not set: without the ledger erased people would come back.")
        return ledger.read(path)

    def code(self, options: dict[str, Any], month: str) -> str:
        """The code of the month, from a file or typed."""
        if options["key_file"]:
            return options["key_file"].read_text()
        if not sys.stdin.isatty():
            return sys.stdin.readline()
        return getpass.getpass(f"Code of the keepers for {month}: ")

    def prove(self, source: Any, addresses: list[str], code: str, book: ledger.Ledger, options: dict[str, Any]) -> None:
        raise NotImplementedError

    def told(self, proof: restoring.Proof, number: int) -> None:
        """What was proved, in numbers."""
        self.stdout.write(
            f"{proof.rows} rows as when the backup was made; {proof.entries} entries of the log, its chain and its head"
            f" fit; {number} erasures in the ledger, {proof.erased_again} of them done again; nothing erased is there."
        )
