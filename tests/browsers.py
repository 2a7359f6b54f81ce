"""What all browser tests share: how Chromium starts, pages that remember complaints, and when a page is sound."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults

LAUNCH_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_COMPLAINT = "Autofocus processing was blocked"  # what had the focus keeps it: a note on a slow machine, no fault
SCREENS = [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)]
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Debian's Chromium, found by name or by the variable CHROMIUM."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found or os.environ.get("SIDRO_NO_BROWSER"):
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return {"executable_path": found, "args": LAUNCH_FLAGS}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Not used. The plugin's own fixture raises a deprecation warning, and warnings are errors here."""


def watch(page):
    """A page that remembers everything the browser complained about."""
    page.complaints = []
    page.on("console", lambda message: page.complaints.extend(_complaint(message)))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("requestfailed", lambda request: page.complaints.extend(_failed(request)))
    return page


def _complaint(message) -> list[str]:
    return [] if message.type == "log" or message.text.startswith(NO_COMPLAINT) else [message.text]


def _failed(request) -> list[str]:
    """A request that came to nothing; not one that the browser gave up because the next page was asked for."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"failed: {request.url} {request.failure}"]


@pytest.fixture
def watched(page):
    return watch(page)


def photograph(page, name: str) -> None:
    """A picture for SCREENSHOTS=folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def carry_axe(page) -> None:
    """Every page that is opened from now on brings the rules itself: for many pages that are looked at once each."""
    page.context.add_init_script(AXE_SCRIPT)


def faults(page, *, but: str = "") -> list[str]:
    """Violations of accessibility, what the browser complained about since the last call, and sideways scrolling.

    `but`: part of a complaint that is expected, such as the status of an error page; it may come late.
    """
    page.wait_for_load_state()  # where a click has just led here, the document may still be on its way
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    result = AxeResults(page.evaluate("rules => axe.run(rules).then(({violations}) => ({violations}))", RULES))
    found = [result.generate_report()] if result.violations_count else []
    found += [text for text in page.complaints if not but or but not in text]
    page.complaints.clear()
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("the page scrolls sideways")
    return found


def assert_sound(page, *, but: str = "") -> None:
    found = faults(page, but=but)
    assert not found, "\n".join(found)


def look(page, name: str) -> None:
    """The page that is open is sound on all screens."""
    found = []
    for scheme, width in SCREENS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        photograph(page, f"{name}-{scheme}-{width}")
        found += [f"{scheme} {width}: {fault}" for fault in faults(page)]
    page.set_viewport_size({"width": 1280, "height": 900})
    assert not found, "\n".join(found)
