"""Database away, broker away, disk full: an honest page, nothing half-saved, nothing typed lost."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.browser.conftest import free_port
from tests.cases.helpers import open_case
from tests.security.attack import switched_off

TYPED = "Typed while the database was away"


def serve(**environment: str) -> tuple[subprocess.Popen, str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--no-control-socket",
        "--log-level",
        "critical",
    ]
    server = subprocess.Popen(command, env={**os.environ, "ALLOWED_HOSTS": "127.0.0.1", **environment})
    return server, f"http://127.0.0.1:{port}"


def fetch(address: str, data: dict | None = None) -> tuple[int, str, dict]:
    """Status, text and headers, waiting for the server to come up."""
    body = urllib.parse.urlencode(data).encode() if data else None
    request = urllib.request.Request(address, data=body)
    request.add_header("Origin", address.rsplit("/", address.count("/") - 2)[0])
    for _attempt in range(100):
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, response.read().decode(), dict(response.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), dict(error.headers)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(address)


@pytest.fixture
def without_database(tmp_path) -> Iterator[str]:
    server, address = serve(DATABASE_URL=f"postgresql://sidro_web:x@/sidro?host={tmp_path}")
    yield address
    server.terminate()
    server.wait(timeout=20)


def test_without_the_database_every_page_says_so(without_database):
    for path in ("/", "/requests/", "/cases/2222-3333", "/people"):
        status, text, headers = fetch(f"{without_database}{path}")
        assert status == 503, path
        assert "cannot be reached right now" in text, path
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert "OperationalError" not in text
        assert "Traceback" not in text


def test_what_was_typed_comes_back_when_the_database_is_away(without_database):
    status, text, _headers = fetch(f"{without_database}/requests/new", {"words": TYPED, "password": "never repeated"})
    assert status == 503
    assert TYPED in text
    assert "never repeated" not in text


def test_without_the_broker_people_sign_in_and_log_requests(cast, definer):
    """The staff site never talks to the broker: with an address that leads nowhere it works the same."""
    cast.intake()
    server, address = serve(REDIS_URL="redis+socket:///nowhere/broker.sock")
    try:
        assert fetch(f"{address}/sign-in")[0] == 200
    finally:
        server.terminate()
        server.wait(timeout=20)
    client = cast.client("ana")
    call = {"restricted": "no", "minor": "no", "about": "self", "channel": "phone", "language": "sr"}
    call |= {"received_at": "2026-01-10T10:00", "nonce": str(uuid4()), "words": "x"}
    assert client.post("/requests/new", call).status_code == 302
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (1,)


def test_a_full_disk_saves_nothing_and_gives_the_text_back(cast, definer):
    cast.intake()
    code = open_case(cast)
    client = cast.client("ana")
    client.raise_request_exception = False
    full = (
        "CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON vault_sealed FOR EACH ROW EXECUTE FUNCTION public.full_disk()",
    )
    with switched_off(*full):
        note = {"nonce": str(uuid4()), "type": "case_note", "text": TYPED}
        response = client.post(f"/cases/{code}/notes", note, headers={"Sec-Fetch-Site": "same-origin"})
    with switched_off("DROP FUNCTION public.full_disk() CASCADE"):
        pass
    assert response.status_code in {500, 503}
    assert TYPED in response.content.decode()
    assert "could not extend" not in response.content.decode()
    assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (0,)
