"""One row of sealed text under an open key of its case, and where it belongs."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import crypto
from accounts.models import User
from cases.services.sealed import payload
from cases.services.sealed.held import CaseKey
from cases.vault.models import Sealed


def field_binding(case_id: UUID, record_id: UUID, field: str, purpose: str, version: int, revision: int) -> bytes:
    """Where a sealed field belongs: `field` names model and field, such as `note.text`, `version` is that of the key."""
    return crypto.binding("sealed", case_id, record_id, field, purpose, version, revision)


def sealed_row(key: CaseKey, record_id: UUID, field: str, value: Any, revision: int, by: User) -> Sealed:
    """A revision of a field, not saved yet."""
    return Sealed(
        record_id=record_id,
        field=field,
        case_id=key.case_id,
        purpose=key.purpose,
        key_version=key.version,
        payload=crypto.seal_with_key(
            key.key,
            payload.pack(value),
            bound_to=field_binding(key.case_id, record_id, field, key.purpose, key.version, revision),
            schema=payload.SCHEMA,
        ),
        revision=revision,
        written_at=timezone.now(),
        written_by=by,
    )
