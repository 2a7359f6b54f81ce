"""Folders short enough for sockets, and a way to wait for something to become true."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.launcher.folders import run_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may reach; pytest's is closed to it."""
    with run_folder() as path:
        yield path


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], object]:
    """Call until the answer is true, at most ten seconds."""

    def wait(question: Callable[[], object]) -> object:
        deadline = time.monotonic() + 10
        while not (answer := question()):
            assert time.monotonic() < deadline, "it did not happen within ten seconds"
            time.sleep(0.05)
        return answer

    return wait
