"""Addresses of the database, one for each role: our own cluster's, or those the environment gives."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from config.launcher.errors import LauncherError
from config.launcher.postgres import SUPERUSER, Cluster
from config.launcher.secrets import ROLES

DATABASE = "sidro"
VARIABLES = {"web": "DATABASE_URL", **{role: f"{role.upper()}_DATABASE_URL" for role in ROLES if role != "web"}}
SUPERUSER_VARIABLE = "SUPERUSER_DATABASE_URL"
NEEDED = ("owner", "web", "door", "worker")


def prefix() -> str:
    """What the names of the roles begin with."""
    return os.environ.get("DATABASE_ROLE_PREFIX") or "sidro"


@dataclass(frozen=True)
class Databases:
    """The address of each role; the superuser's only where we may make roles and the database."""

    roles: dict[str, str]
    superuser: str | None

    def variables(self) -> dict[str, str]:
        """All of them by the names of their variables: for bootstrap and for the test harness only."""
        found = {VARIABLES[role]: url for role, url in self.roles.items()}
        return {**found, SUPERUSER_VARIABLE: self.superuser} if self.superuser else found


def of_cluster(cluster: Cluster, kept: Mapping) -> Databases:
    """Addresses in our own cluster."""
    roles = {
        role: cluster.url(user=f"{prefix()}_{role}", password=kept["role_passwords"][role], database=DATABASE)
        for role in ROLES
    }
    superuser = cluster.url(user=SUPERUSER, password=kept["superuser_password"], database="postgres")
    return Databases(roles, superuser)


def from_environment(kept: Mapping) -> Databases | None:
    """Addresses of somebody else's server; None if the environment names none.

    With a superuser's address alone the roles get their kept passwords; otherwise every role must be named, because
    no process may borrow another's.
    """
    given = {role: os.environ[name] for role, name in VARIABLES.items() if os.environ.get(name)}
    superuser = os.environ.get(SUPERUSER_VARIABLE) or None
    if superuser:
        made = {role: on_server(superuser, f"{prefix()}_{role}", kept["role_passwords"][role]) for role in ROLES}
        return Databases({**made, **given}, superuser)
    if not given:
        return None
    missing = [VARIABLES[role] for role in NEEDED if role not in given]
    if missing:
        raise LauncherError(f"A database is given, but not {', '.join(missing)} (or {SUPERUSER_VARIABLE} alone).")
    return Databases(given, None)


def on_server(superuser: str, user: str, password: str) -> str:
    """The same server as another role, in Sidro's database."""
    parts = urlsplit(superuser)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}", path=f"/{DATABASE}"))
