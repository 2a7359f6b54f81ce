"""Fill a practice installation with invented people, requests and cases, through the real services.

Two processes, because no process holds both rights: as the owner it invites the first administrator and records the
accepted loss; then it starts itself again as the staff site, under role web, where everything else happens. At the
end, as the owner again, it puts what was done just now where it belongs in the year before (config/demo/past.py).
"""

import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import audit, database
from accounts.services import people
from config.database.definer import people_exist, person_exists
from config.demo.moments import Played
from config.demo.past import move
from config.demo.people import FIRST, LAST
from config.demo.story import tell

ACCEPTED_BY = "Practice installation"


class Command(BaseCommand):
    help = "Make the demo people, requests and cases. Runs once, as the owner with the keys of the staff site."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data belongs into a practice installation only (SIDRO_MODE=demo).")
        if settings.SIDRO_PROCESS == "staff":
            played = tell(token=sys.stdin.readline().strip(), say=self.stderr.write)
            self.stdout.write(json.dumps([(step.began, step.ended, step.earlier) for step in played]))
            return
        if not os.environ.get("DATABASE_URL"):
            raise CommandError("DATABASE_URL must name the role of the staff site.")
        if not people_exist():
            self.seed()
        elif person_exists(LAST.login_name):
            self.stdout.write("The demo data is there already; nothing was changed.")
        else:
            raise CommandError("This database has people already. Begin with an empty one (make clean-data).")

    def seed(self) -> None:
        with audit.outer_transaction():
            database.value("loss_accept", ACCEPTED_BY)
            _id, token = people.invite(
                login_name=FIRST.login_name,
                display_name=FIRST.display_name,
                roles=list(FIRST.roles),
                language=FIRST.language,
                address=FIRST.address,
                by=None,
            )
        environment = {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"}
        answer = subprocess.run(
            [sys.executable, "manage.py", "seed_demo"],
            cwd=settings.BASE_DIR,
            input=f"{token}\n",
            text=True,
            env={**environment, "SIDRO_PROCESS": "staff"},
            stdout=subprocess.PIPE,  # progress, and what went wrong, are told while they happen
            check=False,
        )
        if answer.returncode:
            raise CommandError("The demo data is incomplete; run `make clean-data`. Why stands above.")
        move(Played(*step) for step in json.loads(answer.stdout))
        self.stdout.write("Demo data is there.")
