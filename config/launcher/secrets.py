"""Makes and keeps the secrets of a demo or a test run. Production makes its own: docs/secrets.md."""

import json
import os
import secrets
from pathlib import Path

from config.launcher.errors import LauncherError

ROLES = ("owner", "web", "door", "worker", "stats", "backup")
PROCESSES_WITH_KEY = ("staff", "public", "worker")


def new_secrets() -> dict:
    """A fresh set: 256 random bits each."""
    return {
        "secret_keys": {process: secrets.token_hex(32) for process in PROCESSES_WITH_KEY},
        "context_key": secrets.token_hex(32),
        "totp_key": secrets.token_hex(32),
        "password_peppers": f"1={secrets.token_hex(32)}",
        "role_passwords": {role: secrets.token_hex(32) for role in ROLES},
        "superuser_password": secrets.token_hex(32),
        "broker_password": secrets.token_hex(32),
    }


def load_secrets(folder: Path) -> dict:
    """The secrets of a data folder, made at the first call. The file is for its owner only."""
    path = folder / "secrets.json"
    if not path.exists():
        if (folder / "stamps.json").exists():
            raise LauncherError(f"{path} is missing, and without it this data cannot be opened: `make clean-data`.")
        write_private(path, json.dumps(new_secrets(), indent=1))
    try:
        path.chmod(0o600)
        return json.loads(path.read_text())
    except PermissionError:
        raise LauncherError(f"{path} belongs to another user: use that user, or another SIDRO_DATA.") from None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    draft.replace(path)
