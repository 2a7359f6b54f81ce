"""Closed: a password opens a key, and only its owner can change it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Closed: a password opens a key, and only its owner can change it."
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("anything", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "Nobody can set a person's password: it opens her key. She comes back with her printed recovery code on /recover."
        )
