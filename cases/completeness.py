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
DERIVED = {  # what the database knows settles these lines of the checklist, and nobody ticks them
    CheckItem.CONSENT: ("has_consent", "cases:consent_list"),
    CheckItem.BACKUP: ("has_backup", "cases:assignment_list"),
}


def check_due(item: str, opened_on: date) -> date:
    """When a line of the checklist is due."""
    return opened_on + timedelta(days=CHECK_DAYS[CheckItem(item)])


@dataclass(frozen=True)
class Facts:
    """What the check asks of a case."""

    risk: str
    next_review_on: date | None
    has_lead: bool
    has_backup: bool
    has_supervisor: bool
    core_answered: bool
    has_safety_plan: bool
    has_consent: bool
    has_country: bool
    has_incident: bool
    lawyers_unasked: bool  # a lawyer on the case has no conflict slip that says it is clear
    checks_open: bool
    lacks_identity: bool  # nothing stands on the card; always false for whoever may not open it


@dataclass(frozen=True)
class Gap:
    """Something missing: words, the page where it is put right (a URL name with the code of the case), and the place on it.

    `action` is what somebody must be allowed on the case so that the page helps her; empty: it helps everybody.
    """

    words: str | Promise
    page: str
    anchor: str = ""
    action: str = ""


Check = tuple[bool, str | Promise, str, str] | tuple[bool, str | Promise, str, str, str]


def missing(facts: Facts, today: date) -> list[Gap]:
    """What is missing, the most pressing first."""
    checks = (*_pressing(facts), *_of_the_record(facts), *_of_the_review(facts, today))
    return [Gap(*check[1:]) for check in checks if check[0]]


def _pressing(facts: Facts) -> tuple[Check, ...]:
    rated, core = facts.risk != Risk.UNKNOWN, _("The core questions about risk are not all answered")
    unasked = _("A lawyer has not said that she has no conflict of interest")
    unsafe = facts.risk in DANGEROUS and not facts.has_safety_plan
    unled = _("Somebody who leads it: nobody leads this case any more")
    return (
        (not facts.has_lead, unled, "cases:assignment_list", "lead", "offer_assignment"),
        (not facts.has_backup, _("A backup: nobody else holds all the keys"), "cases:assignment_list", "ask"),
        (not rated, _("The risk has not been rated"), "cases:case_risk", "ask"),
        (rated and not facts.core_answered, core, "cases:case_risk", "ask"),
        (unsafe, _("A safety plan: the risk is high"), "cases:safety_plan", "plan"),
        (facts.lawyers_unasked, unasked, "cases:assignment_list", "people"),
    )


def _of_the_record(facts: Facts) -> tuple[Check, ...]:
    country = _("A country whose law may apply: not covered yet")
    return (
        (not facts.has_consent, _("Her consent that we work with her"), "cases:consent_list", "services"),
        (not facts.has_incident, _("What happened, in codes"), "cases:incident_list", "happened"),
        (not facts.has_country, country, "cases:incident_list", "countries"),
        (facts.lacks_identity, _("Who she is: nothing stands on the identity card"), "cases:case_identity", "card"),
    )


def _of_the_review(facts: Facts, today: date) -> tuple[Check, ...]:
    day = facts.next_review_on
    overdue = day is not None and day < today
    return (
        (not facts.has_supervisor, _("A supervisor"), "cases:assignment_list", "ask"),
        (day is None, _("A date for the next review"), "cases:case_facts", "facts_next_review_on"),
        (overdue, _("The review is overdue"), "cases:assignment_list", "ask"),
        (facts.checks_open, _("The checklist after acceptance"), "cases:case_detail", "checklist"),
    )
