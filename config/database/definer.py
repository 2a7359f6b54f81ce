"""Connections of the owner, for commands on the server's console: as herself, or as the definer, who sees every row."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from psycopg import sql


class NoOwner(Exception):
    """The environment does not say how to reach the database as its owner."""


@contextmanager
def owner() -> Iterator[psycopg.Connection]:
    """The owner of the tables: under forced row security she sees nothing. Raises NoOwner."""
    url = os.environ.get("OWNER_DATABASE_URL", "")
    if not url:
        raise NoOwner("OWNER_DATABASE_URL is not set: this command runs as the owner of the database.")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@contextmanager
def definer() -> Iterator[psycopg.Connection]:
    """The owner as the definer, who owns the functions and sees every row. Raises NoOwner."""
    with owner() as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"{settings.DATABASE_ROLE_PREFIX}_definer")))
        yield connection


def people_exist() -> bool:
    """Whether anybody was ever invited. Raises NoOwner."""
    with definer() as connection:
        return connection.execute("SELECT EXISTS (SELECT 1 FROM accounts_user)").fetchone() == (True,)


def person_exists(login_name: str) -> bool:
    """Whether somebody has this sign-in name. Raises NoOwner."""
    with definer() as connection:
        query = "SELECT EXISTS (SELECT 1 FROM accounts_user u WHERE u.login_name = %s)"
        return connection.execute(query, [login_name]).fetchone() == (True,)
