"""Fixtures of the front-end tests: the gallery's addresses and its web server on loopback."""

import threading
from collections import defaultdict
from http.server import ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from frontend_gallery import Loopback, Urls


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
