"""Prove that a backup can be restored: into a scratch database that is removed again."""

import secrets
from typing import Any

from config.backup import ledger, restoring
from config.backup.command import RestoreCommand


class Command(RestoreCommand):
    help = "Restore a backup into a scratch database, prove counts, chain and erasures, and remove it again."

    def prove(self, source: Any, addresses: list[str], code: str, book: ledger.Ledger, options: dict[str, Any]) -> None:
        superuser, owner = addresses
        name = f"{restoring.SCRATCH}{secrets.token_hex(4)}"
        try:
            proof = restoring.restore(
                source, code=code, superuser_url=superuser, owner_url=owner, database=name, book=book
            )
        finally:
            restoring.drop(superuser, name)
        self.told(proof, len(book.lines))
