"""What is searched for, and in which disguises: as it is, in capitals, in hex, in base64."""

import base64
import re
import secrets
import string
from collections.abc import Iterable, Iterator
from pathlib import Path

PIECE = 16 * 1024 * 1024
OVERLAP = 4096  # longer than any needle in any disguise


def new_mark() -> str:
    """The beginning that all canaries of a run share. Small letters only: no field makes them into something else."""
    return "kvx" + "".join(secrets.choice(string.ascii_lowercase) for _letter in range(10))


class Needles:
    """One mark with the names behind it, and secrets that have no mark (keys, codes, cookies)."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self._forms: list[tuple[str, str, bytes]] = [
            ("a canary", form, text) for form, text in disguises(mark.encode())
        ]
        self._named = re.compile(re.escape(mark).encode() + rb"([a-z]+)", re.IGNORECASE)

    def text(self, field: str) -> str:
        """The canary of a field such as `note.text`."""
        return self.mark + letters(field)

    def add(self, label: str, secret: bytes | str) -> None:
        """A secret of its own; shorter ones than eight bytes would be found by chance."""
        plain = secret.encode() if isinstance(secret, str) else bytes(secret)
        if len(plain) < 8:
            raise ValueError(label)
        self._forms += [(label, form, text) for form, text in disguises(plain)]

    def names_in(self, data: bytes) -> set[str]:
        """The fields whose canaries stand in it as they were typed."""
        return {found.decode().lower() for found in self._named.findall(data)}

    def find(self, data: bytes) -> list[str]:
        """What of all this stands in it: the field where it can be told, else what it is, and in which disguise."""
        hits = {f"{label} ({form})" for label, form, text in self._forms if text in data}
        if "a canary (as it is)" in hits or "a canary (in capitals)" in hits:
            hits |= {f"{name} (by name)" for name in self.names_in(data)}
        return sorted(hits)

    def find_in_files(self, folders: Iterable[Path]) -> tuple[list[str], int]:
        """The same for every file below these folders, its name too; and how many bytes that were."""
        hits: list[str] = []
        size = 0
        for path in files(folders):
            hits += [f"{found} in the name of {path.name}" for found in self.find(str(path.name).encode())]
            for piece in pieces(path):
                size += len(piece)
                hits += [f"{found} in {path}" for found in self.find(piece)]
        return sorted(set(hits)), size


def letters(field: str) -> str:
    return "".join(letter for letter in field.lower() if letter in string.ascii_lowercase)


def disguises(plain: bytes) -> Iterator[tuple[str, bytes]]:
    """Of base64 the part that is the same whatever stands around it, for each of three places in a group."""
    yield "as it is", plain
    if plain != plain.upper():
        yield "in capitals", plain.upper()
    yield "in hex", plain.hex().encode()
    yield "in hex capitals", plain.hex().upper().encode()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain).rstrip(b"=")
        core = coded[(0, 2, 3)[before] : len(coded) - 1]
        yield f"in base64 {before}", core
        if core != (safe := core.replace(b"+", b"-").replace(b"/", b"_")):
            yield f"in base64 for addresses {before}", safe


def files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def pieces(path: Path) -> Iterator[bytes]:
    """A file in pieces that overlap. One that is gone meanwhile is none."""
    try:
        with path.open("rb") as handle:
            before = b""
            while piece := handle.read(PIECE):
                yield before + piece
                before = piece[-OVERLAP:]
    except OSError:
        return
