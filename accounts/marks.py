"""Marks that a view can carry, read by the middleware and by the permission matrix."""

from collections.abc import Callable

from django.db import transaction

BACKGROUND_HEADER = "Sidro-Background"  # sent by requests that a page makes by itself


def open_to_everybody(view: Callable) -> Callable:
    """Reachable without signing in. The matrix lists these pages exactly."""
    setattr(view, "is_open", True)  # noqa: B010 - a mark on a function, unknown to its type
    return view


def short_transactions(view: Callable) -> Callable:
    """Derives keys: read shortly, calculate with no transaction open, write shortly."""
    setattr(view, "takes_short_transactions", True)  # noqa: B010 - the same
    return transaction.non_atomic_requests(view)


def is_open(view: Callable) -> bool:
    return getattr(view, "is_open", False)


def takes_short_transactions(view: Callable) -> bool:
    return getattr(view, "takes_short_transactions", False)
