"""A new password and a new recovery code: by a person signed in, or by her printed code when all else is lost.

The pair stays the same, so that no case key has to be wrapped again. Each ends with all her sessions ended.
"""

from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts import audit, crypto, database
from accounts.choices import Action
from accounts.exceptions import WrongState
from accounts.services import proofs
from accounts.services.people import explain


def prepare(*, user_id: UUID, password: str, private_key: bytes) -> proofs.NewProof:
    """The slow part of changing a password: call it with no transaction open."""
    return proofs.make_proof(user_id=user_id, password=password, private_key=private_key)


def change_password(*, user_id: UUID, proof: proofs.NewProof) -> None:
    """Store a prepared proof for the person who acts in this transaction."""
    try:
        with audit.unit() as entries:
            database.value("proof_change", user_id, b"", proof.columns)
            entries.record(Action.PASSWORD_CHANGED, user_id)
            entries.record(Action.RECOVERY_CODE_MADE, user_id)
    except database.Refused as refused:
        raise explain(refused) from None


def open_with_code(*, login_name: str, code: str) -> tuple[UUID, bytes]:
    """The person and her private key, by the printed code. Raises WrongState with one answer for every reason."""
    wrong = WrongState(_("Sign-in name and recovery code do not fit together."))
    found = database.row("recovery_read", login_name)
    user_id = found.user_id if found else uuid4()
    try:
        key = crypto.recovery_key(code, user_id=user_id)
        sealed = bytes(found.sealed_by_recovery) if found else b"\x01\x01" + bytes(60)
        private_key, _schema = crypto.open_with_key(key, sealed, bound_to=proofs.key_binding(user_id, "recovery"))
    except (ValueError, crypto.CannotOpen):
        raise wrong from None
    return user_id, private_key


def recover(*, login_name: str, code: str, password: str, totp_secret: bytes, totp_step: int) -> str:
    """New password and second factor by the printed code; returns the next code, to be shown once.

    Takes time: call it with no transaction open.
    """
    user_id, private_key = open_with_code(login_name=login_name, code=code)
    device = database.row("person_read", user_id).device_id
    proof = proofs.make_proof(
        user_id=user_id, password=password, private_key=private_key,
        totp_secret=totp_secret, totp_step=totp_step, device_id=device,
    )
    try:
        with audit.unit() as entries:
            database.value("proof_change", user_id, proofs.recovery_proof(code, user_id=user_id), proof.columns)
            entries.record(Action.RECOVERY_CODE_USED, user_id)
    except database.Refused as refused:
        raise explain(refused) from None
    return proof.recovery_code
