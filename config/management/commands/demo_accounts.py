"""Print the accounts of the practice installation."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.choices import Role
from accounts.demo import demo_keeper_code
from config.demo.people import ACCOUNTS, KEEPERS, LAST, PASSWORD

FIRST_STEPS = """
Try first:
  1. Sign in as ana: the code comes from `make code U=ana`. Her desk shows what is due today.
  2. New requests: open one, acknowledge it, accept it as a case.
  3. Sign in as lana in another browser: she reads her cases, no names, and is asked onto another.
  4. As koka open the work board; as vera look for any case: there is none for her.
  5. ljilja reads the words of her key to boba; boba vouches; ana seals the keys; ljilja accepts."""


class Command(BaseCommand):
    help = "Print names, roles and password of the demo accounts, and codes of the key keepers. Practice installations only."
    requires_system_checks: list = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There are demo accounts in a practice installation only (make run).")
        self.stdout.write(f"Password of all accounts: {PASSWORD}")
        self.stdout.write("Code of the second factor: make code U=ana (or another name; a code is good once)\n")
        for account in ACCOUNTS:
            roles = ", ".join(str(Role(role).label).lower() for role in account.roles)
            name = account.login_name if account is not LAST else f"({account.login_name})"
            self.stdout.write(f"  {name:8} {roles:15} {account.task}")
        self.stdout.write("\nCodes of the key keepers, for the page /keeper (two open somebody's key, two days apart):")
        for keeper in KEEPERS:
            self.stdout.write(f"  {keeper.name:8} {demo_keeper_code(keeper.name)}")
        self.stdout.write(FIRST_STEPS)
