"""Keys of a case: made at its birth, wrapped to persons, opened by the keyring of whoever holds one."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from accounts import crypto
from accounts.database import insert_once
from accounts.models import PublicKey, User
from accounts.services import genuine
from cases.choices import CASE_PURPOSES, Purpose, WrapState
from cases.models import Case
from cases.services.sealed import rotation
from cases.services.sealed.held import CaseKey, NotHeld, held_keys, held_keys_of_many, open_wraps, wrap_binding
from cases.vault.models import KeyVersion, Wrap

__all__ = [
    "CaseKey",
    "NotHeld",
    "held_keys",
    "held_keys_of_many",
    "make_case_keys",
    "newest_key",
    "offer_keys",
    "open_wraps",
    "wrap_binding",
]


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
    """Wrap the key of each purpose, in every version, to a person who was vouched for; live once she accepts.

    Older texts open with older versions. Raises NotHeld where `by` lacks a key. PostgreSQL refuses a recipient who is
    walled or not vouched for.
    """
    keys: list[CaseKey] = []
    for purpose in purposes:
        newest = newest_key(case_id=case.pk, purpose=purpose, by=by)
        held = held_keys(case_id=case.pk, purpose=purpose, by=by) if newest.version > 1 else {}
        keys += {**held, newest.version: newest}.values()
    if not keys:
        return  # a deputy holds none
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


def newest_key(*, case_id: UUID, purpose: str, by: User) -> CaseKey:
    """The key for new writes, known to the log; a new version where somebody left. Raises NotHeld, KeySwapped."""
    rotation.renew_if_due(case_id=case_id, purpose=purpose, by=by)
    keys = held_keys(case_id=case_id, purpose=purpose, by=by)
    key = keys[max(keys)]
    genuine.check_case_key(case_id=case_id, purpose=purpose, version=key.version, commitment=key.commitment())
    return key
