"""What a case knows from its first day: facts, countries, what happened, the first rating of risk, the checklist."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cases.choices import Stage
from cases.codes import AgeBand, CheckItem, CheckOutcome, Country, CountryReason, Entity, Gender, PersonCategory
from cases.completeness import DERIVED
from cases.services.checks import settle_check
from cases.services.facts import change_facts, set_stage
from cases.services.incidents import write_incident
from cases.services.links import add_country
from config.demo import rating
from config.demo.scene import Turn

FIRST_REVIEW = timedelta(days=30)
SETTLED_AFTER = timedelta(days=9)  # by then every line of the checklist was looked at


def first(turn: Turn) -> None:
    """What was asked in the first talk."""
    story, case = turn.story, turn.case
    category, age, gender = story.who
    known = {"person_category": PersonCategory(category), "age_band": AgeBand(age), "gender": Gender(gender)}
    review = timezone.localdate(turn.moment) + FIRST_REVIEW
    change_facts(case=case, values={**known, "next_review_on": review}, by=turn.by)
    for line in story.countries:
        country, reason, entity = (*line.split(), "")[:3]
        add_country(
            case=case, country=Country(country), entity=Entity(entity), reason=CountryReason(reason), by=turn.by
        )
    if story.incident:
        _incident(turn, dict(story.incident))
    if story.risk:
        rating.rate_as(turn, story.risk)
    _checks(turn)


def _incident(turn: Turn, values: dict[str, Any]) -> None:
    text, learned = values.pop("text"), turn.story.learned
    codes = {
        "types": values["types"],
        "contexts": values["contexts"],
        "platforms": values["platforms"],
        "outcomes": values.get("outcomes", []),
        "relation": values["relation"],
        "nature": values.get("nature", "real" if values["types"][0].startswith("image") else ""),
        "made_by_whom": values.get("made_by", ""),
        "age_at_capture": values.get("age", "adult"),
        "learned_in": None if learned is None else _month(turn.scene.calendar.day(learned)),
    }
    write_incident(case=turn.case, nonce=uuid4(), codes=codes, text=text, names="", by=turn.by)


def _month(day: date) -> date:
    return day.replace(day=1)


def _checks(turn: Turn) -> None:
    """Looked for the same matter at once; the rest in the days after."""
    settle_check(case=turn.case, item=CheckItem.DUPLICATES, outcome=CheckOutcome.CLEAR, by=turn.by)
    turn.play.at(turn.moment + SETTLED_AFTER, turn.story.lead, _rest_of_checks)


def _rest_of_checks(turn: Turn) -> None:
    if turn.case.state != "open":
        return
    for item in set(CheckItem) - DERIVED.keys():
        settle_check(case=turn.case, item=item, outcome=CheckOutcome.CLEAR, by=turn.by)


def stage(turn: Turn, stage: Stage) -> None:
    if turn.case.state == "open":
        set_stage(case=turn.case, stage=stage, by=turn.by)
