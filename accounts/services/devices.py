"""The devices of a second factor: adding a passkey or an app for codes, renaming, removing. Never the last one."""

from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts import audit, database, passkeys, totp
from accounts.exceptions import WrongState
from accounts.models import User
from accounts.passkeys import Shown
from accounts.services.factors import spent
from accounts.services.people import explain


def add_passkey(*, label: str, shown: Shown, by: User) -> None:
    """Keep a passkey that her browser has just made. Raises WrongState where the answer does not hold."""
    made = passkeys.registered(shown)
    if made is None:
        raise WrongState(_("The passkey could not be checked. Nothing was saved; please try again."))
    credential = (made.credential_id, made.public_key, made.counter)
    _change("passkey_add", uuid4(), label, *credential, spent(shown))


def add_totp(*, secret: bytes, step: int, by: User) -> None:
    """Set up an app for codes where she has none, by a code that was right; that code is spent."""
    device_id = uuid4()
    _change("totp_add", device_id, totp.seal(secret, device_id=device_id), step)


def rename(*, device_id: UUID, label: str, by: User) -> None:
    """Give a passkey another name."""
    _change("device_rename", device_id, label)


def remove(*, device_id: UUID, by: User) -> None:
    """Remove a device; all her other sessions end. Raises WrongState for the last one."""
    _change("device_remove", device_id)


def _change(function: str, *arguments: object) -> None:
    """Call a function that acts for the person of this transaction and writes its own entry into the log."""
    try:
        with audit.unit():
            database.value(function, *arguments)
    except database.Refused as refused:
        raise explain(refused) from None
