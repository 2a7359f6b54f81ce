"""Letters: a text sealed to one person's own key. Nobody else opens it, the writer neither."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import crypto, database
from accounts.models import PublicKey, User
from accounts.services import genuine
from cases.services.sealed import payload
from cases.vault.models import Letter

HANDOVER = "handover.text"
SLIP = "slip.names"


def letter_binding(record_id: UUID, field: str, recipient: UUID) -> bytes:
    return crypto.binding("letter", record_id, field, recipient)


def sealed_to(*, recipient: User, record_id: UUID, field: str, value: Any) -> bytes:
    """The envelope of a letter, for somebody whose key was vouched for. Raises KeySwapped."""
    row = PublicKey.objects.select_related("vouch").get(user=recipient, retired_at__isnull=True)
    return crypto.seal_to_person(
        genuine.person_key(row),
        payload.pack(value),
        bound_to=letter_binding(record_id, field, recipient.pk),
        schema=payload.SCHEMA,
    )


def write(*, record_id: UUID, field: str, recipient: User, value: Any, by: User) -> None:
    """A letter to one person. Raises KeySwapped."""
    Letter(
        record_id=record_id,
        field=field,
        recipient=recipient,
        payload=sealed_to(recipient=recipient, record_id=record_id, field=field, value=value),
        written_at=timezone.now(),
        written_by=by,
    ).save(force_insert=True)


def send_slip(*, assignment_id: UUID, recipient: User, value: Any) -> None:
    """A conflict slip: the letter and the question in one step of the database. Raises KeySwapped, database.Refused."""
    envelope = sealed_to(recipient=recipient, record_id=assignment_id, field=SLIP, value=value)
    database.value("slip_send", assignment_id, envelope)


def read(*, record_id: UUID, field: str, by: User) -> Any:
    """Open a letter to her; None where there is none (any more). Raises crypto.CannotOpen."""
    found = Letter.objects.filter(record_id=record_id, field=field, recipient=by).first()
    if found is None:
        return None
    plaintext, schema = crypto.open_as_person(
        by.keyring.private_key, found.payload, bound_to=letter_binding(record_id, field, by.pk)
    )
    return payload.unpack(field, plaintext, schema)
