"""What a case still misses, as pure functions over facts. A hint for people, never a lock."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.choices import Risk
from cases.codes import CheckItem

DANGEROUS = (Risk.IMMEDIATE, Risk.HIGH)
CHECK_DAYS = {  # after opening
    CheckItem.DUPLICATES: 2,
    CheckItem.CONFLICT: 2,
    CheckItem.ELIGIBILITY: 3,
    CheckItem.CONSENT: 3,
    CheckItem.BACKUP: 7,
}


def check_due(item: str, opened_on: date) -> date:
    """When a line of the checklist is due."""
    return opened_on + timedelta(days=CHECK_DAYS[CheckItem(item)])


@dataclass(frozen=True)
class Facts:
    """What the check asks of a case."""

    risk: str
    next_review_on: date | None
    has_backup: bool
    has_supervisor: bool
    core_answered: bool
    has_safety_plan: bool
    has_consent: bool
    has_country: bool
    has_incident: bool
    lawyers_unasked: bool  # a lawyer on the case has no conflict slip that says it is clear
    checks_open: bool


@dataclass(frozen=True)
class Gap:
    """Something missing: words, the page where it is put right (a URL name with the code of the case), and the place on it."""

    words: str | Promise
    page: str
    anchor: str = ""


def missing(facts: Facts, today: date) -> list[Gap]:
    """What is missing, the most pressing first."""
    checks = (
        (not facts.has_backup, _("A backup: nobody else holds all the keys"), "cases:assignment_list", "ask"),
        (facts.risk == Risk.UNKNOWN, _("The risk has not been rated"), "cases:case_risk", "ask"),
        (
            facts.risk != Risk.UNKNOWN and not facts.core_answered,
            _("The core questions about risk are not all answered"),
            "cases:case_risk",
            "ask",
        ),
        (
            facts.risk in DANGEROUS and not facts.has_safety_plan,
            _("A safety plan: the risk is high"),
            "cases:safety_plan",
            "plan",
        ),
        (
            facts.lawyers_unasked,
            _("A lawyer has not said that she has no conflict of interest"),
            "cases:assignment_list",
            "people",
        ),
        (not facts.has_consent, _("Her consent that we work with her"), "cases:case_detail", "checklist"),
        (not facts.has_incident, _("What happened, in codes"), "cases:incident_list", "happened"),
        (
            not facts.has_country,
            _("A country whose law may apply: not covered yet"),
            "cases:incident_list",
            "countries",
        ),
        (not facts.has_supervisor, _("A supervisor"), "cases:assignment_list", "ask"),
        (facts.next_review_on is None, _("A date for the next review"), "cases:case_facts", "facts_next_review_on"),
        (
            facts.next_review_on is not None and facts.next_review_on < today,
            _("The review is overdue"),
            "cases:assignment_list",
            "ask",
        ),
        (facts.checks_open, _("The checklist after acceptance"), "cases:case_detail", "checklist"),
    )
    return [Gap(words, page, anchor) for holds, words, page, anchor in checks if holds]
