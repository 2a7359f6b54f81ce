"""Sealed fields of a case: written under its newest key of a purpose, read in one query for a whole page."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import crypto, database
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases.choices import Purpose
from cases.services.sealed import looking, payload
from cases.services.sealed.keys import CaseKey, NotHeld, held_keys, held_keys_of_many, newest_key, open_wraps
from cases.services.sealed.rows import field_binding, sealed_row
from cases.vault.models import Sealed


def write(
    *, case_id: UUID, record_id: UUID, field: str, value: Any, purpose: Purpose, by: User, key: CaseKey | None = None
) -> None:
    """Seal one field of one record for the first time. Raises NotHeld where `by` lacks the key."""
    key = key or newest_key(case_id=case_id, purpose=purpose, by=by)
    looking.before_writing(text=looking.Text(case_id, record_id, field, value), purpose=purpose, by=by)
    sealed_row(key, record_id, field, value, 1, by).save(force_insert=True)


def revise(*, case_id: UUID, record_id: UUID, field: str, value: Any, purpose: Purpose, seen: int, by: User) -> None:
    """Seal the next version of a field; the older ones stay. `seen` is the revision she had before her, 0 for none.

    Raises WrongState when somebody wrote a newer one meanwhile, NotHeld.
    """
    key = newest_key(case_id=case_id, purpose=purpose, by=by)
    looking.before_writing(text=looking.Text(case_id, record_id, field, value), purpose=purpose, by=by)
    if not insert_once(sealed_row(key, record_id, field, value, seen + 1, by)):
        raise WrongState(_("Somebody has changed this meanwhile. Look at it again; what you typed is still here."))


def read(*, case_id: UUID, record_ids: Iterable[UUID], purpose: Purpose, by: User) -> dict[tuple[UUID, str], Any]:
    """Open the current fields of many records of a case: two queries. Raises NotHeld, crypto.CannotOpen."""
    keys = held_keys(case_id=case_id, purpose=purpose, by=by)
    found = Sealed.objects.filter(case_id=case_id, record_id__in=list(record_ids), purpose=purpose, current=True)
    rows = [SealedField(*row) for row in found.values_list(*SealedField._fields)]
    return {(row.record_id, row.field): _open(row, case_id, keys) for row in rows}


def read_card(*, case_id: UUID, by: User) -> dict[tuple[UUID, str], Any]:
    """What is sealed under the identity key of a case, while the card is open to her; else nothing. One query.

    Raises NotHeld, crypto.CannotOpen.
    """
    found = database.rows("identity_card", case_id)
    keys = open_wraps(((case_id, row.version, row.wrap) for row in found if row.wrap), Purpose.IDENTITY, by).get(
        case_id
    )
    if not keys:
        raise NotHeld
    rows = [
        SealedField(row.record_id, row.field, Purpose.IDENTITY, row.version, row.revision, row.payload)
        for row in found
        if row.record_id
    ]
    return {(row.record_id, row.field): _open(row, case_id, keys) for row in rows}


class Version(NamedTuple):
    """One version of a text, with who wrote it and when."""

    revision: int
    value: Any
    written_at: datetime
    written_by: str


def versions(*, case_id: UUID, record_id: UUID, field: str, purpose: Purpose, by: User) -> list[Version]:
    """Every version of one field, newest first. Raises NotHeld, crypto.CannotOpen."""
    keys = held_keys(case_id=case_id, purpose=purpose, by=by)
    found = Sealed.objects.filter(case_id=case_id, record_id=record_id, field=field, purpose=purpose)
    found = found.select_related("written_by").order_by("-revision")
    return [
        Version(
            row.revision,
            _open(SealedField(*(getattr(row, name) for name in SealedField._fields)), case_id, keys),
            row.written_at,
            row.written_by.display_name if row.written_by else "",
        )
        for row in found
    ]


class SealedField(NamedTuple):
    """What opening needs of a row of Sealed."""

    record_id: UUID
    field: str
    purpose: str
    key_version: int
    revision: int
    payload: bytes


def _open(row: SealedField, case_id: UUID, keys: dict[int, CaseKey]) -> Any:
    if row.key_version not in keys:
        raise crypto.CannotOpen
    plaintext, schema = crypto.open_with_key(
        keys[row.key_version].key,
        row.payload,
        bound_to=field_binding(case_id, row.record_id, row.field, row.purpose, row.key_version, row.revision),
    )
    return payload.unpack(row.field, plaintext, schema)


def read_fields(
    *, field: str, records: Mapping[UUID, UUID], by: User, purpose: Purpose = Purpose.CONTENT
) -> dict[UUID, Any]:
    """One field of many records, given with the case of each: two queries, none for nothing.

    Records of cases whose key she lacks are left out.
    """
    if not records:
        return {}
    cases = set(records.values())
    keys = held_keys_of_many(case_ids=list(cases), purpose=purpose, by=by)
    found = Sealed.objects.filter(
        case_id__in=cases, record_id__in=list(records), field=field, purpose=purpose, current=True
    )
    rows = [SealedField(*row) for row in found.values_list(*SealedField._fields)]
    return {
        row.record_id: _open(row, records[row.record_id], keys[records[row.record_id]])
        for row in rows
        if records[row.record_id] in keys
    }


class FoundText(NamedTuple):
    """An opened text with where it stands and when it was written."""

    case_id: UUID
    record_id: UUID
    field: str
    value: Any
    written_at: datetime


def read_texts(*, case_ids: list[UUID], fields: Iterable[str], by: User) -> list[FoundText]:
    """Every current text of these fields on these cases, oldest case key included: two queries.

    Cases whose key she lacks are left out. Raises crypto.CannotOpen.
    """
    keys = held_keys_of_many(case_ids=case_ids, purpose=Purpose.CONTENT, by=by)
    found = Sealed.objects.filter(
        case_id__in=list(keys), field__in=list(fields), purpose=Purpose.CONTENT, current=True
    ).values_list("case_id", "written_at", *SealedField._fields)
    texts = []
    for case_id, written_at, *rest in found:
        row = SealedField(*rest)
        texts.append(FoundText(case_id, row.record_id, row.field, _open(row, case_id, keys[case_id]), written_at))
    return texts
