"""What an error of the database means: met by another person, erased meanwhile, or a fault of ours."""

from uuid import uuid4

import psycopg
import pytest
from django.db import IntegrityError

from accounts import database
from tests.cases.helpers import open_case

GRANT = (
    "INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id)"
    " VALUES (%s, %s, (SELECT min(id) FROM auth_permission))"
)


def wrapped(definer, statement, *values) -> IntegrityError:
    """The error of a statement whose references are checked at once, as Django hands it on."""
    with definer.transaction(force_rollback=True):
        definer.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught, definer.transaction():
            definer.execute(statement, values)
    error = IntegrityError()
    error.__cause__ = caught.value
    return error


def test_only_a_case_that_is_gone_means_that_it_was_erased_meanwhile(cast, definer):
    cast.intake()
    code = open_case(cast)
    (case,) = definer.execute("SELECT id FROM cases_case WHERE code = %s", [code]).fetchone()
    assert database.is_gone(wrapped(definer, GRANT, uuid4(), cast.ana.pk))
    assert not database.is_gone(wrapped(definer, GRANT, case, uuid4()))
    assert not database.is_gone(wrapped(definer, "DELETE FROM cases_case WHERE id = %s", case))
    assert not database.is_gone(ValueError())
