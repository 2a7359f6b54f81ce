"""The canary: every sealed field holds a unique string; afterwards it is in none of the places where it must not be.

`make canary` runs this and prints a line of JSON for each place; it takes some minutes and is left out of `make test`.
"""

import os
import tempfile
from pathlib import Path

import pytest

from accounts import crypto
from config.bench.lines import Line
from tests import keepers
from tests.canary import processes
from tests.canary.fields import CODED, FIELDS, KEYS, OTHERS
from tests.canary.needles import Needles, letters, new_mark
from tests.canary.places import Places
from tests.canary.seeding import before_the_world, journeys, open_the_card, seed
from tests.canary.walk import TYPED, Walk
from tests.conftest import as_definer
from tests.security.asking import Browsers
from tests.security.world import build

pytestmark = pytest.mark.skipif(not os.environ.get("CANARY"), reason="run by make canary")
# Shown on no page by itself: inside a file, or typed only.
NOT_SHOWN = {letters(name) for name in ("password",)}


@pytest.fixture
def needles(monkeypatch) -> Needles:
    """With every private half and every code for paper that is made from now on among them."""
    found = Needles(new_mark())
    usual, usual_code = crypto.new_pair, crypto.new_recovery_code

    def new_pair() -> crypto.Pair:
        pair = usual()
        found.add("a private key", pair.private)
        return pair

    def new_code() -> str:
        code = usual_code()
        found.add("a code on paper", code)
        found.add("a code on paper, without dashes", code.replace("-", ""))
        return code

    found.add("a new password", keepers.NEW)
    monkeypatch.setattr(crypto, "new_pair", new_pair)
    monkeypatch.setattr(crypto, "new_recovery_code", new_code)
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where this run's temporary files go."""
    own = tmp_path / "tmp"
    own.mkdir()
    monkeypatch.setenv("TMPDIR", str(own))
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    return own


@pytest.mark.django_db(transaction=True)
def test_no_canary_is_where_it_must_not_be(cast, needles, folder, monkeypatch, capfd, settings):
    settings.AUDIT_HEAD_RECIPIENTS = ["log@partner.example"]
    before_the_world(needles, monkeypatch)
    world = build(cast)
    seed(cast, world, needles)
    browsers = Browsers(cast, world.address)
    for name, cookies in browsers._cookies.items():
        for cookie in (settings.SESSION_COOKIE_NAME, settings.UNLOCK_COOKIE_NAME):
            if cookie in cookies:
                needles.add(f"a cookie of {name}", cookies[cookie].value)
    written = fields_in_the_database()
    client = _browser(browsers, "ana")
    open_the_card(cast, world, needles, client)
    written |= fields_in_the_database()

    walk = Walk(browsers, world, needles)
    refused = walk.journeys(journeys(cast, needles.text(TYPED)))
    walk.everything()
    places = Places(folder, Path(os.environ["SIDRO_POSTGRES_LOG"]).parents[1])
    places.said += [
        processes.site(folder, world, {name: morsel.value for name, morsel in browsers._cookies["ana"].items()}),
        processes.worker(folder),
        processes.commands(folder),
    ]
    places.said.append("".join(capfd.readouterr()).encode())
    places.statements = walk.statements

    report(walk, places, needles, written, refused)


def fields_in_the_database() -> set[str]:
    with as_definer() as definer:
        found = definer.execute("SELECT field FROM vault_sealed UNION SELECT field FROM vault_letter").fetchall()
    return {name for (name,) in found}


def _browser(browsers: Browsers, name: str):
    from copy import deepcopy

    from django.test import Client

    client = Client()
    client.cookies = deepcopy(browsers._cookies[name])
    return client


def report(walk: Walk, places: Places, needles: Needles, written: set[str], refused: list[str]) -> None:
    """A line for each place, a line for each control; and in words what was found where."""
    lines, told = [], []

    def line(name: str, hits: list[str], size: int, unit: str = "bytes searched") -> None:
        lines.append(Line(name, len(hits), "hits", unit, size, 0))
        told.extend(f"{name}: {hit}" for hit in hits)

    for found in places.search(needles):
        line(f"canary in {found.place}", found.hits, found.size)
    names = {
        "headers": "addresses and headers",
        "pages": "pages of whoever may not read it",
        "errors": "pages of errors",
    }
    for place, words in names.items():
        line(f"canary in {words}", sorted(walk.hits[place]), walk.bytes[place])
    declared = set(FIELDS) | CODED | KEYS
    line("sealed fields that were not written", sorted(declared - written), len(declared), "fields declared")
    line("sealed fields that are not declared", sorted(written - declared), len(written), "fields written")
    readable = {letters(name) for name in [*FIELDS, *OTHERS]} - NOT_SHOWN
    line("canaries that nobody was shown who may read them", sorted(readable - walk.seen), walk.asked, "pages asked")
    line("forms that should have been accepted", refused, walk.asked, "pages asked")
    line(
        "failures that were forced and did not come",
        [] if walk.failed > 100 else ["too few"],
        walk.failed,
        "answers 500",
    )
    control = Needles(new_mark())
    places.plant(control)
    for found in places.search(control):
        line(f"planted in {found.place} and not found", [] if found.hits else ["nothing"], found.size)
    for place, words in names.items():
        hits = planted(walk, control, place)
        line(f"planted in {words} and not found", [] if hits else ["nothing"], 1, "answers")
    Path(os.environ["CANARY"]).write_text("".join(f"{one.text()}\n" for one in lines))
    assert not told, "\n".join(told)


def planted(walk: Walk, control: Needles, place: str) -> set[str]:
    """The control of the walk: an answer that has a canary in this place."""
    from django.http import HttpResponse

    other = Walk(walk._browsers, walk._world, control)
    text = control.text("note.text")
    answer = HttpResponse("" if place == "headers" else f"<p>{text}</p>", status=500 if place == "errors" else 200)
    if place == "headers":
        answer["Location"] = f"/cases/?q={text}"
    answer.request = {"PATH_INFO": "/", "QUERY_STRING": ""}
    other.look_at(answer, "planted", "GET", "koka")
    return other.hits[place]
