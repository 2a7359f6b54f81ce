"""Fixtures of the front-end tests: the gallery's addresses, its web server on loopback, and how Chromium starts."""

import os
import shutil
import threading
from collections import defaultdict
from http.server import ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from frontend_gallery import Loopback, Urls

LAUNCH_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def gallery_urls(settings):
    """The pages that the templates link to exist."""
    settings.ROOT_URLCONF = Urls
    settings.DEMO = True
    return Urls


@pytest.fixture
def loopback(gallery_urls):
    """Pages by address, the static folder, and a count of what was posted."""
    pages: dict[str, str] = {}
    posted: dict[str, list[str]] = defaultdict(list)
    state = SimpleNamespace(pages=pages, posted=posted, static_answers=True, slow=threading.Event(), url="")
    state.reply, state.status = "<!doctype html><html lang=en><title>Sent</title><h1>Sent</h1>", 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Loopback,), {"state": state}))
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    state.slow.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """Debian's Chromium, found by name or by the variable CHROMIUM."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return {"executable_path": found, "args": LAUNCH_FLAGS}


@pytest.fixture(scope="session")
def base_url():
    """Not used. The plugin's own fixture raises a deprecation warning, and warnings are errors here."""
