"""Check that no entry of the audit log was changed, taken out, moved or cut off."""

from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.database import chain
from config.database.definer import NoOwner, owner


class Command(BaseCommand):
    help = "Compute the chain of the audit log anew. Exit status 1 names the first entry that is not as it was written."
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="SEQUENCE:HEX",
            help="a head that was kept elsewhere; repeatable",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        anchors = dict(anchor(text) for text in options["anchor"])
        try:
            with owner() as connection, connection.transaction():
                # One picture of log and head, though somebody writes meanwhile.
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                verdict = self.verified(connection, anchors)
        except NoOwner as problem:
            raise CommandError(str(problem)) from None
        except chain.Broken as broken:
            raise CommandError(f"The audit log is broken at {broken}.") from None
        self.stdout.write(f"{verdict.count} entries, {len(anchors)} anchors, last hash:")
        self.stdout.write(f"{verdict.count}:{verdict.hash.hex()}")

    def verified(self, connection: psycopg.Connection, anchors: dict[int, bytes]) -> chain.Verdict:
        return chain.verify(chain.stored_entries(connection), head=chain.stored_head(connection), anchors=anchors)


def anchor(text: str) -> tuple[int, bytes]:
    """A head as this command prints it. Raises CommandError."""
    sequence, _colon, digest = text.partition(":")
    try:
        number, hash_ = int(sequence), bytes.fromhex(digest)
    except ValueError:
        raise CommandError("An anchor is written SEQUENCE:HEX, as this command prints it.") from None
    if number < 1 or len(hash_) != len(chain.START):
        raise CommandError("An anchor is written SEQUENCE:HEX, as this command prints it.")
    return number, hash_
