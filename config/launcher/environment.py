"""The environment of each process: its own secrets and its own database role, nothing of the others.

A child starts from an empty environment plus a short list of harmless names, so that a variable in somebody's shell
reaches no process by accident.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from config.launcher.databases import Databases, prefix

PASSED_ON = (
    *("HOME", "LANG", "LC_ALL", "LOGNAME", "TERM", "TMPDIR", "TZ", "USER"),
    *(
        "AUDIT_HEAD_RECIPIENTS",
        "CONN_MAX_AGE",
        "BACKUP_KEEP_DAYS",
        "DERIVATIONS_AT_ONCE",
        "ERASURE_LEDGER",
        "HELPLINE_NAME",
        "KEEP_CASE_MONTHS",
        "KEEP_REQUEST_MONTHS",
        "LOG_LEVEL",
        "MAIL_FROM",
        "TIME_ZONE",
    ),
    *("SIDRO_TICK_SECONDS",),
)
# Never taken over from the shell, not even by a command the person runs through `exec`.
OURS = (
    *("SECRET_KEY", "CONTEXT_KEY", "TOTP_KEY", "PASSWORD_PEPPERS", "ROLE_PASSWORDS", "REDIS_URL", "EMAIL_URL"),
    *("SIDRO_MODE", "SIDRO_PROCESS", "SIDRO_HEARTBEAT_FILE", "STATIC_ROOT", "BEHIND_PROXY", "TRUSTED_PROXIES"),
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "STAFF_URL", "PASSKEY_ORIGINS", "PASSKEY_RP_ID"),
)
LOCAL_HOSTS = "127.0.0.1,localhost"


def plain(mode: str) -> dict[str, str]:
    """What every process gets."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {
        **kept,
        "PATH": programs,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SIDRO_MODE": mode,
        "DATABASE_ROLE_PREFIX": prefix(),
        "ALLOWED_HOSTS": LOCAL_HOSTS,
    }


def personal() -> dict[str, str]:
    """What a command of the person at the terminal starts from: the shell's variables without any of ours."""
    return {name: value for name, value in os.environ.items() if name not in OURS and not name.endswith("DATABASE_URL")}


class Environments:
    """Builds the environment of each process of one launcher."""

    def __init__(self, *, mode: str, kept: Mapping, databases: Databases, broker: str, static: Path) -> None:
        self.mode, self.kept, self.databases, self.broker = mode, kept, databases, broker
        self.base = {**plain(mode), "STATIC_ROOT": str(static)}
        self.ledger = {"ERASURE_LEDGER": self.base.get("ERASURE_LEDGER") or str(static.parent / "erasures.jsonl")}

    def keys(self) -> dict[str, str]:
        """The secrets of the staff site."""
        return {
            "SECRET_KEY": self.kept["secret_keys"]["staff"],
            "CONTEXT_KEY": self.kept["context_key"],
            "TOTP_KEY": self.kept["totp_key"],
            "PASSWORD_PEPPERS": self.kept["password_peppers"],
        }

    def staff(self, *, address: str = "", mail: str = "") -> dict[str, str]:
        """The staff site: signs the actor, opens second factors, checks passwords."""
        site = {"STAFF_URL": address, "CSRF_TRUSTED_ORIGINS": with_names(address)} if address else {}
        if address:  # a passkey is bound to a name; browsers take no number for one
            site["PASSKEY_ORIGINS"] = address.replace("127.0.0.1", "localhost")
        return {
            **self.base,
            **self.keys(),
            **site,
            **({"EMAIL_URL": mail} if mail else {}),
            "SIDRO_PROCESS": "staff",
            "DATABASE_URL": self.databases.roles["web"],
        }

    def public(self, *, address: str = "") -> dict[str, str]:
        """The public site: faces the internet, so it can open nothing."""
        site = {"CSRF_TRUSTED_ORIGINS": with_names(address)} if address else {}
        return {
            **self.base,
            **site,
            "SIDRO_PROCESS": "public",
            "SECRET_KEY": self.kept["secret_keys"]["public"],
            "DATABASE_URL": self.databases.roles["door"],
        }

    def worker(self, *, staff: str = "", mail: str = "", heartbeat: Path | None = None) -> dict[str, str]:
        """The worker: due dates and reminders, neither keys nor texts."""
        extra = {"STAFF_URL": staff, "EMAIL_URL": mail, "SIDRO_HEARTBEAT_FILE": str(heartbeat or "")}
        return {
            **self.base,
            **self.ledger,
            **{name: value for name, value in extra.items() if value},
            "SIDRO_PROCESS": "worker",
            "SECRET_KEY": self.kept["secret_keys"]["worker"],
            "DATABASE_URL": self.databases.roles["worker"],
            "REDIS_URL": self.broker,
        }

    def beat(self) -> dict[str, str]:
        """The clock: sends ticks, reads no database."""
        return {name: value for name, value in self.worker().items() if name != "DATABASE_URL"}

    def owner(self) -> dict[str, str]:
        """Migrations and commands of the operator. Not a process that stays."""
        return {
            **self.base,
            **self.keys(),
            "SIDRO_PROCESS": "owner",
            "OWNER_DATABASE_URL": self.databases.roles["owner"],
        }

    def operator(self) -> dict[str, str]:
        """Backup and restore: reads every row, makes a database, knows where the ledger of erasures lies."""
        return {**self.owner(), **self.ledger, **self.databases.variables()}

    def bootstrap(self) -> dict[str, str]:
        """Makes the roles and the database: the only one that sees the superuser and all passwords."""
        passwords = json.dumps(self.kept["role_passwords"])
        return {**self.owner(), **self.databases.variables(), "ROLE_PASSWORDS": passwords}

    def harness(self, log: Path) -> dict[str, str]:
        """A test run: the staff process, and the addresses of all roles so that tests can try each of them."""
        return {
            **self.staff(),
            **self.databases.variables(),
            "REDIS_URL": self.broker,
            "SIDRO_POSTGRES_LOG": str(log),
        }


def with_names(address: str) -> str:
    """An address under both names of this machine."""
    return f"{address},{address.replace('127.0.0.1', 'localhost')}"
