"""What the tests of guards share: a call past the site, refused with the guard, done without it."""

from dataclasses import dataclass

import pytest
from django.db import DatabaseError

from cases.choices import CaseRole
from tests.cases.helpers import assign, case_of, open_case
from tests.security.attack import plant, rewritten, run


@dataclass(frozen=True)
class Call:
    """Somebody calls a function; `guard` is the condition in it under which it answers `refusal`."""

    by: str
    function: str
    arguments: tuple
    refusal: str
    guard: str
    within: str = ""  # the function that has the guard, where another one calls it
    instead: str = "FALSE"  # what stands in its place when it is taken out
    stepped_up: bool = True

    def run(self, cast) -> None:
        cast.again(self.by)
        if not self.stepped_up:
            plant("UPDATE accounts_session SET stepped_up_at = NULL")
        with cast.acting(self.by):
            places = ", ".join("%s" for _one in self.arguments)
            run(f"SELECT app.{self.function}({places})", *self.arguments)


def a_case(cast):
    """Ana leads, Boba is the backup, Ceca works on it, Lana is its lawyer."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    assign(cast, code, "lana")
    with cast.acting("ana"):
        return code, case_of(code).pk


def met_and_taken_out(cast, call: Call) -> None:
    """The guard refuses; with it taken out the same call goes through."""
    with pytest.raises(DatabaseError, match=call.refusal):
        call.run(cast)
    with rewritten(call.within or call.function, call.guard, call.instead):
        call.run(cast)
