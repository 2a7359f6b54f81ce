"""Check that no entry of the audit log was changed, taken out, moved or cut off."""

from datetime import date
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.database import chain
from config.database.definer import NoOwner, owner

WRITTEN = "An anchor is written SEQUENCE:HEX, as this command prints it, or SEQUENCE:HEX@2026-11-22."


class Command(BaseCommand):
    help = "Compute the chain of the audit log anew. Exit status 1 names the first entry that is not as it was written."
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="SEQUENCE:HEX[@DAY]",
            help="a head that was kept elsewhere, with the day of its mail (2026-11-22) where there was a restore; repeatable",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = [anchor(text) for text in options["anchor"]]
        try:
            with owner() as connection, connection.transaction():
                # One picture of log and head, though somebody writes meanwhile.
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                anchors = [*given, *chain.stored_anchors(connection)]
                verdict = self.verified(connection, anchors)
        except NoOwner as problem:
            raise CommandError(str(problem)) from None
        except chain.Broken as broken:
            raise CommandError(f"The audit log is broken at {broken}.") from None
        for old, restore in verdict.explained:
            self.stdout.write(
                f"Entry {old.sequence} was kept on {old.day} and is gone: entry {restore.sequence} says that the database"
                f" was restored on {restore.day}. Ask who did it, and hold {old.sequence}:{old.hash.hex()} against the backup."
            )
        self.stdout.write(f"{verdict.count} entries, {len(anchors)} anchors, last hash:")
        self.stdout.write(f"{verdict.count}:{verdict.hash.hex()}")

    def verified(self, connection: psycopg.Connection, anchors: list[chain.Anchor]) -> chain.Verdict:
        return chain.verify(chain.stored_entries(connection), head=chain.stored_head(connection), anchors=anchors)


def anchor(text: str) -> chain.Anchor:
    """A head as this command prints it, and as it is mailed; the day of the mail may stand behind it. Raises CommandError."""
    written, _at, day = text.partition("@")
    sequence, _colon, digest = written.partition(":")
    try:
        found = chain.Anchor(int(sequence), bytes.fromhex(digest), date.fromisoformat(day) if day else None)
    except ValueError:
        raise CommandError(WRITTEN) from None
    if found.sequence < 1 or len(found.hash) != len(chain.START):
        raise CommandError(WRITTEN)
    return found
