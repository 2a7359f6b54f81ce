"""Files of a case: taken in, handed out as a download, taken out again. Never changed, never rendered."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, crypto, database
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.choices import MinorFlag, Purpose
from cases.codes import FileKind, FileRemoval, TimelineKind
from cases.models import Case, CaseFile
from cases.services import file_types, timeline
from cases.services.sealed import content
from cases.services.sealed import files as sealed_files

LARGEST = 5 * 1024 * 1024  # bytes
LONGEST_NAME = 150


@dataclass(frozen=True)
class Upload:
    """What comes out of the form."""

    nonce: UUID
    kind: FileKind
    name: str
    data: bytes
    description: str


@dataclass(frozen=True)
class Download:
    """A file as it is handed out."""

    name: str
    data: bytes


def add_file(*, case: Case, new: Upload, by: User) -> None:
    """Take a file in, sealed. The same form sent twice adds one.

    Raises UnfitFile, WrongState where somebody is or may be under 18, NotAllowed, NotHeld.
    """
    permissions.require_action(by, "add_file", case)
    if case.minor != MinorFlag.NO:
        raise WrongState(_("No file is taken in here until it is sure that nobody under 18 is concerned."))
    if len(new.data) > LARGEST:
        raise file_types.UnfitFile(_("A file may be at most 5 MB. Choose a smaller one."))
    name = plain_name(new.name)
    media_type = file_types.media_type(name, new.data)
    digest = hashlib.sha256(new.data).hexdigest()
    nonce = once(new.nonce, digest, name, new.description)
    file = CaseFile(
        pk=uuid4(),
        case=case,
        nonce=nonce,
        kind=new.kind,
        size=len(new.data),
        uploaded_at=timezone.now(),
        uploaded_by=by,
    )
    meta = {"type": media_type, "sha256": digest, "description": new.description}
    with audit.unit() as entries:
        if insert_once(file):
            for field, value in (("file.name", name), ("file.meta", meta)):
                content.write(
                    case_id=case.pk, record_id=file.pk, field=field, value=value, purpose=Purpose.CONTENT, by=by
                )
            sealed_files.write(case_id=case.pk, file_id=file.pk, data=new.data, by=by)
            timeline.tell(case_id=case.pk, kind=TimelineKind.FILE, record_id=file.pk, detail="added", by=by)
            entries.record(Action.FILE_ADDED, file.pk, detail=str(new.kind))


def plain_name(name: str) -> str:
    """A name without a path, without control characters, not too long, its ending kept."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    bare = "".join(sign for sign in bare if sign.isprintable()).strip(" .") or "file"
    path = PurePath(bare)
    return path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix[:LONGEST_NAME]


def read_names(*, case: Case, files: list[CaseFile], by: User) -> dict[UUID, tuple[str, str]]:
    """Name and description of files: two queries. Raises NotHeld."""
    found = content.read(case_id=case.pk, record_ids=[file.pk for file in files], purpose=Purpose.CONTENT, by=by)
    return {
        file.pk: (found[file.pk, "file.name"], found[file.pk, "file.meta"]["description"])
        for file in files
        if (file.pk, "file.name") in found and (file.pk, "file.meta") in found
    }


def open_file(*, file: CaseFile, by: User) -> Download:
    """Open a file to hand it out: logged, and a line of the timeline. Raises NotAllowed, NotHeld, WrongState."""
    permissions.require_action(by, "download_file", file.case)
    if file.removed_at is not None:
        raise WrongState(_("This file was taken out."))
    try:
        found = content.read(case_id=file.case_id, record_ids=[file.pk], purpose=Purpose.CONTENT, by=by)
        data = sealed_files.read(case_id=file.case_id, file_id=file.pk, by=by)
        name, meta = found[file.pk, "file.name"], found[file.pk, "file.meta"]
        if hashlib.sha256(data).hexdigest() != meta["sha256"]:
            raise crypto.CannotOpen
    except (crypto.CannotOpen, KeyError):
        raise WrongState(
            _("This file cannot be opened: it was damaged or changed. Tell whoever looks after the system.")
        ) from None
    with audit.unit() as entries:
        timeline.tell(case_id=file.case_id, kind=TimelineKind.FILE, record_id=file.pk, detail="downloaded", by=by)
        entries.record(Action.FILE_DOWNLOADED, file.pk)
    return Download(name, data)


def remove_file(*, file: CaseFile, reason: FileRemoval, by: User) -> None:
    """Take a file out: name and bytes are deleted, the shell says who and why. For its uploader, lead and backup.

    Raises NotAllowed, WrongState.
    """
    permissions.require_action(by, "remove_file", file.case)
    with audit.unit() as entries:
        try:
            removed = database.value("file_remove", file.pk, str(reason))
        except database.Refused as error:
            raise NotAllowed from error
        if removed:
            timeline.tell(case_id=file.case_id, kind=TimelineKind.FILE, record_id=file.pk, detail="taken_out", by=by)
            entries.record(Action.FILE_REMOVED, file.pk, detail=str(reason))
