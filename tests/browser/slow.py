"""The site as it is on a slow machine: for tests that read a page before the next one has come (SLOW=0.5)."""

import os
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from config.wsgi import application as site


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer after SLOW seconds; files at once, but for the sign of life a form asks for before it is sent."""
    if environ["REQUEST_METHOD"] == "HEAD" or not environ["PATH_INFO"].startswith("/static/"):
        time.sleep(float(os.environ["SLOW"]))
    return site(environ, start_response)
