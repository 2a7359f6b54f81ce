"""Unusual reading: numbers and names, for whoever runs the house, and nothing by which a case could be told."""

import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import database
from accounts.choices import Action
from cases.access import reading
from tests.cases.helpers import assign, on_call, open_case
from tests.security.attack import plant
from tests.security.test_trail import ids, write

pytestmark = pytest.mark.django_db(transaction=True)
LOW = [1] * len(reading.KINDS)


def numbers(cast, name: str = "koka", limits: list[int] = LOW, days: int = 7) -> dict[str, dict[str, int]]:
    """By person, summed over days, by the kinds' codes."""
    with cast.acting(name):
        found = database.rows("unusual_reading", settings.TIME_ZONE, days, None, limits, 0, 100)
    sums: dict[str, dict[str, int]] = {}
    for row in found:
        told = sums.setdefault(row.name, {kind.code: 0 for kind in reading.KINDS})
        for kind, number in zip(reading.KINDS, row.numbers, strict=True):
            told[kind.code] += number
    return sums


@pytest.fixture
def case(cast):
    cast.intake()
    cast.person("koka")
    code = open_case(cast)
    assign(cast, code, "lana")
    return ids(cast, code)


def test_what_is_counted(cast, case, definer):
    cast.client("lana").get(f"/cases/{case.code}")
    before = numbers(cast)["Lana"]
    for action in ("identity_opened", "reach_opened", "case_printed", "safety_plan_printed", "file_downloaded"):
        write(definer, cast.lana, action, case.pk)
    cast.client("lana").get("/cases/2222-3333")
    after = numbers(cast)["Lana"]
    assert {code: after[code] - before[code] for code in ("identities", "reach", "prints", "files", "refused")} == {
        "identities": 1, "reach": 1, "prints": 2, "files": 1, "refused": 1,
    }  # fmt: skip


def test_only_what_reaches_a_limit_is_shown(cast, case, definer):
    limits = [kind.limit for kind in reading.KINDS]
    assert "Lana" not in numbers(cast, limits=limits)
    for _opening in range(8):
        write(definer, cast.lana, "identity_opened", case.pk)
    assert numbers(cast, limits=limits)["Lana"]["identities"] == 8


def test_at_night_counts_unless_she_is_on_call(cast, case, definer):
    """Half past two in the organisation's zone, last night; the same case within the hour counts once."""
    night = timezone.localtime().replace(hour=2, minute=30) - timedelta(days=1)
    for _look in range(3):
        write(definer, cast.lana, "case_viewed", case.pk)
        write(definer, cast.boba, "reach_opened", case.pk)
    definer.execute("UPDATE accounts_auditevent SET at = %s", [night])
    found = numbers(cast)
    assert (found["Lana"]["nights"], found["Boba"]["nights"]) == (1, 1)
    on_call(cast, "boba")
    plant(
        "UPDATE cases_dutyshift SET starts_at = %s, ends_at = %s",
        night - timedelta(hours=1),
        night + timedelta(hours=1),
    )
    definer.execute("UPDATE accounts_auditevent SET at = %s WHERE at > %s", [night, night])
    assert numbers(cast)["Boba"]["nights"] == 0


def test_cases_left_long_ago_and_cases_without_a_role(cast, case, definer):
    write(definer, cast.lana, "case_viewed", case.pk)
    assert (numbers(cast)["Lana"]["quiet"], numbers(cast)["Lana"]["foreign"]) == (0, 0)
    plant("UPDATE cases_timelineentry SET at = at - interval '200 days'")
    plant("UPDATE cases_assignment SET ended_at = live_at - interval '1 day' WHERE user_id = %s", cast.lana.pk)
    assert (numbers(cast)["Lana"]["quiet"], numbers(cast)["Lana"]["foreign"]) == (1, 1)


@pytest.mark.parametrize("name", ["ana", "lana"])
def test_nobody_else_reads_a_number(cast, case, name):
    assert numbers(cast, name) == {}
    assert cast.client(name).get("/log/reading").status_code == 403


def test_the_page_names_no_case_and_is_logged(cast, case, definer):
    for _look in range(8):
        write(definer, cast.lana, "identity_opened", case.pk)
    page = cast.client("koka").get("/log/reading?kind=identities&days=30")
    assert page.status_code == 200
    html = page.content.decode()
    assert "Lana" in html
    assert case.code not in html
    assert str(case.pk) not in html
    looked = definer.execute(
        "SELECT actor, object_id FROM accounts_auditevent WHERE action = 'reading_viewed'"
    ).fetchall()
    assert looked == [(str(cast.koka.pk), "")]


def test_a_wall_changes_no_number(cast, case, definer):
    """Koka must not see this case: what she reads here is the same before and after."""
    write(definer, cast.lana, "case_viewed", case.pk)
    before = numbers(cast)
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) VALUES (gen_random_uuid(), %s, %s, now(), %s)",
        case.pk, cast.koka.pk, cast.ana.pk,
    )  # fmt: skip
    assert json.dumps(numbers(cast)) == json.dumps(before)


def test_acts_that_are_counted_are_acts(definer):
    source = definer.execute("SELECT prosrc FROM pg_proc WHERE proname = 'unusual_reading'").fetchone()[0]
    named = set(re.findall(r"'((?:case|identity|reach|request|file|safety|code)_[a-z_]+)'", source))
    assert named - set(Action.values) <= {"case_exported"}
