"""Create the roles and the database. Runs once as a superuser, or by hand from docs/roles.sql on a managed server."""

import psycopg
from psycopg import sql

from config.database.table import LOGIN_ROLES

# NOINHERIT: the owner may become the definer to make its functions, and sees nothing as itself.
ATTRIBUTES = {
    "owner": "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE",
    "web": "LOGIN NOINHERIT NOSUPERUSER",
    "door": "LOGIN NOINHERIT NOSUPERUSER",
    "worker": "LOGIN NOINHERIT NOSUPERUSER",
    "stats": "LOGIN NOINHERIT NOSUPERUSER",
    "backup": "LOGIN NOINHERIT NOSUPERUSER",
    "definer": "NOLOGIN NOINHERIT NOSUPERUSER",
}


def statements(*, prefix: str, database: str, version: int) -> list[sql.Composed]:
    """All statements for a fresh cluster; `version` is PostgreSQL's major number."""
    owner, definer, backup = (sql.Identifier(f"{prefix}_{name}") for name in ("owner", "definer", "backup"))
    logins = sql.SQL(", ").join(sql.Identifier(f"{prefix}_{name}") for name in LOGIN_ROLES)
    name = sql.Identifier(database)
    membership = sql.SQL(" WITH INHERIT FALSE, SET TRUE" if version >= 16 else "")
    return [
        sql.SQL("GRANT {} TO {}{}").format(definer, owner, membership),
        sql.SQL("ALTER ROLE {} BYPASSRLS").format(backup),
        sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner),
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, logins),
    ]


def bootstrap(superuser_url: str, *, prefix: str, database: str, passwords: dict[str, str]) -> None:
    """Create or update roles and database. Passwords by role name without the prefix."""
    with psycopg.connect(superuser_url, autocommit=True) as connection, connection.cursor() as cursor:
        for name, attributes in ATTRIBUTES.items():
            _role(cursor, f"{prefix}_{name}", attributes, passwords.get(name))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone() is None:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(database))
            )
        for statement in statements(prefix=prefix, database=database, version=connection.info.server_version // 10000):
            cursor.execute(statement)
    with psycopg.connect(superuser_url, autocommit=True, dbname=database) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(f"{prefix}_owner")))


def _role(cursor: psycopg.Cursor, name: str, attributes: str, password: str | None) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    cursor.execute(sql.SQL("{} ROLE {} WITH {}").format(sql.SQL(verb), sql.Identifier(name), sql.SQL(attributes)))
    if password:
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password)))
