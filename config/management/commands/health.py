"""How the house is, in numbers, for whoever runs it. The page of the same name says only whether all is well."""

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError

from accounts.access import get_health, health_status


class Command(BaseCommand):
    help = "Print how long ago the worker ticked and how many mails wait or failed. Exit status 1 unless all is well."
    requires_system_checks: list = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = get_health()
        except (OperationalError, InterfaceError):
            told = {"status": "down"}
        else:
            told = {"status": health_status(found), **vars(found)}
        self.stdout.write(json.dumps(told))
        if told["status"] != "ok":
            raise SystemExit(1)
