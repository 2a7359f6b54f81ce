"""Key keepers: named, given a code, confirmed by voice, retired; and the copies of keys that two of them open."""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from accounts import audit, crypto, database
from accounts.choices import Action
from accounts.exceptions import KeySwapped, WrongState
from accounts.models import User
from accounts.services.people import CYRILLIC, REASONS, explain

LINK_AGE = timedelta(days=7)


def invite(*, name: str, address: str, language: str, by: User) -> str:
    """Name a keeper; returns the token of the link on which she makes her code. Raises WrongState, NotAllowed."""
    token = secrets.token_urlsafe(32)
    until = timezone.now() + LINK_AGE
    try:
        with audit.unit():
            database.value("keeper_invite", uuid4(), name, address, language, crypto.token_hash(token), until)
    except database.Refused as refused:
        raise explain(refused) from None
    return token


def make_key(*, token: str, code: str) -> None:
    """Keep of what her code derives the public half, and a hash of the proof; the code is stored nowhere.

    Raises WrongState.
    """
    pair = crypto.keeper_pair(code)
    kept = hashlib.sha256(keeper_proof(pair.private)).digest()
    try:
        with audit.unit():
            database.value("keeper_key_make", crypto.token_hash(token), pair.public, kept)
    except database.Refused as refused:
        raise explain(refused) from None


def keeper_proof(private_key: bytes) -> bytes:
    """32 bytes that only her code can show. The database keeps their SHA-256, and lets nobody act as her without them."""
    return hashlib.sha256(crypto.binding("keeper proof") + private_key).digest()


def confirm_by_words(*, keeper: Any, words: str, by: User) -> None:
    """Confirm a keeper with the six words that she read out from her paper. Raises WrongState, NotAllowed."""
    print_ = crypto.fingerprint(keeper.public_key)
    if said(words) != crypto.fingerprint_words(print_):
        with audit.unit() as entries:
            entries.record(Action.KEEPER_REFUSED, keeper.id, detail="words_differ")
            raise WrongState(REASONS["fingerprint_differs"]())
    try:
        with audit.unit():
            database.value("keeper_confirm", keeper.id, print_, bytes(keeper.public_key))
    except database.Refused as refused:
        raise explain(refused) from None


def retire(*, keeper_id: UUID, by: User) -> None:
    """Take a keeper out: her copies go, and what she had begun ends. Raises WrongState where fewer than two stay."""
    try:
        with audit.unit():
            database.value("keeper_retire", keeper_id)
    except database.Refused as refused:
        raise explain(refused) from None


def said(words: str) -> list[str]:
    """Words as they are compared: both scripts, any signs between them."""
    return re.findall(r"[a-z]+", words.casefold().translate(CYRILLIC))


# --- Copies -----------------------------------------------------------------------------------
def copy_binding(user_id: UUID, fingerprint: bytes, first_id: UUID, second_id: UUID, layer: str) -> bytes:
    """Where a layer of a copy belongs: this person, this key of hers, these two keepers in this order."""
    return crypto.binding("keeper copy", layer, user_id, bytes(fingerprint).hex(), first_id, second_id)


def make_copies(*, private_key: bytes, by: User) -> None:
    """Seal her key to every pair of keepers that has no copy yet. One short write at sign-in, usually none at all.

    A keeper whose key is not the one that was confirmed by voice gets nothing.
    """
    fingerprint = crypto.fingerprint(crypto.public_of(private_key))
    copies: list[dict[str, str]] = []
    genuine: dict[UUID, bytes] = {}
    for pair in database.rows("keeper_copies_missing"):
        try:
            for keeper_id, key in ((pair.first_id, pair.first_key), (pair.second_id, pair.second_key)):
                if keeper_id not in genuine:
                    genuine[keeper_id] = genuine_key(keeper_id, key)
        except KeySwapped:
            continue
        place = (by.pk, fingerprint, pair.first_id, pair.second_id)
        inner = crypto.seal_to_person(genuine[pair.second_id], private_key, bound_to=copy_binding(*place, "inner"))
        outer = crypto.seal_to_person(genuine[pair.first_id], inner, bound_to=copy_binding(*place, "outer"))
        copies.append(
            {
                "key": str(pair.key_id),
                "first": str(pair.first_id),
                "second": str(pair.second_id),
                "sealed": outer.hex(),
            }
        )
    if copies:
        database.value("keeper_copies_store", {"copies": copies})


def genuine_key(keeper_id: UUID, public_key: bytes) -> bytes:
    """The keeper's key, if it is the one that was read out. Raises KeySwapped."""
    public_key = bytes(public_key)
    if not database.value("logged", "keeper_confirmed", str(keeper_id), crypto.fingerprint(public_key).hex()):
        raise KeySwapped
    return public_key
