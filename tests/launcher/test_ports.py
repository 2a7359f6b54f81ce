"""A port that is taken stops the demo before anything is started."""

import socket

import pytest

from config.launcher import demo
from config.launcher.errors import LauncherError


@pytest.fixture
def taken() -> socket.socket:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


def test_taken_port_is_refused_by_name(taken: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    port = taken.getsockname()[1]
    monkeypatch.setenv("PORT", str(port))
    with pytest.raises(LauncherError, match=f"Port {port} is in use"):
        demo.choose_ports()


def test_public_port_is_looked_at_too(taken: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    port = taken.getsockname()[1]
    monkeypatch.setattr(demo, "is_free", lambda asked: asked != port)
    monkeypatch.setenv("PORT", str(port - 1))
    with pytest.raises(LauncherError, match=f"Port {port} is in use"):
        demo.choose_ports()


def test_mail_takes_the_next_free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "is_free", lambda port: port not in {8102, 8103})
    monkeypatch.setenv("PORT", "8100")
    assert demo.choose_ports() == (8100, 8101, 8104)


def test_port_that_is_no_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(LauncherError, match="must be a number"):
        demo.choose_ports()
