"""The bytes of a file: sealed in pieces under the content key, each bound to its case, file, place and being the last."""

from uuid import UUID

from accounts import crypto
from accounts.models import User
from cases.choices import Purpose
from cases.services.sealed.keys import held_keys, newest_key
from cases.vault.models import Chunk

ENVELOPE = 30  # bytes around a piece: head, nonce, tag
PIECE = 64 * 1024 - ENVELOPE  # so that a sealed piece has at most 64 KiB


def chunk_binding(case_id: UUID, file_id: UUID, index: int, last: bool, version: int) -> bytes:
    """Where a piece belongs: swapped, moved or left out, the file does not open."""
    return crypto.binding("chunk", case_id, file_id, index, last, version)


def write(*, case_id: UUID, file_id: UUID, data: bytes, by: User) -> None:
    """Seal a file piece by piece. Raises NotHeld where `by` lacks the key."""
    key = newest_key(case_id=case_id, purpose=Purpose.CONTENT, by=by)
    pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 1
        bound_to = chunk_binding(case_id, file_id, index, last, key.version)
        Chunk(
            file_id=file_id,
            case_id=case_id,
            index=index,
            last=last,
            key_version=key.version,
            payload=crypto.seal_with_key(key.key, piece, bound_to=bound_to),
        ).save(force_insert=True)


def read(*, case_id: UUID, file_id: UUID, by: User) -> bytes:
    """The whole file, or nothing: no byte leaves before every piece has proved its place.

    Raises NotHeld, crypto.CannotOpen.
    """
    keys = held_keys(case_id=case_id, purpose=Purpose.CONTENT, by=by)
    pieces: list[bytes] = []
    last = False
    for chunk in Chunk.objects.filter(case_id=case_id, file_id=file_id).order_by("index").iterator(chunk_size=8):
        if last or chunk.index != len(pieces) or chunk.key_version not in keys:
            raise crypto.CannotOpen
        last = chunk.last
        bound_to = chunk_binding(case_id, file_id, chunk.index, last, chunk.key_version)
        pieces.append(crypto.open_with_key(keys[chunk.key_version].key, chunk.payload, bound_to=bound_to)[0])
    if not last:
        raise crypto.CannotOpen
    return b"".join(pieces)
