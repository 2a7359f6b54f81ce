"""How many queries each page asks of the database, for every address of the staff site."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.bench.house import House
from config.bench.lines import Line, Lines
from config.bench.things import make

LIMIT = 12
# Pages that gather from many places: the desk has a card for each kind of work; her copy is everything there is of her;
# accepting compares with her cases; the card and the people of a case say who may open it, asks to, or must not see it; a shift that is
# handed over is all that is open.
LIMITS = {
    "cases:case_detail": 24,
    "cases:desk": 30,
    "cases:case_export": 19,
    "cases:request_accept": 18,
    "cases:case_identity": 14,
    "cases:assignment_list": 14,
    "cases:handover": 14,
}
# Asked by every request: session, person, actor, log; savepoints are marks in the transaction, not queries.
FIXED = re.compile(
    r"app\W+(session_read|session_write|person_read|audit_append)\b|pg_catalog\.set_config|^(RELEASE )?SAVEPOINT"
)
# These need a link, a closed case, somebody who has left, a keeper or passkey of the house, a question of somebody else
# who works on the case, an ended request, a receipt, a date that nobody holds, a withdrawal of this minute, or what a form sends.
ELSEWHERE = {
    *("accounts:enrol", "accounts:enrol_link", "accounts:keeper_code", "accounts:keeper_link", "cases:case_reopen"),
    *("accounts:handover_name", "accounts:keeper_confirm", "accounts:keeper_retire"),
    *("cases:grant_detail", "cases:request_erase", "cases:erasure_detail", "cases:date_give"),
    *("cases:consent_error", "cases:consent_print"),
    *("accounts:device_rename", "accounts:device_remove", "accounts:totp_add"),
}
WHO = ("hundred", "warden", "board", "advocate", "half", "")  # the last has not signed in


def pages(home: House, _runs: int) -> Lines:
    """Every page that can be looked at, opened by the first person who may."""
    things = make(home)
    for name, parameters in sorted(addresses()):
        if name in ELSEWHERE:
            continue
        arguments = [_argument(home, things, name, parameter) for parameter in parameters]
        limit = LIMITS.get(name, LIMIT)
        outcome = _opened(home, reverse(name, args=arguments))
        if outcome != "post":
            yield Line(f"queries_{name}", outcome, "queries", limit=limit)


def addresses(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and parameters of each address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, f"{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", tuple(pattern.pattern.converters)


def _opened(home: House, address: str) -> Any:
    """Queries besides the fixed ones; "post" where it is not a page; None where nobody could open it."""
    for name in WHO:
        browser = home.browser(name)
        browser.get(address)  # what is read once for a whole process is not asked of each page
        with _counted() as asked:
            answer = browser.get(address)
        if answer.status_code == 405:
            return "post"
        if answer.status_code in {200, 204, 205} or (answer.status_code == 503 and address == "/health"):
            return len(asked)
    return None


@contextmanager
def _counted() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(execute: Callable, query: Any, parameters: Any, many: bool, context: dict) -> Any:
        text = query if isinstance(query, str) else query.as_string(None)
        if not FIXED.search(text):
            asked.append(text)
        return execute(query, parameters, many, context)

    with transaction.get_connection().execute_wrapper(note):
        yield asked


def _argument(home: House, things: dict[str, object], name: str, parameter: str) -> object:
    """What stands in an address: a record that somebody of WHO may open, or for a form that is only sent, any id."""
    if parameter == "code":
        return home.request_code if name.startswith("cases:request") else home.hundred_cases[0]
    return things.get(parameter, uuid4())
