"""Django's migrate, then the declarative table of rights is applied: a migrated database is a protected one."""

import os

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate

from config.database.apply import apply


class Command(migrate.Command):
    help = "Migrate as the owner, then apply functions, row security, policies and rights."

    def handle(self, *args: object, **options: object) -> None:
        url = os.environ.get("OWNER_DATABASE_URL", "")
        if settings.SIDRO_PROCESS != "owner" or not url:
            raise CommandError("migrate runs as the owner: SIDRO_PROCESS=owner and OWNER_DATABASE_URL.")
        super().handle(*args, **options)
        with psycopg.connect(url, autocommit=True) as connection:
            key = bytes.fromhex(settings.CONTEXT_KEY)
            apply(connection, prefix=settings.DATABASE_ROLE_PREFIX, context_key=key)
        self.stdout.write("Rights and policies applied.")
