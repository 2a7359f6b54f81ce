"""What came of an incident: coded, told in the timeline by the database, counted where it weighs on people."""

from uuid import uuid4

import pytest

from cases.access.supervision import get_exposure
from cases.models import Incident
from cases.words import TimelineWords
from tests.cases.helpers import open_case

TYPES = {"types": ["image_shared"], "age_at_capture": "adult"}
DEATH = "death_or_attempt_linked"


@pytest.fixture
def code(cast) -> str:
    cast.intake()
    return open_case(cast)


def told(definer) -> list[str]:
    lines = definer.execute("SELECT detail FROM cases_timelineentry WHERE detail LIKE 'outcome%' ORDER BY at, detail")
    return [detail for (detail,) in lines.fetchall()]


def write(cast, code, *outcomes: str):
    values = {**TYPES, "step": "details", "nonce": uuid4(), "outcomes": list(outcomes)}
    return cast.client("ana").post(f"/cases/{code}/incidents/new", values)


def change(cast, code, seen: list[str], *outcomes: str):
    with cast.acting("ana"):
        row = Incident.objects.get()
    carried = {f"initial-{name}": value for name, value in TYPES.items()}
    seen_texts = {"seen_text": "0", "seen_names": "0"}
    values = {**TYPES, **carried, **seen_texts, "initial-outcomes": seen, "outcomes": list(outcomes)}
    return cast.client("ana").post(f"/cases/{code}/incidents/{row.pk}", values)


def test_they_are_written_changed_and_told(cast, code, definer):
    assert write(cast, code, "police_report_made", "content_removed").status_code == 302
    assert told(definer) == ["outcome:content_removed", "outcome:police_report_made"]
    assert (
        change(cast, code, ["content_removed", "police_report_made"], "police_report_made", "conviction").status_code
        == 302
    )
    assert sorted(told(definer)[2:]) == ["outcome:conviction", "outcome_off:content_removed"]
    assert definer.execute("SELECT outcomes FROM cases_incident").fetchone() == (["police_report_made", "conviction"],)
    page = cast.client("ana").get(f"/cases/{code}/incidents").content.decode()
    assert "Report made to the police, Conviction" in page
    timeline = cast.client("ana").get(f"/cases/{code}/timeline").content.decode()
    assert "Came of it: Conviction" in timeline
    assert TimelineWords().say("outcome:of_later_times") == "Came of it: of_later_times"


def test_an_unknown_one_is_refused_and_nothing_is_told(cast, code, definer):
    assert write(cast, code, "made_up").status_code == 422
    assert (told(definer), definer.execute("SELECT count(*) FROM cases_incident").fetchone()) == ([], (0,))


def test_a_linked_death_counts_for_whoever_works_on_the_case(cast, code):
    with cast.acting("ana") as ana:
        assert get_exposure(ana, ana.pk).deaths == 0
    assert write(cast, code, DEATH).status_code == 302
    with cast.acting("ana") as ana:
        assert get_exposure(ana, ana.pk).deaths == 1
    assert "a talk with somebody helps" in cast.client("ana").get("/supervision/exposure").content.decode()
