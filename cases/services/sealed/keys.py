"""Keys of a case: made at its birth, wrapped to persons, opened by the keyring of whoever holds one."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts import crypto
from accounts.database import insert_once
from accounts.exceptions import NotAllowed
from accounts.models import PublicKey, User
from accounts.services import genuine
from cases.choices import CASE_PURPOSES, Purpose, WrapState
from cases.models import Case
from cases.vault.models import KeyVersion, Wrap


class NotHeld(NotAllowed):
    """The person holds no live wrap of this key. Where a page does not expect it, it is a refusal like others."""


@dataclass(frozen=True)
class CaseKey:
    """An open key of a case."""

    case_id: UUID
    purpose: str
    version: int
    key: bytes

    def commitment(self) -> bytes:
        """32 bytes for the log that prove later which key it was, and open nothing."""
        return crypto.commitment(self.key, bound_to=crypto.binding(self.case_id, self.purpose, self.version))

    def __repr__(self) -> str:
        return f"<CaseKey {self.purpose} {self.version}>"


def wrap_binding(case_id: UUID, purpose: str, version: int, recipient: UUID) -> bytes:
    """Where a wrap belongs: moved to another case, purpose, version or person it opens nothing."""
    return crypto.binding("wrap", case_id, purpose, version, recipient)


def make_case_keys(*, case: Case, by: User) -> dict[str, CaseKey]:
    """Make the three keys of a new case, wrapped to whoever opens it. Commitments go into the audit chain."""
    now = timezone.now()
    keys = [CaseKey(case.pk, purpose, 1, crypto.new_key()) for purpose in CASE_PURPOSES]
    versions = [
        KeyVersion(
            case=case,
            purpose=key.purpose,
            version=key.version,
            commitment=key.commitment(),
            made_at=now,
            made_by=by,
        )
        for key in keys
    ]
    insert_once(*versions)
    _wrap(keys=keys, recipient=by, state=WrapState.LIVE, by=by)
    return {key.purpose: key for key in keys}


def offer_keys(*, case: Case, recipient: User, purposes: Iterable[Purpose], by: User) -> None:
    """Wrap the newest key of each purpose to a person who was vouched for; live once she accepts.

    Raises NotHeld where `by` lacks a key. PostgreSQL refuses a recipient who is walled or not vouched for.
    """
    keys = [newest_key(case_id=case.pk, purpose=purpose, by=by) for purpose in purposes]
    _wrap(keys=keys, recipient=recipient, state=WrapState.OFFERED, by=by)


def _wrap(*, keys: list[CaseKey], recipient: User, state: WrapState, by: User) -> None:
    row = PublicKey.objects.select_related("vouch").get(user=recipient, retired_at__isnull=True)
    public_key = genuine.person_key(row)
    now = timezone.now()
    wraps = [
        Wrap(
            case_id=key.case_id,
            purpose=key.purpose,
            version=key.version,
            user=recipient,
            state=state,
            sealed=crypto.seal_to_person(
                public_key, key.key, bound_to=wrap_binding(key.case_id, key.purpose, key.version, recipient.pk)
            ),
            made_at=now,
            made_by=by,
        )
        for key in keys
    ]
    if wraps:
        insert_once(*wraps)  # a second click finds them there: the database then checks that all of them are


def held_keys(*, case_id: UUID, purpose: str, by: User) -> dict[int, CaseKey]:
    """All versions of a key that the person holds live, by version. Raises NotHeld when there is none."""
    keys = held_keys_of_many(case_ids=[case_id], purpose=purpose, by=by).get(case_id)
    if not keys:
        raise NotHeld
    return keys


def held_keys_of_many(*, case_ids: list[UUID], purpose: str, by: User) -> dict[UUID, dict[int, CaseKey]]:
    """The same for many cases in one query; a case without a live wrap of hers is left out."""
    keys: dict[UUID, dict[int, CaseKey]] = {}
    for wrap in Wrap.objects.filter(case_id__in=case_ids, purpose=purpose, user=by, state=WrapState.LIVE):
        bound_to = wrap_binding(wrap.case_id, purpose, wrap.version, by.pk)
        key = CaseKey(wrap.case_id, purpose, wrap.version, by.keyring.open(wrap.sealed, bound_to=bound_to))
        keys.setdefault(wrap.case_id, {})[wrap.version] = key
    return keys


def newest_key(*, case_id: UUID, purpose: str, by: User) -> CaseKey:
    """The key for new writes, known to the log. Raises NotHeld, KeySwapped."""
    keys = held_keys(case_id=case_id, purpose=purpose, by=by)
    key = keys[max(keys)]
    genuine.check_case_key(case_id=case_id, purpose=purpose, version=key.version, commitment=key.commitment())
    return key
