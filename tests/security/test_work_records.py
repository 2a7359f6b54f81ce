"""Records of daily work: in one's own name, on cases one works on, and only seen where one may see."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts.exceptions import NotAllowed
from cases.access import get_case
from cases.access.record import linkable_case, list_links
from cases.choices import CaseRole
from cases.models import Incident
from cases.services import incidents, letters, links
from tests.cases.helpers import assign, log, on_call, open_case, record_of
from tests.security.attack import open_table, run, switched_off


@pytest.fixture
def two_cases(cast):
    """Ana leads two cases with something in their records; Lana is on the first only."""
    cast.intake()
    codes = open_case(cast), open_case(cast)
    assign(cast, codes[0], "lana")
    record_of(cast, codes[0])
    return codes


def refused(statement, *arguments):
    with pytest.raises(DatabaseError), transaction.atomic():
        run(statement, *arguments)


def test_nobody_changes_what_happened_in_anothers_name(cast, two_cases):
    for statement in (
        "UPDATE cases_incident SET types = '{unclear}', changed_by_id = %s, changed_at = now()",
        "UPDATE cases_incident SET written_by_id = %s",
    ):
        with cast.acting("lana"):
            refused(statement, cast.ana.pk)
    forged = "UPDATE cases_incident SET types = '{unclear}', changed_by_id = %s, changed_at = now()"
    off = "ALTER TABLE cases_incident DISABLE TRIGGER incident_changed"
    with switched_off(off), cast.acting("lana"):
        run(forged, cast.ana.pk)


def test_what_happened_on_a_hidden_case_is_neither_seen_nor_changed(cast, two_cases):
    mine, _other = two_cases
    with cast.acting("boba") as boba:
        assert run("SELECT count(*) FROM cases_incident") == [(0,)]
        run("UPDATE cases_incident SET relation = 'stranger', changed_by_id = %s", boba.pk)
    with cast.acting("ana") as ana:
        case = get_case(ana, mine).case
        row = Incident.objects.get()
        assert row.relation == "former_partner"
    with cast.acting("boba") as boba, pytest.raises(NotAllowed):
        incidents.change_incident(case=case, incident=row, codes={"relation": "stranger"}, texts={}, by=boba)
    with switched_off(open_table("cases_incident")), cast.acting("boba") as boba:
        assert run("SELECT count(*) FROM cases_incident") == [(1,)]


def test_a_case_she_does_not_see_is_not_linked(cast, two_cases):
    mine, other = two_cases
    link = (
        "INSERT INTO cases_caselink (id, case_id, other_id, kind, linked_at, linked_by_id)"
        " VALUES (gen_random_uuid(), %s, %s, 'same_person', now(), %s)"
    )
    with cast.acting("ana") as ana:
        ids = [get_case(ana, code).case.pk for code in two_cases]
    with cast.acting("lana") as lana:
        assert linkable_case(lana, other) is None
        refused(link, *ids, lana.pk)
        refused(link, *reversed(ids), lana.pk)
    with switched_off(open_table("cases_caselink")), cast.acting("lana") as lana:
        run(link, *ids, lana.pk)
    with cast.acting("lana") as lana:
        assert run("SELECT count(*) FROM cases_caselink") == [(0,)]
        assert list_links(get_case(lana, mine), lana) == []


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("cases_casecheck", "UPDATE cases_casecheck SET outcome = 'clear', settled_at = now(), settled_by_id = %s"),
        ("cases_casejurisdiction", "UPDATE cases_casejurisdiction SET removed_at = now(), removed_by_id = %s"),
        ("cases_caselink", "UPDATE cases_caselink SET removed_at = now(), removed_by_id = %s"),
    ],
)
def test_nobody_settles_or_takes_away_in_anothers_name(cast, two_cases, table, statement):
    with cast.acting("ana") as ana:
        first, second = (get_case(ana, code).case for code in two_cases)
        links.link_cases(case=first, other=second, kind="same_group", by=ana)
    with cast.acting("ana"):
        refused(statement, cast.lana.pk)
    with switched_off(f"ALTER TABLE {table} DISABLE TRIGGER own_name_only"), cast.acting("ana"):
        run(statement, cast.lana.pk)


def test_intake_does_not_follow_a_consent_into_the_case(cast):
    cast.intake()
    log(cast, consent="yes")
    seen = "SELECT case_id FROM cases_consent"
    with cast.acting("boba"):
        assert run(seen) == [(None,)]
    open_case(cast, consent="yes")
    with cast.acting("boba"):
        assert run(seen) == [(None,)]
    with switched_off(open_table("cases_consent")), cast.acting("boba"):
        assert len(run(seen)) == 2


def test_nobody_writes_a_letter_of_the_house_or_cancels_a_shift_in_anothers_name(cast):
    cast.intake()
    on_call(cast, "boba")
    with cast.acting("ana") as ana:
        letters.add_template(nonce=uuid4(), kind="letter", language="en", title="Hello", body="Dear", by=ana)
    letter = "UPDATE cases_lettertemplate SET body = 'Write to this other address', changed_by_id = %s"
    silent = "UPDATE cases_lettertemplate SET body = 'Write to this other address'"
    shift = "UPDATE cases_dutyshift SET cancelled_at = now(), cancelled_by_id = %s"
    ana = cast.ana.pk
    with cast.acting("boba"):
        refused(letter, ana)
        refused(silent)
        refused(shift, ana)
    off = (
        "ALTER TABLE cases_lettertemplate DISABLE TRIGGER incident_changed",
        "ALTER TABLE cases_dutyshift DISABLE TRIGGER own_name_only",
    )
    with switched_off(*off), cast.acting("boba"):
        run(letter, ana)
        run(silent)
        run(shift, ana)


def test_nobody_writes_the_lines_that_the_database_writes_nor_any_where_she_only_looks(cast, two_cases):
    mine, _other = two_cases
    assign(cast, mine, "ceca", CaseRole.INTERPRETER)
    line = (
        "INSERT INTO cases_timelineentry (id, case_id, kind, detail, at, by_id)"
        " SELECT gen_random_uuid(), c.id, %s, %s, now(), %s FROM cases_case c WHERE c.code = %s"
    )
    agreed, called, opened = ("second", "approved:lower_risk"), ("call", "call:reached"), ("file", "downloaded")
    with cast.acting("lana") as lana:
        refused(line, *agreed, lana.pk, mine)
        run(line, *called, lana.pk, mine)
    with cast.acting("ceca") as ceca:
        refused(line, *agreed, ceca.pk, mine)
        refused(line, *called, ceca.pk, mine)
        run(line, *opened, ceca.pk, mine)
    with switched_off(open_table("cases_timelineentry")), cast.acting("ceca") as ceca:
        run(line, *agreed, ceca.pk, mine)
        run(line, *called, ceca.pk, mine)
