"""Write the generated parts of docs/, or say which of them are not those of the code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.documents import NoMarkers, generated


class Command(BaseCommand):
    help = "Write docs/permissions.md, docs/roles.sql and the register in docs/architecture.md. Needs no database."
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit status 1 if something is old")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pages = generated()
        except NoMarkers as problem:
            raise CommandError(str(problem)) from None
        old = {path: text for path, text in pages.items() if not path.exists() or path.read_text() != text}
        if not options["check"]:
            for path, text in old.items():
                path.write_text(text)
                self.stdout.write(f"Written: docs/{path.name}")
        elif old:
            names = ", ".join(f"docs/{path.name}" for path in old)
            raise CommandError(f"Not those of the code: {names}. Run: make manage C=generate_docs")
