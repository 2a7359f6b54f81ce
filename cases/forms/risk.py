"""The risk screen as a form: core questions first, the rest by section; "not asked" is the answer until somebody asks."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.plain_forms import PlainForm
from cases.choices import Risk
from cases.forms.fields import SMALL, form_nonce, long_text
from cases.knowledge import label, risk_screen
from cases.knowledge.conditions import Condition
from cases.knowledge.screen import NOT_ASKED, Question


@dataclass(frozen=True)
class Rule:
    """What an answer leads to, so that nobody has to guess: the level and the answers that lead there."""

    level: str
    label: str
    words: str


class RiskForm(PlainForm):
    """Answers, and what the person in front of it makes of them."""

    mark_optional = False
    nonce = form_nonce()
    raised = forms.ChoiceField(
        label=_("Your judgement"),
        choices=[("", _("As the answers say")), *(one for one in Risk.choices if one[0] != Risk.UNKNOWN)],
        required=False,
        help_text=_("You may set a higher level than the answers say, not a lower one."),
    )
    reason = long_text(
        _("Why is the risk lower now?"),
        rows=3,
        required=False,
        help_text=_(
            "Only where the level is lower than that of the case: a second person reads this and agrees or not."
        ),
    )

    def __init__(self, *args: Any, answers: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "risk_%s", **kwargs})
        choices = [(answer.id, words(answer)) for answer in risk_screen().answers]
        for question in choice_questions():
            self.fields[question.id] = forms.ChoiceField(
                label=words(question),
                choices=choices,
                required=False,
                initial=(answers or {}).get(question.id, NOT_ASKED),
                widget=forms.RadioSelect(attrs=SMALL),
                help_text=_asked_if(question),
            )

    def answers(self) -> dict[str, str]:
        """What was asked; what was not is left out."""
        given = {question.id: self.cleaned_data.get(question.id) for question in choice_questions()}
        return {name: value for name, value in given.items() if value and value != NOT_ASKED}

    def first_answers(self) -> dict[str, str]:
        """The answers that the form begins with."""
        given = {question.id: self.fields[question.id].initial for question in choice_questions()}
        return {name: value for name, value in given.items() if value != NOT_ASKED}

    def core(self) -> list[tuple[Any, list[Rule]]]:
        """The core questions as fields, each with its rules."""
        return [(self[name], rules_of(name)) for name in risk_screen().triage.core_questions]

    def sections(self) -> list[tuple[str, list[tuple[Any, list[Rule]]]]]:
        """The other questions by section."""
        core = risk_screen().triage.core_questions
        found = []
        for section in risk_screen().sections:
            rest = [one for one in section.questions if one.kind == "choice" and one.id not in core]
            if rest:
                found.append((words(section), [(self[one.id], rules_of(one.id)) for one in rest]))
        return found


def choice_questions() -> list[Question]:
    return [question for question in risk_screen().questions if question.kind == "choice"]


def words(entry: Any) -> str:
    """An entry of the knowledge files in the reader's language."""
    return label(entry, get_language() or "en")


def rules_of(name: str) -> list[Rule]:
    """The rules in which a question stands, the highest level first."""
    question = risk_screen().question(name)
    found = [
        Rule(rules.level, str(Risk(rules.level).label), condition_words(condition))
        for rules in risk_screen().triage.rules
        for condition in rules.any_of
        if any(term.name == name or (question.flag and term.name == question.flag) for term in condition.terms)
    ]
    return found[:4]


def condition_words(condition: Condition) -> str:
    """A condition as questions and answers that a person can read."""
    return " + ".join(_term_words(term.name, term.value) for term in condition.terms)


def _term_words(name: str, value: str) -> str:
    screen = risk_screen()
    answer = words(next(entry for entry in screen.answers if entry.id == value))
    for entry in (*screen.questions, *screen.staff_flags):
        if entry.id == name or (isinstance(entry, Question) and entry.flag == name):
            return f"“{words(entry)}” {answer}"
    return name


def _asked_if(question: Question) -> str:
    if question.ask_if is None:
        return ""
    return str(_("Ask where this was said: %(answer)s") % {"answer": condition_words(question.ask_if)})
