"""Public keys are believed only if the log and, for persons, a voice say the same.

HPKE seals to whatever key it is given. Whoever can write the database could put her own key into somebody's row; the
entry that the key's making left in the chained log, and the fingerprint that was read out, do not change with it.
"""

import hashlib
from uuid import UUID

from accounts import crypto, database
from accounts.exceptions import KeySwapped
from accounts.models import PublicKey, Team


def person_key(key: PublicKey) -> bytes:
    """The public half of a person's key. Raises KeySwapped."""
    print_ = crypto.fingerprint(key.public_key)
    read_out = key.vouch.fingerprint if hasattr(key, "vouch") else key.fingerprint
    if not (print_ == bytes(key.fingerprint) == bytes(read_out)) or not _logged(
        "key_published", key.user_id, print_.hex()
    ):
        raise KeySwapped
    return bytes(key.public_key)


def team_key(team: Team) -> bytes:
    """The public half of a team's pair. Raises KeySwapped."""
    if not _logged("team_created", team.pk, f"{team.kind}:{hashlib.sha256(bytes(team.public_key)).hexdigest()}"):
        raise KeySwapped
    return bytes(team.public_key)


def check_case_key(*, case_id: UUID, purpose: str, version: int, commitment: bytes) -> None:
    """Whether a case key is one that was made here; asked before something is written under it. Raises KeySwapped."""
    if not _logged("case_keys_made", case_id, f"{purpose}:{version}:{commitment.hex()}"):
        raise KeySwapped


def _logged(action: str, object_id: object, detail: str) -> bool:
    return bool(database.value("logged", action, str(object_id), detail))
