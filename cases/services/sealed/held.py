"""Opening the keys of a case: what a person holds, by the keyring of her session."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts import crypto
from accounts.exceptions import NotAllowed
from accounts.models import User
from cases.choices import WrapState
from cases.vault.models import Wrap


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


def held_keys(*, case_id: UUID, purpose: str, by: User) -> dict[int, CaseKey]:
    """All versions of a key that the person holds live, by version. Raises NotHeld when there is none."""
    keys = held_keys_of_many(case_ids=[case_id], purpose=purpose, by=by).get(case_id)
    if not keys:
        raise NotHeld
    return keys


def held_keys_of_many(*, case_ids: list[UUID], purpose: str, by: User) -> dict[UUID, dict[int, CaseKey]]:
    """The same for many cases in one query; a case without a live wrap of hers is left out."""
    live = Wrap.objects.filter(case_id__in=case_ids, purpose=purpose, user=by, state=WrapState.LIVE)
    return open_wraps(live.values_list("case_id", "version", "sealed"), purpose, by)


def open_wraps(wraps: Iterable[tuple[UUID, int, bytes]], purpose: str, by: User) -> dict[UUID, dict[int, CaseKey]]:
    """The keys in her wraps of one purpose, given as case, version and envelope; each is opened once."""
    keys: dict[UUID, dict[int, CaseKey]] = {}
    for case_id, version, sealed in wraps:
        of_case = keys.setdefault(case_id, {})
        if version not in of_case:
            opened = by.keyring.open(sealed, bound_to=wrap_binding(case_id, purpose, version, by.pk))
            of_case[version] = CaseKey(case_id, purpose, version, opened)
    return keys
