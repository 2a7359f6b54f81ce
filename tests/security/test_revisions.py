"""Versions of sealed texts: nobody overwrites, skips or revises what is not hers."""

import pytest
from django.db import DatabaseError, transaction

from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case
from cases.services import facts
from cases.services.sealed import content
from tests.cases.helpers import assign, open_case
from tests.security.attack import open_table, run, switched_off


@pytest.fixture
def two_cases(cast):
    """Ana leads two cases; Lana is on the first only."""
    cast.intake()
    codes = open_case(cast), open_case(cast)
    assign(cast, codes[0], "lana")
    with cast.acting("ana") as ana:
        return [get_case(ana, code).case for code in codes]


FORGED = (
    "INSERT INTO vault_sealed (id, record_id, field, case_id, purpose, key_version, payload, revision, current,"
    " written_at, written_by_id) VALUES (gen_random_uuid(), %s, 'case.summary', %s, 'content', 1, '\\x00', %s, true, now(), %s)"
)


def currents(definer, record):
    rows = definer.execute(
        "SELECT revision, current FROM vault_sealed WHERE record_id = %s AND field = 'case.summary' ORDER BY 1",
        [record],
    )
    return rows.fetchall()


def test_a_text_of_another_case_is_not_revised(cast, two_cases, definer):
    mine, other = two_cases
    with cast.acting("lana") as lana:
        with pytest.raises(NotAllowed):
            facts.revise_text(case=other, name="summary", value="forged", seen=1, by=lana)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            run(FORGED, other.pk, other.pk, 2, lana.pk)
        # in her own case's name, on the other's record: the older one stays the current one
        with pytest.raises(DatabaseError, match="not_allowed"), transaction.atomic():
            run(FORGED, other.pk, mine.pk, 2, lana.pk)
    assert currents(definer, other.pk) == [(1, True)]
    with switched_off(open_table("vault_sealed")), cast.acting("lana") as lana:
        run(FORGED, other.pk, other.pk, 2, lana.pk)
    assert currents(definer, other.pk) == [(1, False), (2, True)]


def test_the_place_of_a_text_that_is_not_written_yet_is_not_taken_from_another_case(cast, two_cases):
    mine, other = two_cases
    told = FORGED.replace("'case.summary'", "'case.told'")
    attack = pytest.raises(DatabaseError, match="not_allowed")
    with cast.acting("lana") as lana, attack, transaction.atomic():
        run(told, other.pk, mine.pk, 1, lana.pk)
    with cast.acting("ana") as ana:
        facts.add_told(case=mine, line="How she found the pictures", by=ana)
    with switched_off("ALTER TABLE vault_sealed DISABLE TRIGGER text_revised"):
        with cast.acting("lana") as lana:
            run(told, other.pk, mine.pk, 1, lana.pk)
        with cast.acting("ana") as ana, pytest.raises(WrongState):  # nobody can ever write it
            facts.add_told(case=other, line="How she found the pictures", by=ana)


def test_a_text_is_not_overwritten_nor_taken_away(cast, two_cases):
    for statement in (
        "UPDATE vault_sealed SET payload = '\\x00'",
        "UPDATE vault_sealed SET current = false",
        "DELETE FROM vault_sealed",
    ):
        with cast.acting("ana"), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            run(statement)
        grant = "GRANT UPDATE, DELETE ON vault_sealed TO sidro_web"
        with switched_off(open_table("vault_sealed"), grant), cast.acting("ana"), transaction.atomic():
            run(statement)
            transaction.set_rollback(True)


def test_no_version_is_skipped_or_written_twice(cast, two_cases, definer):
    mine, _other = two_cases
    with cast.acting("ana") as ana:
        for seen in (0, 5):
            with pytest.raises(WrongState):
                facts.revise_text(case=mine, name="summary", value="x", seen=seen, by=ana)
        facts.revise_text(case=mine, name="summary", value="second", seen=1, by=ana)
        read = content.read(case_id=mine.pk, record_ids=[mine.pk], purpose="content", by=ana)
        assert read[mine.pk, "case.summary"] == "second"
    assert currents(definer, mine.pk) == [(1, False), (2, True)]
