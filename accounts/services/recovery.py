"""A new password and a new recovery code: by a person signed in, or by her printed code when all else is lost.

The pair stays the same, so that no case key has to be wrapped again. Each ends with all her sessions ended.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from accounts import audit, crypto, database
from accounts.choices import Action
from accounts.models import User
from accounts.services import proofs
from accounts.services.people import explain
from accounts.services.sign_in import Refusal, bucket


def prepare(*, user_id: UUID, password: str, private_key: bytes) -> proofs.NewProof:
    """The slow part of changing a password: call it with no transaction open."""
    return proofs.make_proof(user_id=user_id, password=password, private_key=private_key)


def change_password(*, proof: proofs.NewProof, by: User) -> None:
    """Store a prepared proof for the person who acts in this transaction. It ends all her sessions, this one too."""
    try:
        with audit.unit():
            database.value("proof_change", by.pk, b"", proof.columns)
    except database.Refused as refused:
        raise explain(refused) from None


@dataclass(frozen=True)
class Opened:
    """A person who showed her printed code, with her private key."""

    user_id: UUID
    private_key: bytes


def open_with_code(*, login_name: str, code: str, address: str) -> Opened | Refusal:
    """The person and her private key, by the printed code. One answer for every reason; counted like signing in."""
    counter = bucket(f"recover {login_name}", address)
    if wait := database.value("throttle_take", counter):
        return Refusal(wait=wait)
    opened = _open(login_name, code)
    with audit.unit() as entries:
        if opened is None:
            entries.record(Action.RECOVERY_REFUSED)
        else:
            database.value("throttle_clear", counter)
    return opened or Refusal()


def _open(login_name: str, code: str) -> Opened | None:
    found = database.row("recovery_read", login_name)
    user_id = found.user_id if found else uuid4()
    try:
        key = crypto.recovery_key(code, user_id=user_id)
        sealed = bytes(found.sealed_by_recovery) if found else bytes([crypto.ALGORITHM_KEY, 1]) + bytes(60)
        private_key, _schema = crypto.open_with_key(key, sealed, bound_to=proofs.key_binding(user_id, "recovery"))
    except (ValueError, crypto.CannotOpen):
        return None
    return Opened(user_id=user_id, private_key=private_key)


def recover(*, opened: Opened, code: str, password: str, totp_secret: bytes, totp_step: int) -> str:
    """New password and second factor by the printed code; returns the next code, to be shown once.

    The new app for codes takes the place of every device she had: the old phone and all passkeys count no more.
    Takes time: call it with no transaction open. Raises NotAllowed when the code was used meanwhile.
    """
    proof = proofs.make_proof(
        user_id=opened.user_id,
        password=password,
        private_key=opened.private_key,
        totp_secret=totp_secret,
        totp_step=totp_step,
        device_id=uuid4(),
    )
    try:
        with audit.unit():
            shown = proofs.recovery_proof(code, user_id=opened.user_id)
            database.value("proof_change", opened.user_id, shown, proof.columns)
    except database.Refused as refused:
        raise explain(refused) from None
    return proof.recovery_code
