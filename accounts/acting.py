"""A short transaction in which the person of a request acts, for pages that derive keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts import actor, audit
from accounts.models import User
from accounts.requests import StaffRequest


@contextmanager
def acting(request: StaffRequest) -> Iterator[User]:
    """Open, act, commit together with the log. Only in views marked `@short_transactions`."""
    with audit.outer_transaction():
        actor.act_as(user_id=request.user.pk, session_hash=request.session.session_hash)
        yield request.user
