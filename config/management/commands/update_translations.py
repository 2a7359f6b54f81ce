"""`make messages` and `make translations`: bring the catalogues in step with the source, or say where they are not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import translations
from config.launcher.folders import BASE
from config.launcher.translations import problems, sources


class Command(BaseCommand):
    help = "Read the texts of code and templates into locale/, and derive Serbian in Latin letters."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where something is missing")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            for path in translations.update():
                self.stdout.write(f"changed: {path.relative_to(BASE)}")
        found = sorted(translations.differences()) if check else []
        for source in sources():
            if source.parent.parent.name in translations.DERIVED:
                continue  # its origin says the same
            found += [f"{source.relative_to(BASE)}: {problem}" for problem in problems(source)]
        for line in found:
            self.stdout.write(line)
        self.stdout.write(f"{len(translations.extracted())} texts, {len(sources())} catalogues, {len(found)} problems")
        if found and check:
            raise CommandError("Run `make messages`, translate what is left (docs/translating.md), and run it again.")
