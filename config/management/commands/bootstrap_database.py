"""Create the database roles and the database, as a superuser."""

import json
import os

import psycopg.conninfo
from django.core.management.base import BaseCommand, CommandError

from config.database.roles import bootstrap


class Command(BaseCommand):
    help = (
        "Create the roles and the database. Needs SUPERUSER_DATABASE_URL and ROLE_PASSWORDS, a JSON object such as"
        ' {"owner": "…", "web": "…", "door": "…", "worker": "…", "stats": "…", "backup": "…"}. Without a superuser'
        " use docs/roles.sql."
    )
    requires_system_checks: list = []

    def handle(self, *args: object, **options: object) -> None:
        url = os.environ.get("SUPERUSER_DATABASE_URL", "")
        owner_url = os.environ.get("OWNER_DATABASE_URL", "")
        if not url or not owner_url:
            raise CommandError("SUPERUSER_DATABASE_URL and OWNER_DATABASE_URL must be set.")
        owner = psycopg.conninfo.conninfo_to_dict(owner_url)
        prefix = str(owner["user"]).removesuffix("_owner")
        passwords = json.loads(os.environ.get("ROLE_PASSWORDS", "{}"))
        bootstrap(url, prefix=prefix, database=str(owner["dbname"]), passwords=passwords)
        self.stdout.write("Roles and database are there.")
