"""Words for the codes that stand in a line of the timeline."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import CaseRole, CaseState, Compartment, ContactLanguage, MinorFlag, Risk, Stage
from cases.codes import AgeBand, Gender, PersonCategory, TimelineKind

Label = str | Promise

# Field of a case -> its name, and the list its codes are from; None for a day or a yes and no.
FIELDS: dict[str, tuple[Label, type[TextChoices] | None]] = {
    "state": (gettext_lazy("State"), CaseState),
    "stage": (gettext_lazy("Stage"), Stage),
    "risk": (gettext_lazy("Risk"), Risk),
    "minor": (gettext_lazy("Under 18"), MinorFlag),
    "compartment": (gettext_lazy("Protection"), Compartment),
    "person_category": (gettext_lazy("Who she is to the matter"), PersonCategory),
    "age_band": (gettext_lazy("Age"), AgeBand),
    "gender": (gettext_lazy("Gender"), Gender),
    "language": (gettext_lazy("Language"), ContactLanguage),
    "on_duty_may_call": (gettext_lazy("Whoever is on duty may call"), None),
    "offence_learned_on": (gettext_lazy("Day she found out"), None),
    "suspect_learned_on": (gettext_lazy("Day she learned who did it"), None),
    "next_review_on": (gettext_lazy("Next review"), None),
}
# What else a line can say, by the first part of its detail.
ACTS: dict[str, Label] = {
    "opened": gettext_lazy("Case opened"),
    "set": gettext_lazy("Set"),
    "met": gettext_lazy("Met"),
    "reopened": gettext_lazy("Opened again"),
    "joined": gettext_lazy("Joined"),
    "declined": gettext_lazy("Declined"),
    "ended": gettext_lazy("Ended"),
    "led": gettext_lazy("Took the lead"),
    "armed": gettext_lazy("Whoever is on call may reach her"),
    "disarmed": gettext_lazy("Whoever is on call may not reach her any more"),
    "duty_call": gettext_lazy("Called by whoever was on call"),
    "duty_reached": gettext_lazy("Whoever was on call reached her"),
    "duty_tried": gettext_lazy("Whoever was on call did not reach her"),
}


def labels(choices: type[TextChoices]) -> dict[str, str]:
    """Words by code in the reader's language, looked up once for a whole list."""
    return {code: str(label) for code, label in choices.choices}


class TimelineWords:
    """Titles and codes of timeline lines in words; made once for a page."""

    def __init__(self) -> None:
        self.kinds = labels(TimelineKind)
        self._lists: dict[type[TextChoices], dict[str, str]] = {}

    def title(self, kind: str) -> str:
        return self.kinds.get(kind, kind)

    def say(self, detail: str) -> str:
        """The codes of a line in words: `stage:engagement>assessment`, `joined:lawyer`, `met`."""
        name, _colon, rest = detail.partition(":")
        if name in FIELDS and ">" in rest:
            old, _arrow, new = rest.partition(">")
            label, choices = FIELDS[name]
            say = self._of(choices)
            return _("%(field)s: %(old)s → %(new)s") % {"field": label, "old": say(old), "new": say(new)}
        act = ACTS.get(name)
        if act is None:
            return ""
        role = self._of(CaseRole)(rest) if rest else ""
        return f"{act}: {role}" if role else str(act)

    def _of(self, choices: type[TextChoices] | None) -> Callable[[str], str]:
        if choices is None:
            return _plain
        known = self._lists.setdefault(choices, labels(choices))
        return lambda code: known.get(code, code or "–")


def _plain(value: Any) -> str:
    if value in {"true", "false"}:
        return _("yes") if value == "true" else _("no")
    day = parse_date(value) if value else None
    return date_format(day, "SHORT_DATE_FORMAT") if isinstance(day, date) else (value or "–")
