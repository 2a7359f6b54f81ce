"""Put a backup back, into a new database; its doors open when everything was proved."""

from typing import Any

from django.core.management.base import CommandParser

from config.backup import ledger, restoring
from config.backup.command import RestoreCommand
from config.backup.dump import Failed


class Command(RestoreCommand):
    help = (
        "Restore a backup into a database that does not exist yet. Erasures are done again, the log says that it was"
        " restored, and only then may the roles connect. Needs SUPERUSER_DATABASE_URL and OWNER_DATABASE_URL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--database", required=True, help="name of the new database")

    def prove(self, source: Any, addresses: list[str], code: str, book: ledger.Ledger, options: dict[str, Any]) -> None:
        superuser, owner = addresses
        name = options["database"]
        try:
            proof = restoring.restore(
                source, code=code, superuser_url=superuser, owner_url=owner, database=name, book=book
            )
        except Failed as problem:
            raise Failed(f"{problem} Nobody was let in; remove what there is of {name} before you try again.") from None
        restoring.open_doors(superuser, name)
        self.told(proof, len(book.lines))
        self.stdout.write(
            f"The database {name} is open. Let the processes use it, then run verify_audit with an anchor."
        )
