"""The pages that the handbook shows open as it says; HANDBOOK=docs makes its pictures, and those of the README, anew."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

from tests.browser.small_world import build

pytestmark = pytest.mark.browser

DOCS = Path(__file__).resolve().parents[2] / "docs"
WIDTH = 1000
LARGEST = 120 * 1024


def as_it_is(_page: Page) -> None:
    """Nothing to do before the picture."""


def somebody_under_18(page: Page) -> None:
    page.get_by_label("Safe number or address to reach her").fill("+381 60 111 222")
    page.locator("[name=minor][value=now]").check()


def begin_call(page: Page) -> None:
    page.get_by_role("button", name="Call her").click()
    page.get_by_text("End the call").first.wait_for()


def choose_all(page: Page) -> None:
    for box in page.get_by_role("checkbox", name="Choose").all():
        box.check()
    page.get_by_role("button", name="Acknowledge those chosen").click()
    page.get_by_role("heading", name="Left out").wait_for()


class Shot(NamedTuple):
    """One picture: who opens what, what she does there, and which part is kept (from `top` down, `height` pixels)."""

    file: str
    who: str
    address: str
    height: int
    steps: Callable[[Page], None] = as_it_is
    top: str = "#main"
    language: str = "en"
    scheme: str = "light"


SHOTS = [
    Shot("handbook/pictures/desk.png", "ana", "/", 760),
    Shot("handbook/pictures/log.png", "ana", "/requests/new", 860, somebody_under_18),
    Shot("handbook/pictures/requests.png", "ana", "/requests/", 720),
    Shot("handbook/pictures/request.png", "ana", "/requests/{late}", 760),
    Shot("handbook/pictures/bulk.png", "ana", "/requests/", 420, choose_all),
    Shot("handbook/pictures/ending.png", "ana", "/requests/{late}/end?state=referred_out", 860),
    Shot("handbook/pictures/ask-lawyer.png", "ana", "/cases/{threat}/people/ask?role=lawyer", 900),
    Shot("handbook/pictures/files.png", "ana", "/cases/{group}/files", 800),
    Shot("handbook/pictures/identity.png", "ana", "/cases/{group}/identity", 620),
    Shot("handbook/pictures/consents.png", "ana", "/cases/{group}/consents", 700),
    Shot("handbook/pictures/exposure.png", "ana", "/supervision/exposure/{ward}", 480),
    Shot("screenshots/desk.png", "ana", "/", 800, top="body"),
    Shot("screenshots/case-serbian.png", "ana", "/cases/{group}", 900, top="body", language="sr"),
    Shot("handbook/pictures/alert.png", "boba", "/", 420),
    Shot("handbook/pictures/second.png", "boba", "/cases/{threat}/second/{second}", 520),
    Shot("handbook/pictures/duty.png", "boba", "/duty", 560),
    Shot("handbook/pictures/slip.png", "lana", "/offers/{slip}/slip", 520),
    Shot("screenshots/lawyer.png", "lana", "/cases/{group}", 900, top="body"),
    Shot("handbook/pictures/board.png", "koka", "/board", 520),
    Shot("screenshots/board-dark.png", "koka", "/board", 560, top="body", scheme="dark"),
    Shot("handbook/pictures/load.png", "koka", "/people/load", 520),
    Shot("handbook/pictures/call.png", "ana", "/cases/{group}", 620, begin_call),
    Shot("handbook/pictures/invite.png", "vera", "/people/invite", 760),
    Shot("handbook/pictures/keepers.png", "vera", "/key-keepers", 820),
    Shot("handbook/pictures/keeper.png", "vera", "/keeper", 620),
]


def test_the_pages_of_the_handbook_open(cast, site, signed_in, definer):
    world = build(cast)
    definer.execute("INSERT INTO accounts_heartbeat VALUES ('drain', clock_timestamp())")  # reminders have run
    pages = {}
    for shot in SHOTS:
        if shot.who not in pages:
            pages[shot.who] = signed_in(shot.who, viewport={"width": WIDTH, "height": 900})
        page = pages[shot.who]
        page.context.add_cookies([{"name": "language", "value": shot.language, "url": site}])
        page.emulate_media(color_scheme=shot.scheme)
        assert page.goto(shot.address.format_map(world)).status == 200, shot.file
        shot.steps(page)
        save(page, shot)
        assert [text for text in page.complaints if "status of 404" not in text] == [], shot.file


def test_every_picture_that_a_page_shows_is_made_here():
    shown = set()
    for page in [*(DOCS / "handbook").glob("*.md"), DOCS.parent / "README.md"]:
        for link in re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", page.read_text()):
            shown.add((page.parent / link).resolve().relative_to(DOCS).as_posix())
    assert shown == {shot.file for shot in SHOTS}
    assert [file for file in shown if (DOCS / file).stat().st_size > LARGEST] == []


def save(page: Page, shot: Shot) -> None:
    """The part that matters, as PNG, where HANDBOOK names the folder of the documents."""
    box = page.locator(shot.top).bounding_box()
    assert box
    if not (folder := os.environ.get("HANDBOOK")):
        return
    file = Path(folder) / shot.file
    file.parent.mkdir(parents=True, exist_ok=True)
    clip = {"x": 0, "y": box["y"], "width": WIDTH, "height": min(shot.height, box["height"])}
    page.screenshot(path=str(file), full_page=True, clip=clip, animations="disabled")
