"""What one part of a knowledge file says about another must be true. Each function yields the faults it finds."""

import re
from collections.abc import Iterator
from itertools import pairwise

from cases.choices import Risk
from cases.codes import ConsentPurpose
from cases.knowledge.common import Review
from cases.knowledge.conditions import MINOR
from cases.knowledge.consents import HELPLINE, Consents
from cases.knowledge.incidents import IncidentTypes
from cases.knowledge.letters import PLACEHOLDERS, Letters
from cases.knowledge.screen import ANSWERS, NO, RiskScreen

DIMENSIONS = ("types", "image_attributes", "contexts", "relations", "channels", "outcomes")


def in_incident_types(file: IncidentTypes) -> Iterator[str]:
    yield from _in_review(file.review)
    groups = {group.id for group in file.groups}
    for one in file.types:
        if one.group not in groups:
            yield f"type {one.id!r} names the group {one.group!r}, which is not there"
        for framework in (one.map or {}).keys() - file.frameworks.keys():
            yield f"type {one.id!r} names the framework {framework!r}, which is not there"
    if tuple(one.id for one in file.dimensions) != DIMENSIONS:
        yield f"the dimensions must be {', '.join(DIMENSIONS)}, in this order"


def in_risk_screen(screen: RiskScreen) -> Iterator[str]:
    yield from _in_review(screen.review)
    yield from _in_questions(screen)
    yield from _in_core(screen)
    yield from _in_levels(screen)
    yield from _in_conditions(screen)
    yield from _in_rules(screen)


def in_consents(file: Consents) -> Iterator[str]:
    yield from _in_review(file.review)
    known = [one.id for one in file.purposes]
    if set(known) != set(ConsentPurpose.values):
        yield f"the purposes must be {', '.join(ConsentPurpose.values)}"
    if known[0] != ConsentPurpose.SERVICES or known[-1] != ConsentPurpose.STATISTICS:
        yield "that we work with her is asked first, and statistics last"
    for one in file.purposes:
        if not re.fullmatch(r"[0-9a-z.-]{1,20}", one.version):
            yield f"purpose {one.id!r} has the version {one.version!r}: up to 20 digits, small letters, points and dashes"
        for language, text in one.text.items():
            for unknown in set(re.findall(r"\{[^}]*\}?", text)) - {HELPLINE}:
                yield f"purpose {one.id!r} ({language}) has the placeholder {unknown!r}, which nobody fills in"


def in_letters(file: Letters) -> Iterator[str]:
    yield from _in_review(file.review)
    for one in file.letters:
        for language, body in one.body.items():
            for unknown in set(re.findall(r"\{[^}]*\}?", body)) - set(PLACEHOLDERS):
                yield f"letter {one.id!r} ({language}) has the placeholder {unknown!r}, which nobody fills in"
            if body.count("[") != body.count("]"):
                yield f"letter {one.id!r} ({language}) has a bracket that is not closed"


def _in_review(review: Review) -> Iterator[str]:
    if review.reviewed != (review.status == "reviewed"):
        yield "the status of the review and `reviewed` say different things"


def _in_questions(screen: RiskScreen) -> Iterator[str]:
    actions = {action.id for action in screen.actions}
    seen = {MINOR, *(flag.id for flag in screen.staff_flags)}
    for question in screen.questions:
        if question.id in seen:
            yield f"the name {question.id!r} is taken twice"
        for term in question.ask_if.terms if question.ask_if else ():
            if term.name not in seen:
                yield f"question {question.id!r} depends on {term.name!r}, which is not asked before it"
        for action in {question.on_yes, question.on_no} - {None} - actions:
            yield f"question {question.id!r} leads to the action {action!r}, which is not there"
        seen.add(question.id)


def _in_core(screen: RiskScreen) -> Iterator[str]:
    if tuple(answer.id for answer in screen.answers) != ANSWERS:
        yield f"the answers must be {', '.join(ANSWERS)}, in this order"
    for_everybody = {one.id for one in screen.questions if one.kind == "choice" and not one.ask_if}
    for code in screen.triage.core_questions:
        if code not in for_everybody:
            yield f"the core question {code!r} is not there, or not a question for everybody"


def _in_levels(screen: RiskScreen) -> Iterator[str]:
    triage, codes = screen.triage, {level.id for level in screen.levels}
    if codes != set(Risk.values):
        yield f"the levels must be {', '.join(Risk.values)}"
    for code in {triage.incomplete, triage.otherwise, *(one.level for one in triage.rules)} - codes:
        yield f"the level {code!r} is not there"
    for level in screen.levels:
        for action in set(level.actions) - {action.id for action in screen.actions}:
            yield f"level {level.id!r} names the action {action!r}, which is not there"
    by_order = sorted(screen.levels, key=lambda level: level.order)
    if [level.id for level in by_order[:2]] != [triage.incomplete, triage.otherwise]:
        yield "the lowest levels must be those of `incomplete` and `otherwise`"
    for one, above in pairwise(by_order[1:]):
        if one.order == above.order or one.first_response_minutes <= above.first_response_minutes:
            yield f"level {above.id!r} must be above {one.id!r} and be answered sooner"


def _in_conditions(screen: RiskScreen) -> Iterator[str]:
    """A no counts only where a yes protects: then no further yes to another question can lower a level."""
    protective: dict[str, bool] = {one.id: one.protective for one in screen.questions if one.kind == "choice"}
    protective |= dict.fromkeys([MINOR, *(flag.id for flag in screen.staff_flags)], False)
    conditions = [rule for rules in screen.triage.rules for rule in rules.any_of]
    conditions += [one.ask_if for one in screen.questions if one.ask_if]
    for name, value, text in ((term.name, term.value, one.text) for one in conditions for term in one.terms):
        if name not in protective:
            yield f"the rule {text!r} names {name!r}, which is no question and no flag"
        elif (value == NO) != protective[name]:
            yield f"the rule {text!r} may not ask for {value!r} of {name!r}: only a protective question counts by its no"


def _in_rules(screen: RiskScreen) -> Iterator[str]:
    """Every rule can decide: none is covered by another of its level or of a higher one."""
    order = {level.id: level.order for level in screen.levels}
    rules = [(one.level, rule) for one in screen.triage.rules for rule in one.any_of]
    for level, rule in rules:
        for other_level, other in rules:
            if rule is not other and set(other.terms) <= set(rule.terms) and order[other_level] >= order[level]:
                yield f"the rule {rule.text!r} of {level!r} never decides: {other.text!r} of {other_level!r} does"
