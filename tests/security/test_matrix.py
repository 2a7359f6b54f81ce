"""Every URL, every method, every actor: the literal status of tests/security/matrix.py."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import Http404
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import database
from accounts.exceptions import NotAllowed
from accounts.marks import is_open, takes_short_transactions
from cases.access import get_case, get_request
from cases.models import Assignment, Case, HelpRequest
from cases.vault.models import Sealed
from tests.security.asking import Browsers, Question, assert_answered, nothing_is_left_behind
from tests.security.attack import run
from tests.security.matrix import ACTORS, MATRIX, OPEN, SEES, SHORT
from tests.security.world import World, build

# What is typed where an empty form would be answered before anybody asks who it is.
TYPED = {"cases:approval_answer": "answer=approve", "cases:offer_answer": "answer=accept"}


@pytest.fixture
def world(cast) -> World:
    return build(cast)


def all_urls() -> dict[str, object]:
    """Every named URL of the staff site with its view."""
    found: dict[str, object] = {}

    def walk(patterns: list, namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, pattern.namespace or namespace)
            elif isinstance(pattern, URLPattern):
                found[f"{namespace}:{pattern.name}"] = pattern.callback

    walk(get_resolver("config.urls").url_patterns, "")
    return found


def test_every_url_is_in_the_matrix():
    assert {name for name, _method in MATRIX} == set(all_urls())


def test_open_pages_and_pages_that_derive_keys_are_exactly_those_listed():
    assert {name for name, view in all_urls().items() if is_open(view)} == OPEN
    assert {name for name, view in all_urls().items() if takes_short_transactions(view)} == SHORT


def questions(*, short: bool) -> Iterator[Question]:
    """The whole matrix: of the pages that take short transactions, or of all others."""
    for (name, method), statuses in sorted(MATRIX.items()):
        if (name in SHORT) is short:
            typed = TYPED.get(name, "") if method == "POST" else ""
            for actor, status in zip(ACTORS, statuses, strict=True):
                yield Question(name, method, actor, status, typed)


def other_methods() -> Iterator[Question]:
    """Each method that the matrix does not name, asked by somebody whom the page lets in otherwise."""
    for name in sorted(all_urls()):
        welcome = [
            actor
            for (page, _method), statuses in MATRIX.items()
            for actor, status in zip(ACTORS, statuses, strict=True)
            if page == name and status < 400 and actor != "nobody"
        ]
        for method in ("GET", "POST", "PUT", "DELETE"):
            if (name, method) not in MATRIX:
                yield Question(name, method, (welcome or ["ana"])[0], 405)


@pytest.fixture
def browsers(cast, world, caplog) -> Browsers:
    caplog.set_level("ERROR", "django.request")  # refusals are what is asked for here; of the log, only faults matter
    return Browsers(cast, world.address)


def test_the_matrix(browsers):
    with nothing_is_left_behind():
        assert_answered(browsers.ask_and_undo, questions(short=False))


def test_the_matrix_of_pages_that_take_short_transactions(browsers):
    """Asked for real: inside one transaction, what the first says about who acts would reach the next.

    Each finds the world untouched as long as none of them, asked with an empty form, leaves anything behind.
    """
    with nothing_is_left_behind():
        assert_answered(browsers.ask, questions(short=True))


def test_a_method_that_is_not_in_the_matrix_is_refused(browsers):
    with nothing_is_left_behind():
        assert_answered(browsers.ask_and_undo, other_methods())


def test_access_and_postgresql_give_the_same_answer(cast, world):
    assert {actor: seen(cast, world, actor) for actor in SEES} == SEES


def seen(cast, world: World, actor: str) -> tuple[object, ...]:
    """What she sees of R, C, content, reach and identity of C."""
    with cast.acting(actor) as person:
        with suppress(database.Refused), transaction.atomic():
            database.value("identity_open", world.ids["case_id"], uuid4(), "contact")  # shut, it is shown to nobody
        purposes = {row[0] for row in run("SELECT purpose FROM vault_sealed WHERE case_id IS NOT NULL")}
        request = agreed(
            HelpRequest.objects.filter(code=world.request).exists(),
            Sealed.objects.filter(request__isnull=False).exists(),
            reached(lambda: get_request(person, world.request)),
        )
        case = agreed(
            Case.objects.filter(code=world.case).exists(),
            Assignment.objects.filter(state="live").exists(),
            reached(lambda: get_case(person, world.case)),
        )
    return (request, case, *(purpose in purposes for purpose in ("content", "reach", "identity")))


def agreed(*answers: bool) -> object:
    """The one answer to different ways to ask, or all of them where they differ."""
    return answers[0] if len(set(answers)) == 1 else answers


def reached(ask: Callable[[], object]) -> bool:
    """Whether access lets somebody through."""
    try:
        ask()
    except (Http404, NotAllowed):
        return False
    return True
