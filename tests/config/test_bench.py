"""The large installation and the measurements, in sizes that a test can pay for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import PublicKey
from cases.access import get_case, list_cases, list_deadlines
from cases.access.timeline import list_timeline
from cases.models import Case
from cases.services.casework import read_content, read_titles
from config.bench.lines import Line
from tests.conftest import as_owner, empty_tables

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"name", "value", "unit", "baseline", "baseline_value", "ratio", "limit", "holds"}


@pytest.mark.django_db(transaction=True)
def test_a_large_installation_can_be_opened_by_those_for_whom_it_was_made(cast, definer):
    cast.intake()
    call_command("seed_scale", cases=300, users=12, hundred="ana", half="boba", verbosity=0)
    count = "SELECT count(*) FROM cases_caseuserpermission p JOIN auth_permission a ON a.id = p.permission_id"
    for name, cases in (("ana", 100), ("boba", 150)):
        with cast.acting(name) as person:
            assert Case.objects.count() == Case.objects.visible_to(person).count() == cases
            page = list_cases(person, state="open", page=1)
            assert len(page.object_list) == 50
            titles = read_titles(cases=page.object_list, by=person)
            assert all(title.startswith("Case number") for title in titles.values())
            assert len(titles) == 50
            assert PublicKey.objects.filter(user=person).exists()
    most = definer.execute(
        "SELECT c.code FROM cases_case c JOIN cases_note n ON n.case_id = c.id GROUP BY 1 ORDER BY count(*) DESC"
    ).fetchone()
    with cast.acting("ana") as ana:
        opened = get_case(ana, most[0])
        notes = [line.record_id for line in list_timeline(opened, ana, kind="case_note", size=100)]
        dates = [date.pk for date in list_deadlines(opened)]
        content = read_content(case=opened.case, records=[*notes, *dates], by=ana)
        assert len([note for note in notes if content.texts[note]]) == 100
    assert definer.execute(f"{count} WHERE a.codename = 'view_case'").fetchone() == (900,)
    assert definer.execute("SELECT count(*) FROM cases_assignment WHERE role = 'lead'").fetchone() == (300,)


@pytest.mark.django_db(transaction=True)
def test_row_security_and_triggers_stand_again_afterwards(cast):
    cast.person("ana")

    def standing() -> tuple:
        with as_owner() as owner:
            forced = owner.execute(
                "SELECT count(*) FROM pg_class WHERE relforcerowsecurity AND relrowsecurity"
            ).fetchone()
            enabled = owner.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal"
            ).fetchone()
        return *forced, *enabled

    before = standing()
    assert min(before) > 0
    call_command("seed_scale", cases=5, users=5, verbosity=0)
    assert standing() == before
    with pytest.raises(CommandError, match="has not enrolled"):
        call_command("seed_scale", cases=5, users=5, half="nobody", verbosity=0)


def test_no_invented_cases_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("seed_scale", cases=1, users=5)


@pytest.mark.parametrize(("cases", "users"), [(0, 10), (10, 4)])
def test_impossible_sizes_are_refused(cases, users):
    with pytest.raises(CommandError, match="At least"):
        call_command("seed_scale", cases=cases, users=users)


@pytest.mark.django_db(transaction=True)
def test_every_line_of_a_measurement_can_be_read(definer):
    """On the test's own servers; times mean nothing here, numbers of queries do."""
    environment = {**os.environ, "CASES": "120", "USERS": "12", "RUNS": "2"}
    command = [sys.executable, "manage.py", "bench"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    empty_tables()
    assert answer.returncode in {0, 1}, answer.stderr
    lines = [json.loads(text) for text in answer.stdout.splitlines()]
    assert all(set(line) == KEYS for line in lines)
    by_name = {line["name"]: line for line in lines}
    assert {
        "case_list_hundred",
        "case_list_half",
        "case_open_100_notes",
        "assign_lawyer",
        "sign_in",
        "log_request",
    } <= set(by_name)
    assert answer.returncode == (0 if all(line["holds"] for line in lines) else 1)
    counted = {name: line for name, line in by_name.items() if name.startswith("queries_")}
    assert len(counted) > 15
    assert [name for name, line in counted.items() if not line["holds"]] == []


def test_what_could_not_be_measured_does_not_hold():
    assert not Line("a", None, "ms").holds
    assert Line("a", 5, "ms", limit=5).holds
    assert not Line("a", 5.1, "ms", limit=5).holds
    assert json.loads(Line("a", 6, "ms", "b", 4).text())["ratio"] == 1.5


@pytest.mark.parametrize("value", ["", "0", "x", "-1"])
def test_a_size_that_is_none_is_refused(monkeypatch, value):
    from config.management.commands.bench import size

    monkeypatch.setenv("CASES", value)
    if value == "":
        assert size("CASES", 7) == 7
    else:
        with pytest.raises(CommandError, match="CASES"):
            size("CASES", 7)
