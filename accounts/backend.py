"""Django's door to people: who a session belongs to. Proving who one is happens in services/sign_in.py."""

from uuid import UUID

from accounts import database
from accounts.models import TotpDevice, User


class SignedInBackend:
    """Reads a person for a live session through a function, because before it there is no actor to judge rows."""

    def get_user(self, user_id: UUID) -> User | None:
        found = database.row("person_read", user_id)
        if found is None or not found.is_active:
            return None
        user = User(
            id=found.id,
            login_name=found.login_name,
            display_name=found.display_name,
            roles=list(found.roles),
            is_active=found.is_active,
            language=found.language,
            theme=found.theme,
            session_epoch=found.session_epoch,
            invited_at=found.invited_at,
            enrolled_at=found.enrolled_at,
        )
        user._state.adding = False
        user._state.db = "default"
        user.totp_device = TotpDevice(id=found.device_id, user=user, confirmed=True) if found.device_id else None
        return user

    def authenticate(self, request, **credentials) -> None:
        """Nobody is authenticated by this door."""
