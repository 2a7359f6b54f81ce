"""A request as the middleware makes it: for annotations, so that types know whose request it is."""

from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import SessionStore


class StaffRequest(HttpRequest):
    """Behind accounts.middleware. On pages open to everybody `user` may be anonymous: they ask first."""

    user: User
    session: SessionStore
