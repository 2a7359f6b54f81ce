"""Say which wrapped keys, permission rows and roles do not fit together: ids and codes, no content."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.database.definer import NoOwner, owner


class Command(BaseCommand):
    help = "Check every wrapped key against roles, grants and armed reach. Exit status 1 where one is out of order."
    requires_system_checks: list = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with owner() as connection:
                found = connection.execute(
                    "SELECT rule, record_id FROM app.wraps_out_of_order() ORDER BY 1, 2"
                ).fetchall()
        except NoOwner as problem:
            raise CommandError(str(problem)) from None
        for rule, record_id in found:
            self.stdout.write(f"{rule} {record_id}")
        if found:
            raise CommandError(f"{len(found)} out of order. What each code means: docs/operations.md.")
        self.stdout.write("Every key is in order.")
