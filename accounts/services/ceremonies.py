"""Opening a key by two keepers. The one who asks makes a pair for this once; the opened key is sealed to it.

Nothing open ever waits: the first keeper's code leaves a copy that is still sealed to the second; the second's leaves
a result that is sealed to the request. Every envelope is bound to its request, its person and the two keepers.
"""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from accounts import audit, crypto, database
from accounts.choices import Action
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import proofs
from accounts.services.keepers import copy_binding, genuine_key, keeper_proof, said
from accounts.services.people import REASONS, explain
from accounts.services.sign_in import Refusal, bucket


def request_binding(request_id: UUID, kind: str) -> bytes:
    """Where the private half of a request's pair belongs: this request, opened by password or by the successor."""
    return crypto.binding("ceremony request", request_id, kind)


def part_binding(request_id: UUID, fingerprint: bytes, user_id: UUID, first_id: UUID, second_id: UUID) -> bytes:
    """Where a peeled copy belongs: this request with this key of its own, this person, these two keepers."""
    return crypto.binding("peeled", request_id, bytes(fingerprint).hex(), user_id, first_id, second_id)


def result_binding(request_id: UUID, user_id: UUID, first_id: UUID, second_id: UUID) -> bytes:
    return crypto.binding("ceremony result", request_id, user_id, first_id, second_id)


def request_proof(private_key: bytes) -> bytes:
    """32 bytes that only the private half of a request's pair can show; the database keeps their SHA-256."""
    return hashlib.sha256(crypto.binding("ceremony proof") + private_key).digest()


# --- She asks ---------------------------------------------------------------------------------
def begin(*, login_name: str, password: str, address: str) -> list[str] | Refusal:
    """Begin a recovery; returns the six words to be read to both keepers, whether or not somebody has this name.

    Takes time: call it with no transaction open.
    """
    if wait := database.value("throttle_take", bucket(f"ask keepers {login_name}", address)):
        return Refusal(wait=wait)
    pair, request_id, how = crypto.new_pair(), uuid4(), crypto.Derivation.fresh()
    key = crypto.password_key(password, how)
    fingerprint = crypto.fingerprint(pair.public)
    request = {
        "id": str(request_id),
        "request_key": pair.public.hex(),
        "fingerprint": fingerprint.hex(),
        "check_hash": hashlib.sha256(request_proof(pair.private)).hexdigest(),
        "sealed_request": crypto.seal_with_key(
            key, pair.private, bound_to=request_binding(request_id, "recover")
        ).hex(),
        "salt": how.salt.hex(),
        "passes": how.passes,
        "memory_kib": how.memory_kib,
        "lanes": how.lanes,
        "pepper_version": how.pepper_version,
    }
    with audit.unit():
        database.value("ceremony_begin", login_name, request)
    return crypto.fingerprint_words(fingerprint)


# --- A keeper ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Shown:
    """A request as a keeper sees it before she gives her code for it; the pair lives as long as the page's answer."""

    request: Any
    pair: crypto.Pair

    @property
    def proof(self) -> bytes:
        return keeper_proof(self.pair.private)

    @property
    def comes_second(self) -> bool:
        return self.request.state == "peeled"

    def __repr__(self) -> str:
        return "<Shown>"


def keeper(*, code: str, address: str) -> crypto.Pair | Refusal:
    """The pair of a printed code. Whether it belongs to a keeper is said by what it opens; tries are counted."""
    if wait := database.value("throttle_take", bucket("keeper", address)):
        return Refusal(wait=wait)
    try:
        return crypto.keeper_pair(code)
    except ValueError:
        return Refusal()


def known_keeper(*, code: str, address: str) -> crypto.Pair | Refusal:
    """The pair of a confirmed keeper's code, to see what runs and to stop it."""
    pair = keeper(code=code, address=address)
    if isinstance(pair, Refusal):
        return pair
    if not database.value("keeper_known", keeper_proof(pair.private)):
        return _refuse()
    database.value("throttle_clear", bucket("keeper", address))
    return pair


def _refuse() -> Refusal:
    with audit.unit() as entries:
        entries.record(Action.KEEPER_REFUSED)
    return Refusal()


def show(*, code: str, words: str, address: str) -> Shown | Refusal:
    """The request whose words were read to her. One answer for a wrong code, wrong words and no request."""
    pair = keeper(code=code, address=address)
    if isinstance(pair, Refusal):
        return pair
    try:
        found = database.row("ceremony_said", crypto.said_bits(said(words)), keeper_proof(pair.private))
    except ValueError:
        found = None
    if found is None or crypto.fingerprint(found.request_key) != bytes(found.fingerprint):
        return _refuse()
    database.value("throttle_clear", bucket("keeper", address))
    return Shown(found, pair)


def give_code(*, shown: Shown) -> None:
    """The keeper's step: the first peels, the second opens. Raises WrongState with what to do."""
    request = shown.request
    if request.too_early:
        raise WrongState(REASONS["too_early"]())
    if request.first_id == request.keeper_id:
        raise WrongState(REASONS["same_keeper"]())
    if request.state not in ("begun", "peeled"):
        raise WrongState(REASONS["wrong_state"]())
    try:
        if shown.comes_second:
            _open(shown)
        else:
            _peel(shown)
    except database.Refused as refused:
        raise explain(refused) from None
    except crypto.CannotOpen:
        with audit.unit() as entries:
            entries.record(Action.KEEPER_REFUSED, request.id, detail="does_not_open")
        raise WrongState(REASONS["does_not_open"]()) from None


def _peel(shown: Shown) -> None:
    """Take the outer layer off every copy that is sealed to her first, and seal what is left to the second again."""
    request, parts = shown.request, []
    for copy in database.rows("ceremony_copies", request.id, shown.proof):
        place = (request.user_id, request.key_print, request.keeper_id, copy.second_id)
        inner = crypto.open_as_person(shown.pair.private, copy.sealed, bound_to=copy_binding(*place, "outer"))[0]
        bound_to = part_binding(request.id, request.fingerprint, request.user_id, request.keeper_id, copy.second_id)
        sealed = crypto.seal_to_person(genuine_key(copy.second_id, copy.second_key), inner, bound_to=bound_to)
        parts.append({"second": str(copy.second_id), "sealed": sealed.hex()})
    if not parts:
        raise WrongState(REASONS["no_copy"]())
    with audit.unit():
        database.value("ceremony_peel", request.id, shown.proof, {"parts": parts})


def _open(shown: Shown) -> None:
    """Open what the first left over, and seal the key to the request in the same breath."""
    request = shown.request
    pair_of = (request.first_id, request.keeper_id)
    part = database.value("ceremony_part", request.id, shown.proof)
    if part is None:
        raise WrongState(REASONS["wrong_state"]())
    bound_to = part_binding(request.id, request.fingerprint, request.user_id, *pair_of)
    inner = crypto.open_as_person(shown.pair.private, part, bound_to=bound_to)[0]
    place = copy_binding(request.user_id, request.key_print, *pair_of, "inner")
    private_key = crypto.open_as_person(shown.pair.private, inner, bound_to=place)[0]
    result = crypto.seal_to_person(
        bytes(request.request_key), private_key, bound_to=result_binding(request.id, request.user_id, *pair_of)
    )
    with audit.unit():
        database.value("ceremony_open", request.id, shown.proof, result)


def stop(*, request_id: UUID, proof: bytes = b"") -> None:
    """Stop a ceremony: by whom it is about, an administrator, the successor, or a keeper. Raises WrongState, NotAllowed."""
    try:
        with audit.unit():
            database.value("ceremony_stop", request_id, proof)
    except database.Refused as refused:
        raise explain(refused) from None


# --- She finishes -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Opened:
    """A person whose key two keepers opened for the password she chose."""

    request_id: UUID
    user_id: UUID
    device_id: UUID
    request_private: bytes
    private_key: bytes

    def __repr__(self) -> str:
        return "<Opened>"


def open_result(*, login_name: str, password: str, address: str) -> Opened | Refusal:
    """Her key, by the password of her request. One answer and one time for every reason; counted like signing in."""
    counter = bucket(f"finish keepers {login_name}", address)
    if wait := database.value("throttle_take", counter):
        return Refusal(wait=wait)
    found = database.row("ceremony_result", login_name)
    opened = _result(found, password)
    with audit.unit() as entries:
        if opened is None:
            entries.record(Action.RECOVERY_REFUSED)
        else:
            database.value("throttle_clear", counter)
    return opened or Refusal()


def _result(found: Any, password: str) -> Opened | None:
    how = crypto.Derivation.fresh()
    if found is not None:
        how = crypto.Derivation(bytes(found.salt), found.passes, found.memory_kib, found.lanes, found.pepper_version)
    key = crypto.password_key(password, how)
    if found is None:
        return None
    try:
        request_private = crypto.open_with_key(
            key, found.sealed_request, bound_to=request_binding(found.id, "recover")
        )[0]
        private_key = open_sealed_result(found, request_private)
    except crypto.CannotOpen:
        return None
    return Opened(found.id, found.user_id, found.device_id or uuid4(), request_private, private_key)


def open_sealed_result(found: Any, request_private: bytes) -> bytes:
    """The opened key, if it is the one whose public half stands in the register. Raises crypto.CannotOpen."""
    bound_to = result_binding(found.id, found.user_id, found.first_id, found.second_id)
    private_key = crypto.open_as_person(request_private, found.result, bound_to=bound_to)[0]
    if crypto.public_of(private_key) != bytes(found.public_key):
        raise crypto.CannotOpen
    return private_key


def finish(*, opened: Opened, password: str, totp_secret: bytes, totp_step: int) -> str:
    """Make everything new that proves who she is; returns the recovery code, shown once. Raises NotAllowed.

    Takes time: call it with no transaction open. All her sessions end.
    """
    proof = proofs.make_proof(
        user_id=opened.user_id,
        password=password,
        private_key=opened.private_key,
        totp_secret=totp_secret,
        totp_step=totp_step,
        device_id=opened.device_id,
    )
    try:
        with audit.unit():
            database.value("ceremony_finish", opened.request_id, request_proof(opened.request_private), proof.columns)
    except database.Refused:
        raise NotAllowed from None
    return proof.recovery_code
