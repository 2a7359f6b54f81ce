"""Sealed fields of a case: written under its newest key of a purpose, read in one query for a whole page."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from accounts import crypto
from accounts.models import User
from cases.choices import Purpose
from cases.services.sealed import payload
from cases.services.sealed.keys import CaseKey, held_keys, held_keys_of_many, newest_key
from cases.vault.models import Sealed


def field_binding(case_id: UUID, record_id: UUID, field: str, purpose: str, version: int) -> bytes:
    """Where a sealed field belongs; `field` names model and field, such as `note.text`."""
    return crypto.binding("sealed", case_id, record_id, field, purpose, version)


def write(
    *, case_id: UUID, record_id: UUID, field: str, value: Any, purpose: Purpose, by: User, key: CaseKey | None = None
) -> None:
    """Seal one field of one record. Raises NotHeld where `by` lacks the key."""
    key = key or newest_key(case_id=case_id, purpose=purpose, by=by)
    Sealed(
        record_id=record_id,
        field=field,
        case_id=case_id,
        purpose=purpose,
        key_version=key.version,
        payload=crypto.seal_with_key(
            key.key,
            payload.pack(value),
            bound_to=field_binding(case_id, record_id, field, purpose, key.version),
            schema=payload.SCHEMA,
        ),
        written_at=timezone.now(),
        written_by=by,
    ).save(force_insert=True)


def read(*, case_id: UUID, record_ids: Iterable[UUID], purpose: Purpose, by: User) -> dict[tuple[UUID, str], Any]:
    """Open the sealed fields of many records of a case: two queries. Raises NotHeld, crypto.CannotOpen."""
    keys = held_keys(case_id=case_id, purpose=purpose, by=by)
    found = Sealed.objects.filter(case_id=case_id, record_id__in=list(record_ids), purpose=purpose)
    rows = [SealedField(*row) for row in found.values_list(*SealedField._fields)]
    return {(row.record_id, row.field): _open(row, case_id, keys) for row in rows}


class SealedField(NamedTuple):
    """What opening needs of a row of Sealed."""

    record_id: UUID
    field: str
    purpose: str
    key_version: int
    payload: bytes


def _open(row: SealedField, case_id: UUID, keys: dict[int, CaseKey]) -> Any:
    if row.key_version not in keys:
        raise crypto.CannotOpen
    plaintext, schema = crypto.open_with_key(
        keys[row.key_version].key,
        row.payload,
        bound_to=field_binding(case_id, row.record_id, row.field, row.purpose, row.key_version),
    )
    return payload.unpack(row.field, plaintext, schema)


def read_fields(*, field: str, records: Mapping[UUID, UUID], by: User) -> dict[UUID, Any]:
    """One content field of many records, given with the case of each: two queries, none for nothing.

    Records of cases whose key she lacks are left out.
    """
    if not records:
        return {}
    cases = set(records.values())
    keys = held_keys_of_many(case_ids=list(cases), purpose=Purpose.CONTENT, by=by)
    found = Sealed.objects.filter(case_id__in=cases, record_id__in=list(records), field=field, purpose=Purpose.CONTENT)
    rows = [SealedField(*row) for row in found.values_list(*SealedField._fields)]
    return {
        row.record_id: _open(row, records[row.record_id], keys[records[row.record_id]])
        for row in rows
        if records[row.record_id] in keys
    }
