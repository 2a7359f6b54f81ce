"""Every page asked of everybody: what each may read is known, and everything else must not be on it."""

import io
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from django import forms
from django.core.handlers.base import BaseHandler
from django.db import transaction
from django.test import Client

from tests.canary.fields import FIELDS, OTHERS
from tests.canary.needles import Needles, letters
from tests.canary.places import statements
from tests.security.asking import Browsers
from tests.security.matrix import ACTORS, MATRIX, SHORT
from tests.security.world import World

READERS = {letters(field): who for field, who in {**FIELDS, **OTHERS}.items()}
TYPED = "typed.text"  # what is typed into every form: only its own writer reads it
# Forms whose texts stand readable in the database, because they are about the house and nobody else: see READABLE_TEXT
# in tests/security/test_classification.py.
READABLE = {
    "accounts:device_rename",
    "accounts:person_invite",
    "cases:letter_create",
    "cases:letter_change",
    "cases:project_list",
}


class Failure(RuntimeError):
    """What a view fails with on purpose; its text is the whole page."""


class Walk:
    """Answers of the site, and what was found in them."""

    def __init__(self, browsers: Browsers, world: World, needles: Needles) -> None:
        self._browsers, self._world, self.needles = browsers, world, needles
        self.seen: set[str] = set()
        self.hits: dict[str, set[str]] = {"headers": set(), "pages": set(), "errors": set()}
        self.bytes: dict[str, int] = dict.fromkeys(self.hits, 0)
        self.asked = self.failed = 0
        self.statements: set[bytes] = set()  # what the server was seen to run

    def everything(self) -> None:
        """Every page and every form, asked by everybody; then each once more while it fails, twice over."""
        for actor in ACTORS:
            self._ask("cases:request_detail", "GET", actor, address=f"/requests/{self._world.ids['referred']}")
        for (name, method), statuses in sorted(MATRIX.items()):
            for actor in ACTORS:
                self._ask(name, method, actor)
            welcome = next(
                (who for who, status in zip(ACTORS, statuses, strict=True) if who != "nobody" and status < 403), "ana"
            )
            for broken in (after_the_view, inside_the_view):
                with broken():
                    self._ask(name, method, welcome, fails=True)

    def journeys(self, forms_sent: dict[str, tuple[str, dict[str, object]]]) -> list[str]:
        """Forms that are accepted; returns those that were not."""
        found = {name: self._ask(name, "POST", who, typed=typed) for name, (who, typed) in forms_sent.items()}
        return [f"{name} {status}" for name, status in found.items() if status not in {200, 302}]

    def _ask(
        self,
        name: str,
        method: str,
        actor: str,
        *,
        fails: bool = False,
        typed: dict[str, object] | None = None,
        address: str = "",
    ) -> int:
        if typed is None:
            text = "Of the house" if name in READABLE else self.needles.text(TYPED)
            typed = form_data(text) if method == "POST" else {}
        client = Client(raise_request_exception=False)
        client.cookies = deepcopy(self._browsers._cookies[actor])
        address = address or self._world.address(name)
        if name in SHORT:
            answer = client.generic("GET", address) if method == "GET" else client.post(address, {} if fails else typed)
        else:
            with transaction.atomic():
                answer = client.get(address) if method == "GET" else client.post(address, typed)
                self.statements.add(statements())
                transaction.set_rollback(True)
        self.look_at(answer, name, method, actor)
        return answer.status_code

    def look_at(self, answer: Any, name: str, method: str, actor: str) -> None:
        """Hold one answer against what she may read."""
        self.asked += 1
        self.failed += answer.status_code == 500
        where = f"{method} {name} by {actor}"
        headers = {name.lower(): value for name, value in answer.headers.items()}
        saved_as = headers.pop("content-disposition", "")  # goes with the file to whoever may read it
        said = "\n".join(f"{name}: {value}" for name, value in headers.items())
        told = f"{answer.request['PATH_INFO']}?{answer.request['QUERY_STRING']}\n{said}".encode()
        body = b"".join(answer) if answer.streaming else answer.content
        self._note("headers", told, where, set())
        place = "errors" if answer.status_code >= 500 else "pages"
        self._note(place, saved_as.encode() + body, where, set() if place == "errors" else readable(actor))

    def _note(self, place: str, data: bytes, where: str, may_read: set[str]) -> None:
        self.bytes[place] += len(data)
        found = self.needles.find(data)
        if not found:
            return
        names = self.needles.names_in(data)
        self.seen |= names & may_read
        mine = {letters(TYPED)} if place != "headers" else set()
        plain = {"a canary (as it is)", "a canary (in capitals)"}
        wrong = {name for name in names if name not in may_read | mine}
        wrong |= {hit for hit in found if not hit.endswith("(by name)") and hit not in plain}
        self.hits[place] |= {f"{name}: {where}" for name in wrong}


def readable(actor: str) -> set[str]:
    return {name for name, who in READERS.items() if actor in who}


def form_data(text: str) -> dict[str, Any]:
    """The text under every name that a form of ours knows, and a file with it."""
    names = {name for form in _forms(forms.BaseForm) for name in getattr(form, "base_fields", {})}
    upload = io.BytesIO(text.encode())
    upload.name = f"{text}.txt"
    return {**dict.fromkeys(sorted(names), text), "file": upload}


def _forms(base: type) -> Iterator[type]:
    for form in base.__subclasses__():
        if form.__module__.startswith(("accounts.", "cases.", "referrals.")):
            yield form
        yield from _forms(form)


def after_the_view() -> Any:
    """The view has done its work and its savepoint is over; then it fails."""
    return _replaced(lambda usual: lambda handler, view: _failing(usual(handler, view)))


def inside_the_view() -> Any:
    """It fails inside its savepoint: all that it did is undone."""
    return _replaced(lambda usual: lambda handler, view: usual(handler, _failing(view, view)))


def _failing(view: Callable, like: Callable | None = None) -> Callable:
    def fails(request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = view(request, *args, **kwargs)
        raise Failure(getattr(answer, "content", b"").decode(errors="replace"))

    for mark in ("_non_atomic_requests",):
        if hasattr(like or view, mark):
            setattr(fails, mark, getattr(like or view, mark))
    return fails


class _replaced:
    """The handler's way to make a view atomic, replaced for a while."""

    def __init__(self, change: Callable) -> None:
        self._usual = BaseHandler.make_view_atomic
        self._changed = change(self._usual)

    def __enter__(self) -> None:
        BaseHandler.make_view_atomic = self._changed

    def __exit__(self, *_error: object) -> None:
        BaseHandler.make_view_atomic = self._usual
