"""Django's door to people: who a session belongs to. Proving who one is happens in services/sign_in.py."""

from uuid import UUID

from accounts import database
from accounts.models import Passkey, TotpDevice, User

# What app.person_read returns of a person; the rest of the row stays where it is.
COLUMNS = [
    "id",
    "login_name",
    "display_name",
    "roles",
    "is_active",
    "language",
    "theme",
    "session_epoch",
    "invited_at",
    "enrolled_at",
]


class SignedInBackend:
    """Reads a person for a live session through a function, because before it there is no actor to judge rows."""

    def get_user(self, user_id: UUID) -> User | None:
        found = database.row("person_read", user_id)
        if found is None or not found.is_active:
            return None
        user = User.from_db("default", COLUMNS, [getattr(found, name) for name in COLUMNS])
        app = [TotpDevice(id=found.device_id, user=user, confirmed=True)] if found.device_id else []
        user.devices = [*app, *(Passkey(id=passkey_id, user=user) for passkey_id in found.passkey_ids)]
        return user

    def authenticate(self, request, **credentials) -> None:
        """Nobody is authenticated by this door."""
