"""What a file is, by its content: a short list of kinds is let in, everything else is refused with the reason.

Nothing here is ever rendered: the check keeps out what harms whoever opens a download, and what is not what it says.
"""

import io
import zipfile
from pathlib import PurePath

import puremagic
from django.utils.translation import gettext as _

from accounts.exceptions import WrongState

# Ending of the name -> media type. What is in the file must be the same.
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
ACCEPTED = ", ".join(f".{ending}" for ending in TYPES)
_ZIPPED = {"docx", "odt"}
_UNPACKED = 200 * 1024 * 1024  # a small document that unpacks to more than this is a trap
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<body", b"<head", b"#!", b"{\\rtf", b"mz")


class UnfitFile(WrongState):
    """This file is not taken; the message says why and what to do."""


def media_type(name: str, data: bytes) -> str:
    """The media type of a file whose name and content agree. Raises UnfitFile."""
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in TYPES:
        raise UnfitFile(
            _("Files of this kind are not taken: only %(endings)s. Save it as PDF, or as a picture.")
            % {"endings": ACCEPTED}
        )
    if not data:
        raise UnfitFile(_("This file is empty. Look whether it was saved completely, and choose it again."))
    if not _is(ending, data):
        raise UnfitFile(
            _(
                "What is in this file does not fit its name, which ends in .%(ending)s. Open it on your computer, save it"
                " anew and choose it again."
            )
            % {"ending": ending}
        )
    return TYPES[ending]


def _is(ending: str, data: bytes) -> bool:
    if ending == "txt":
        return _is_plain_text(data)
    if TYPES[ending] not in _guesses(data):
        return False
    if ending == "pdf":
        return data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:]
    if ending in _ZIPPED:
        return _is_document(ending, data)
    return _is_picture(ending, data)


def _guesses(data: bytes) -> set[str]:
    """Media types that the signatures in the content allow."""
    try:
        return {found.mime_type for found in puremagic.magic_string(data)} | _open_document(data)
    except (puremagic.PureError, ValueError):
        return set()


def _open_document(data: bytes) -> set[str]:
    """OpenDocument says its type in its first, unpacked entry."""
    return {TYPES["odt"]} if data[30:].startswith(b"mimetype" + TYPES["odt"].encode()) else set()


def _is_plain_text(data: bytes) -> bool:
    """Words that anybody can read: UTF-8, no control characters, and nothing that a browser or a shell would run."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if any(ord(sign) < 32 and sign not in "\t\r\n\f" for sign in text):
        return False
    start = text.lstrip().lower().encode()[:1024]
    harmless = not start.startswith(_MARKUP) and b"<script" not in start and b"<html" not in start
    return harmless and not _guesses(data) & {"text/html", "image/svg+xml", "application/pdf"}


def _is_document(ending: str, data: bytes) -> bool:
    """A text document without macros, and without anything before or after it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    names = {entry.filename for entry in entries}
    if sum(entry.file_size for entry in entries) > _UNPACKED or not data.startswith(b"PK\x03\x04"):
        return False
    if any("vbaproject" in name.lower() or name.lower().startswith(("basic/", "scripts/")) for name in names):
        return False
    if ending == "docx":
        return {"[Content_Types].xml", "word/document.xml"} <= names
    return bool(_open_document(data)) and "content.xml" in names


def _is_picture(ending: str, data: bytes) -> bool:
    """From its first byte to its last: what hangs behind a picture is something else."""
    if ending == "png":
        return data.startswith(b"\x89PNG\r\n\x1a\n") and data[-12:] == b"\0\0\0\0IEND\xaeB`\x82"
    if ending == "webp":
        stated = int.from_bytes(data[4:8], "little") + 8
        return data[:4] == b"RIFF" and data[8:12] == b"WEBP" and stated in {len(data), len(data) - 1}
    return data.startswith(b"\xff\xd8\xff") and data.rstrip(b"\0").endswith(b"\xff\xd9")
