"""Invite the first administrator. Nobody else is ever made on the console."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts import audit, database
from accounts.choices import Role
from accounts.exceptions import NotAllowed, WrongState
from accounts.forms import InviteForm
from accounts.models import User
from accounts.services import people

ACCEPTANCE = (
    "There are no key keepers yet. Until there are three, whoever loses password, phone and printed recovery code loses"
    " her cases: nobody can open them again. Somebody who decides for the organisation has to accept this in writing:"
    ' repeat the command with --accept-loss "Name and function".'
)


class Command(BaseCommand):
    help = "Invite the first administrator and print her link. Runs as the owner, while nobody has enrolled yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--login-name", required=True, help="small letters, cannot be changed later")
        parser.add_argument("--display-name", required=True)
        parser.add_argument("--address", required=True, help="e-mail address")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE)
        parser.add_argument(
            "--accept-loss", default="", metavar="NAME", help="who accepts that lost keys mean lost cases"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SIDRO_PROCESS != "owner":
            raise CommandError("bootstrap runs as the owner: SIDRO_PROCESS=owner and OWNER_DATABASE_URL.")
        accepted_by = options["accept_loss"].strip()
        if not 3 <= len(accepted_by) <= 120 or "\0" in accepted_by:
            raise CommandError(ACCEPTANCE)
        person = self.checked(options)
        try:
            with audit.outer_transaction():
                database.value("loss_accept", accepted_by)
                token = self.invite(person)
        except (NotAllowed, database.Refused):
            raise CommandError("Somebody has enrolled already. Invite people on the page “People”.") from None
        except WrongState as wrong:
            raise CommandError(wrong.message) from None
        self.stdout.write("Link of the first administrator. It works once, for seven days, and is kept nowhere:\n")
        self.stdout.write(f"{settings.STAFF_URL.rstrip('/')}{reverse('accounts:enrol_link', args=[token])}")

    def checked(self, options: dict[str, Any]) -> dict[str, Any]:
        """The same rules as on the page for inviting."""
        names = ("login_name", "display_name", "address", "language")
        form = InviteForm({**{name: options[name] for name in names}, "roles": [Role.ADMINISTRATOR]})
        if form.is_valid():
            return form.cleaned_data
        lines = [f"--{name.replace('_', '-')}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]
        raise CommandError("\n".join(lines))

    def invite(self, person: dict[str, Any]) -> str:
        """A first link, or a new one where the first got lost."""
        invited = database.value("first_invited", person["login_name"])
        if invited is not None:
            return people.renew_invitation(person=User(pk=invited), by=None)
        return people.invite(**person, by=None)[1]
