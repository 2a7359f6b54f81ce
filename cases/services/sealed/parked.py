"""Taking over what somebody who has left set aside: parked wraps, opened once with her key and sealed to the successor."""

from itertools import groupby
from uuid import UUID

from accounts import crypto, database
from accounts.exceptions import NotAllowed
from accounts.models import User
from accounts.services import genuine
from accounts.services.teams import current_key
from cases.services.sealed.keys import CaseKey, wrap_binding


def take_over(*, request_id: UUID, departed_id: UUID, private_key: bytes, by: User) -> int:
    """Hook of a hand-over: each case with its permission rows at once. Returns how many. Raises crypto.CannotOpen."""
    own = current_key(by)
    if own is None:
        raise NotAllowed
    parked = database.rows("parked_wraps", request_id)
    cases = groupby(parked, key=lambda wrap: wrap.case_id)
    number = 0
    for case_id, wraps in cases:
        sealed = [_sealed_again(wrap, departed_id, private_key, own, by) for wrap in wraps]
        database.value("parked_take", request_id, case_id, {"wraps": sealed})
        number += 1
    return number


def _sealed_again(wrap, departed_id: UUID, private_key: bytes, own: bytes, by: User) -> dict[str, object]:
    """One key of a case, known to the log, sealed to the successor."""
    theirs = wrap_binding(wrap.case_id, wrap.purpose, wrap.version, departed_id)
    opened, _schema = crypto.open_as_person(private_key, wrap.sealed, bound_to=theirs)
    key = CaseKey(wrap.case_id, wrap.purpose, wrap.version, opened)
    genuine.check_case_key(case_id=key.case_id, purpose=key.purpose, version=key.version, commitment=key.commitment())
    hers = wrap_binding(key.case_id, key.purpose, key.version, by.pk)
    sealed = crypto.seal_to_person(own, key.key, bound_to=hers)
    return {"purpose": key.purpose, "version": key.version, "sealed": sealed.hex()}
