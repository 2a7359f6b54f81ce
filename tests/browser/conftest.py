"""The real staff site on loopback: gunicorn with the settings of the tests, role web, the test's own database."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accounts import totp
from tests.browsers import watch
from tests.cast import PASSWORD, Cast, _fresh_code

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs an event loop in this thread


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture(scope="session")
def site(django_db_setup) -> Iterator[str]:
    """Address of the running staff site. With SLOW=seconds in the environment every answer comes later."""
    port = free_port()
    served = "tests.browser.slow" if "SLOW" in os.environ else "config.wsgi"
    command = [
        sys.executable, "-m", "gunicorn", served, "--bind", f"127.0.0.1:{port}", "--workers", "2",
        "--threads", "4", "--worker-class", "gthread", "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    names = {"ALLOWED_HOSTS": "127.0.0.1,localhost", "PASSKEY_ORIGINS": f"http://localhost:{port}"}
    server = subprocess.Popen(command, env={**os.environ, **names})
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str) -> None:
    for _attempt in range(100):
        try:
            urllib.request.urlopen(f"{address}/sign-in", timeout=5)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the staff site does not answer")


@pytest.fixture
def signed_in(browser, site, cast) -> Iterator[Callable]:
    """Open a browser of its own for somebody of the cast and sign in through the form."""
    contexts = []

    def open_for(name: str, **options: object):
        context = browser.new_context(base_url=site, locale="en-GB", **options)
        contexts.append(context)
        page = watch(context.new_page())
        page.goto("/sign-in")
        sign_in(page, cast, name)
        return page

    yield open_for
    leave(site, *contexts)


def leave(site: str, *contexts) -> None:
    """Close the browsers and wait until nobody is connected to the site: what their pages sent last is answered.

    Else it would be answered in the next test: the tables are emptied, and a line of the log stands in them again.
    """
    for context in contexts:
        context.close()
    for _attempt in range(500):
        if not connected(site):
            return
        time.sleep(0.02)
    raise TimeoutError("a browser that was closed still speaks to the site")


def connected(site: str) -> bool:
    """Whether the kernel knows a connection to the site: established, or left by the browser only (proc(5), tcp)."""
    port = int(site.rpartition(":")[2])
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(
        int(local.rpartition(":")[2], 16) == port and state in ("01", "08") for _no, local, _to, state, *_ in lines
    )


def sign_in(page, cast: Cast, name: str) -> None:
    fill_sign_in(page, cast, name)
    page.wait_for_url("**/")


def fill_sign_in(page, cast: Cast, name: str) -> None:
    """Fill and send the sign-in form of the page that is open."""
    person = cast.person(name)
    _fresh_code(person.user.pk)
    page.get_by_label("Sign-in name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code").fill(totp.current_code(person.totp_secret))
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
