"""Handing over the key of somebody who has left: named by an administrator, opened by two keepers for a successor.

Her key exists in the successor's one request only: the hooks of other apps open what is parked, seal it to her, and
the key is gone.
"""

from uuid import UUID, uuid4

from accounts import audit, crypto, database, hooks
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from accounts.services.ceremonies import open_sealed_result, request_binding
from accounts.services.people import REASONS, explain
from accounts.services.teams import current_key


def name_successor(*, departed: User, successor: User, protected: list[str], by: User) -> UUID:
    """Name who takes over. `protected`: codes of protected cases that go with it. Raises WrongState, NotAllowed."""
    request_id = uuid4()
    try:
        with audit.unit():
            database.value("handover_name", request_id, departed.pk, successor.pk, protected)
    except database.Refused as refused:
        raise explain(refused) from None
    return request_id


def begin(*, request_id: UUID, by: User) -> list[str]:
    """The successor makes the pair of this request, sealed to herself; returns the words for the keepers."""
    own = current_key(by)
    if own is None:
        raise NotAllowed
    pair = crypto.new_pair()
    fingerprint = crypto.fingerprint(pair.public)
    sealed = crypto.seal_to_person(own, pair.private, bound_to=request_binding(request_id, "handover"))
    try:
        with audit.unit():
            database.value("handover_begin", request_id, pair.public, fingerprint, sealed)
    except database.Refused as refused:
        raise explain(refused) from None
    return crypto.fingerprint_words(fingerprint)


def finish(*, request_id: UUID, by: User) -> int:
    """Take over everything parked that the request covers; returns how many cases. Raises WrongState, NotAllowed."""
    found = next((row for row in database.rows("handover_mine") if row.id == request_id), None)
    if found is None or found.state != "opened":
        raise WrongState(REASONS["wrong_state"]())
    try:
        private = by.keyring.open(found.sealed_request, bound_to=request_binding(request_id, "handover"))
        departed_key = open_sealed_result(found, private)
        with audit.unit():
            taken = sum(
                take(request_id=request_id, departed_id=found.user_id, private_key=departed_key, by=by)
                for take in hooks.on_handover
            )
            database.value("handover_finish", request_id)
    except database.Refused as refused:
        raise explain(refused) from None
    except crypto.CannotOpen:
        raise WrongState(REASONS["does_not_open"]()) from None
    return taken
