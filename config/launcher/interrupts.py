"""Signals that mean "stop": Ctrl-C, SIGTERM and a closed terminal all end the launcher in the same orderly way."""

import contextlib
import signal
from collections.abc import Iterator

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Inside, each of these signals raises KeyboardInterrupt; afterwards the old handlers are back."""
    old = {number: signal.signal(number, _interrupt) for number in STOPPING}
    try:
        yield
    finally:
        restore(old)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Inside, a second Ctrl-C does not cut the orderly end short."""
    old = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
    try:
        yield
    finally:
        restore(old)


def restore(old: dict) -> None:
    """Put handlers back."""
    for number, handler in old.items():
        signal.signal(number, handler)
