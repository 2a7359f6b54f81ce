"""A new administrator, after the last one has lost everything: announced to everybody, done a day later."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from accounts import audit, database
from accounts.choices import Role
from accounts.exceptions import NotAllowed, WrongState
from accounts.forms import InviteForm
from accounts.services import people


class Command(BaseCommand):
    help = (
        "Invite a new administrator although nobody on the page can. Runs as the owner. The first call tells everybody;"
        " 24 hours later the same call prints her link, unless somebody has stopped it. No key of a case is involved."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--login-name", required=True, help="small letters; not that of the old account")
        parser.add_argument("--display-name", required=True)
        parser.add_argument("--address", required=True, help="e-mail address")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SIDRO_PROCESS != "owner":
            raise CommandError("restore_administrator runs as the owner: SIDRO_PROCESS=owner and OWNER_DATABASE_URL.")
        names = ("login_name", "display_name", "address", "language")
        form = InviteForm({**{name: options[name] for name in names}, "roles": [Role.ADMINISTRATOR]})
        if not form.is_valid():
            raise CommandError(form.errors.as_text())
        try:
            with audit.outer_transaction():
                due = database.value("administrator_restore")
                token = self.invite(form.cleaned_data) if due <= timezone.now() else ""
        except (NotAllowed, WrongState, database.Refused) as refused:
            raise CommandError(getattr(refused, "message", "") or "The database refused.") from None
        if not token:
            at = timezone.localtime(due).strftime("%Y-%m-%d %H:%M %Z")
            self.stdout.write("Everybody has been told. Anybody can stop it on the page “When two people are needed”.")
            self.stdout.write(f"Run the same command again after {at}, within seven days.")
            return
        self.stdout.write("Link of the new administrator. It works once, for seven days, and is kept nowhere:\n")
        self.stdout.write(f"{settings.STAFF_URL.rstrip('/')}{reverse('accounts:enrol_link', args=[token])}")

    def invite(self, person: dict[str, Any]) -> str:
        """Her invitation, and the end of the announcement, in one transaction."""
        person_id, token = people.invite(**person, by=None)
        database.value("administrator_restored", person_id)
        return token
