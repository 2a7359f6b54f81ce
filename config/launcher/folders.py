"""Folders: the data that is kept, the short-lived folder of sockets, and who may enter them."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from config.launcher.errors import LauncherError

BASE = Path(__file__).resolve().parent.parent.parent
TEST_PREFIX = f"sidro-test-{os.getuid()}-"
ORPHAN_AGE = 60  # seconds; a younger test folder may belong to a run that is just starting


def data_folder() -> Path:
    """Where the demo keeps everything: SIDRO_DATA or `.local`."""
    folder = Path(os.environ.get("SIDRO_DATA") or BASE / ".local").resolve()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    return folder


def temporary_root() -> Path:
    """A short path: the name of a Unix socket may not be longer than about 100 characters."""
    short = Path("/tmp")
    return short if os.access(short, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def sockets_folder(data: Path) -> Path:
    """The folder of sockets that belongs to a data folder; the same name each time, so that commands find it."""
    name = hashlib.sha256(f"{os.getuid()} {data}".encode()).hexdigest()[:12]
    return own_folder(temporary_root() / f"sidro-{name}", mode=0o711)


def own_folder(path: Path, *, uid: int | None = None, gid: int | None = None, mode: int = 0o700) -> Path:
    """Make a folder, or accept one that is ours.

    Names in the temporary folder can be guessed, so an existing one must be a real folder of the right owner.
    """
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if uid is not None:
            os.chown(path, uid, -1 if gid is None else gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != (os.geteuid() if uid is None else uid):
        raise LauncherError(f"{path} exists and belongs to someone else; remove it and start again.")
    path.chmod(mode)
    return path


def reachable_by_others(path: Path) -> bool:
    """Whether any other user can get to this path, parents included."""
    chain = [path, *path.parents]
    return all(stat.S_IMODE(part.stat().st_mode) & stat.S_IXOTH for part in chain if part.exists())


@contextlib.contextmanager
def run_folder() -> Iterator[Path]:
    """A folder for one test run, removed at its end; leftovers of killed runs go first."""
    remove_orphans()
    folder = Path(tempfile.mkdtemp(prefix=TEST_PREFIX, dir=temporary_root()))
    folder.chmod(0o711)
    try:
        with hold(folder / "lock", busy="This test folder is in use."):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_orphans() -> None:
    """Remove the test folders whose run was killed: nobody holds their lock."""
    for folder in temporary_root().glob(f"{TEST_PREFIX}*"):
        with contextlib.suppress(OSError, LauncherError):
            if folder.lstat().st_uid != os.geteuid() or time.time() - folder.lstat().st_mtime < ORPHAN_AGE:
                continue
            with hold(folder / "lock", busy="in use"):
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def hold(path: Path, *, busy: str) -> Iterator[None]:
    """Hold a lock file; the kernel lets go of it whatever way this process ends."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LauncherError(busy) from None
        path.chmod(0o600)
        yield


def is_held(path: Path) -> bool:
    """Whether another process holds this lock file."""
    try:
        with hold(path, busy="held"):
            return False
    except LauncherError:
        return True
