"""The one module with raw SQL: calls of the database's own functions, and the only place that meets IntegrityError.

The functions are in config/database/functions/ and in the register of docs/architecture.md. All arguments are bound
on the server.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from django.db import DatabaseError, IntegrityError, connection, models, transaction  # noqa: TID251 - this is the module
from psycopg import errors, sql
from psycopg.types.json import Jsonb


class Refused(Exception):
    """PostgreSQL said no: a right is missing, or the record is not in the state that the step needs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@cache
def _query(function: str, count: int) -> str:
    """The call of `app.<function>` with so many arguments."""
    placeholders = sql.SQL(", ").join([sql.Placeholder()] * count)
    return sql.SQL("SELECT * FROM app.{}({})").format(sql.Identifier(function), placeholders).as_string()


def _call(function: str, arguments: tuple[Any, ...]) -> tuple[list[str], list[tuple]]:
    """Call `app.<function>`; returns names of columns and rows."""
    prepared: list[Any] = [Jsonb(argument) if isinstance(argument, dict) else argument for argument in arguments]
    with connection.cursor() as cursor:
        try:
            cursor.execute(_query(function, len(arguments)), prepared)
        except DatabaseError as error:
            if isinstance(error.__cause__, errors.RaiseException):
                raise Refused(error.__cause__.diag.message_primary or "refused") from None
            raise
        return [column.name for column in cursor.description or ()], cursor.fetchall()


def rows(function: str, *arguments: Any) -> list[Any]:
    """Call `app.<function>` and return its rows, with columns as attributes.

    Raises Refused where the function itself says no (SQLSTATE P0001, message is a code such as `not_allowed`).
    """
    names, found = _call(function, arguments)
    return [SimpleNamespace(**dict(zip(names, values, strict=True))) for values in found]


def row(function: str, *arguments: Any) -> Any:
    """The first row, or None."""
    found = rows(function, *arguments)
    return found[0] if found else None


def value(function: str, *arguments: Any) -> Any:
    """The one value that a scalar function returns."""
    _names, found = _call(function, arguments)
    return found[0][0] if found else None


def set_local(name: str, text: str) -> None:
    """Set a parameter until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_catalog.set_config(%s, %s, true)", [name, text])


def backend_pid() -> int:
    """Process id of this connection's server process, known to the driver without asking."""
    connection.ensure_connection()
    return connection.connection.info.backend_pid


def in_transaction() -> bool:
    return connection.in_atomic_block


def insert_once(*instances: models.Model) -> bool:
    """Insert rows of one model and return True, or return False when rows with the same unique values are there.

    The insert has a savepoint of its own: an IntegrityError caught anywhere else leaves a broken transaction, and the
    view answers 200 with its writes lost.
    """
    try:
        with transaction.atomic():
            cast(Any, type(instances[0])).objects.bulk_create(instances)
    except IntegrityError as error:
        if isinstance(error.__cause__, errors.UniqueViolation):
            return False
        raise
    return True


@contextmanager
def refusals() -> Iterator[None]:
    """What a trigger says no to inside is raised as Refused: between a check and the row, another may have come first."""
    try:
        yield
    except DatabaseError as error:
        if isinstance(error.__cause__, errors.RaiseException):
            raise Refused(error.__cause__.diag.message_primary or "refused") from None
        raise


def is_collision(error: BaseException) -> bool:
    """Whether two people met at the same rows, and PostgreSQL undid the work of one: pressed again it goes through."""
    return isinstance(error.__cause__, errors.DeadlockDetected | errors.SerializationFailure | errors.LockNotAvailable)


_NOT_THERE = tuple(f'is not present in table "{table}".' for table in ("cases_case", "cases_helprequest"))


def is_gone(error: BaseException) -> bool:
    """Whether the case or request that a new row belongs to was erased before the row was kept.

    Any other missing row, and one that an erasure left behind, is a fault of ours and stays an error. Where PostgreSQL
    does not speak English it stays one, too.
    """
    cause = error.__cause__
    if not isinstance(cause, errors.ForeignKeyViolation):
        return False
    return (cause.diag.message_detail or "").endswith(_NOT_THERE)


def is_refusal(error: BaseException) -> bool:
    """Whether PostgreSQL refused a row or a right: the last line said no, where a page should have said so before."""
    return isinstance(error.__cause__, errors.InsufficientPrivilege)
