"""A backup as a file: a readable line that says which key opens it, then pieces sealed one by one.

Layout: MAGIC, length and text of the head (JSON: version, month, public key), length and envelope of the file's own
key (HPKE to the key of the month), then pieces, each with its length. Piece 0 holds the details; the last one says
that it is the last. Head, number and "last" are bound into each piece, so that a piece changed, moved or missing, at
the end too, opens nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from accounts import crypto

MAGIC = b"sidro-backup\n"
VERSION = 1
PIECE = 64 * 1024
_MOST = PIECE + 1024  # no envelope is longer


class Damaged(Exception):
    """Not a backup of ours, another key, or not every byte of it is as it was written. Never says which."""


def write(target: BinaryIO, *, month: str, public_key: bytes, details: dict[str, Any], data: Iterable[bytes]) -> None:
    """Seal details and data to the key of a month."""
    head = json.dumps({"version": VERSION, "month": month, "key": bytes(public_key).hex()}, sort_keys=True).encode()
    mark, key = hashlib.sha256(head).hexdigest(), crypto.new_key()
    target.write(MAGIC)
    _put(target, head)
    _put(target, crypto.seal_to_person(public_key, key, bound_to=crypto.binding("backup key", mark)))
    said = json.dumps(details, sort_keys=True).encode()
    number = -1
    for number, (piece, last) in enumerate(_pieces(said, data)):
        _put(target, crypto.seal_with_key(key, piece, bound_to=_place(mark, number, last)))
    if number < 1:
        raise ValueError("a backup has details and data")


def _pieces(details: bytes, data: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The details, then the data in pieces of one size; true with the last."""
    yield details, False
    waiting = b""
    for chunk in data:
        waiting += chunk
        while len(waiting) > PIECE:
            yield waiting[:PIECE], False
            waiting = waiting[PIECE:]
    yield waiting, True


def _place(mark: str, number: int, last: bool) -> bytes:
    return crypto.binding("backup piece", mark, number, int(last))


def _put(target: BinaryIO, part: bytes) -> None:
    target.write(len(part).to_bytes(4, "big") + part)


def _take(source: BinaryIO, most: int = _MOST) -> bytes:
    """The next part; empty at the end. Raises Damaged."""
    size = source.read(4)
    if not size:
        return b""
    length = int.from_bytes(size, "big")
    part = source.read(length) if len(size) == 4 and 0 < length <= most else b""
    if len(part) != length or not part:
        raise Damaged
    return part


def read_head(source: BinaryIO) -> dict[str, str]:
    """Month and public key, readable without any key: which paper is needed. Raises Damaged."""
    if source.read(len(MAGIC)) != MAGIC:
        raise Damaged
    try:
        head = json.loads(_take(source))
    except ValueError:
        raise Damaged from None
    if head.get("version") != VERSION:
        raise Damaged
    return head


def read(source: BinaryIO, private_key: bytes) -> Iterator[bytes]:
    """The details as JSON first, then the data. Raises Damaged, at the latest at the end.

    What was given out before that may not be trusted: check the whole file first (`check`), then read it again.
    """
    source.seek(0)
    if source.read(len(MAGIC)) != MAGIC:
        raise Damaged
    mark = hashlib.sha256(_take(source)).hexdigest()
    try:
        key, _schema = crypto.open_as_person(private_key, _take(source), bound_to=crypto.binding("backup key", mark))
        yield from _opened(source, key, mark)
    except crypto.CannotOpen:
        raise Damaged from None


def _opened(source: BinaryIO, key: bytes, mark: str) -> Iterator[bytes]:
    part, number = _take(source), 0
    while part:
        following = _take(source)
        piece, _schema = crypto.open_with_key(key, part, bound_to=_place(mark, number, not following))
        yield piece
        part, number = following, number + 1
    if number < 2:
        raise Damaged


def check(source: BinaryIO, private_key: bytes) -> dict[str, Any]:
    """Open every piece, keep none, and give the details. Raises Damaged."""
    pieces = read(source, private_key)
    details = next(pieces, b"")
    for _piece in pieces:
        pass
    try:
        return json.loads(details)
    except ValueError:
        raise Damaged from None
