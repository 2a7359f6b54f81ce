"""How the permission matrix is asked: one world, one sign-in for each actor, and requests that leave nothing behind."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from http.cookies import SimpleCookie
from typing import NamedTuple

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import NoReverseMatch

from tests.cast import ROLES, Cast
from tests.conftest import EMPTIED, as_definer

FORM = "application/x-www-form-urlencoded"


class Question(NamedTuple):
    """Who asks for which page how, and the status that she is to get. `name` is that of the URL."""

    name: str
    method: str
    actor: str
    wanted: int
    typed: str = ""


class Browsers:
    """Everybody's browser: the cookies that the sign-in form gave her, as fresh for each request as for the first."""

    def __init__(self, cast: Cast, address: Callable[[str], str]) -> None:
        self._address = address
        self._cookies = {"nobody": SimpleCookie(), **{name: cast.client(name).cookies for name in ROLES}}

    def ask(self, question: Question) -> str:
        """The status, with the exception if the page failed with one."""
        client = Client(raise_request_exception=False)
        client.cookies = deepcopy(self._cookies[question.actor])
        try:
            address = self._address(question.name)
        except NoReverseMatch as error:
            return repr(error)
        answer = client.generic(question.method, address, question.typed, content_type=FORM)
        failed = getattr(answer, "exc_info", None)
        return f"{answer.status_code} {failed[1]!r}" if failed else str(answer.status_code)

    def ask_and_undo(self, question: Question) -> str:
        """The same in a transaction that is rolled back: what the page takes for its own is a savepoint of it.

        With it goes who acted. What PostgreSQL would have checked at the end of the request is checked before.
        """
        try:
            with transaction.atomic():
                got = self.ask(question)
                connection.check_constraints()
                transaction.set_rollback(True)
        except Error as error:
            return f"could not be committed: {error!r}"
        return got


def assert_answered(ask: Callable[[Question], str], questions: Iterable[Question]) -> None:
    """Ask everything, then name each answer that is not the wanted one, a line each."""
    answered = [(question, ask(question)) for question in questions]
    wrong = [
        f"{asked.method:6} {asked.name:32} {asked.actor:7} got {got}, wanted {asked.wanted}"
        for asked, got in answered
        if got != str(asked.wanted)
    ]
    if wrong:
        pytest.fail("\n".join([f"{len(wrong)} of {len(answered)} answers:", *wrong]), pytrace=False)


@contextmanager
def nothing_is_left_behind() -> Iterator[None]:
    """Every row of every table is afterwards what it was before."""
    before = _rows()
    yield
    assert _rows() == before


def _rows() -> dict[str, str]:
    digest = "SELECT coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM {} t"
    with as_definer() as definer:
        return {table: definer.execute(digest.format(table)).fetchone()[0] for table in EMPTIED}
