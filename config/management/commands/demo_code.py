"""Print the present code of a demo account's second factor."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import totp
from accounts.demo import demo_totp_secret


class Command(BaseCommand):
    help = "Print the code that the phone of a demo account would show now. Practice installations only."
    requires_system_checks: list = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="sign-in name, for example ana")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SIDRO_MODE != "demo":
            raise CommandError("There are demo accounts in a practice installation only (make run).")
        self.stdout.write(totp.current_code(demo_totp_secret(options["user"])))
