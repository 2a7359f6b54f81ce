"""Words for the codes that stand in a line of the timeline."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.templatetags.sidro import short_time
from cases.choices import CaseRole, CaseState, Compartment, ContactLanguage, MinorFlag, Risk, Stage
from cases.codes import (
    AgeBand,
    ApprovalKind,
    CallResult,
    ClosureReason,
    ConsentPurpose,
    Country,
    CountryReason,
    DropReason,
    Gender,
    LegalOutcome,
    LinkKind,
    PersonCategory,
    ServiceKind,
    TimelineKind,
)
from cases.compartments import Erased, ErasureReason, GrantEnd, GrantKind, HoldReason, OpeningReason
from cases.knowledge import incident_types, label

if TYPE_CHECKING:
    from cases.models import Incident

Label = str | Promise


def outcomes() -> dict[str, str]:
    """What can come of an incident, in the reader's language."""
    language = get_language() or "en"
    return {str(entry.id): label(entry, language) for entry in incident_types().outcomes}


Codes = type[TextChoices] | Callable[[], dict[str, str]]


class CaseText(TextChoices):
    """Texts of a case that have versions, as they stand in an address."""

    TITLE = "title", gettext_lazy("Working title")
    SUMMARY = "summary", gettext_lazy("What happened, looked through")
    TOLD = "told", gettext_lazy("Already told, do not ask again")


# Field of a case -> its name, and the list its codes are from; None for a day or a yes and no.
FIELDS: dict[str, tuple[Label, type[TextChoices] | None]] = {
    "state": (gettext_lazy("State"), CaseState),
    "stage": (gettext_lazy("Stage"), Stage),
    "risk": (gettext_lazy("Risk"), Risk),
    "minor": (gettext_lazy("Under 18"), MinorFlag),
    "compartment": (gettext_lazy("Protection"), Compartment),
    "person_category": (gettext_lazy("She comes to us as"), PersonCategory),
    "age_band": (gettext_lazy("Age"), AgeBand),
    "gender": (gettext_lazy("Gender"), Gender),
    "language": (gettext_lazy("Language"), ContactLanguage),
    "on_duty_may_call": (gettext_lazy("Whoever is on call may call her"), None),
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
    "looked": gettext_lazy("The identity card was opened"),
    "card": gettext_lazy("The identity card was changed"),
    "grant_asked": gettext_lazy("Somebody asks to open the identity"),
    "grant_first": gettext_lazy("A first holder agreed that the identity is opened to somebody else"),
    "grant_active": gettext_lazy("The identity was opened to somebody else"),
    "grant_declined": gettext_lazy("A holder refused to open the identity to somebody else"),
    "grant_confirmed": gettext_lazy("Confirmed that she still represents her"),
    "grant_ended": gettext_lazy("The identity is not open to somebody else any more"),
    "consent_yes": gettext_lazy("She agreed"),
    "consent_no": gettext_lazy("She refused"),
    "signed_yes": gettext_lazy("She agreed in writing"),
    "signed_no": gettext_lazy("She refused in writing"),
    "consent_off": gettext_lazy("She took her consent back"),
    "consent_error": gettext_lazy("Noted as taken back in error; her yes counts again"),
    "consent_printed": gettext_lazy("Sheet of consents printed"),
    "given": gettext_lazy("Was handed the lead"),
    "until": gettext_lazy("Changed until when"),
    "slip": gettext_lazy("Conflict slip sent"),
    "clear": gettext_lazy("No conflict"),
    "conflict": gettext_lazy("There is a conflict"),
    "move": gettext_lazy("The coordinator asks for somebody"),
    "move_back": gettext_lazy("The coordinator took back what she had asked for"),
    "move_off": gettext_lazy("Whom the coordinator asked for cannot come any more: the wish has ended"),
    # --- facts, state, second person
    "text": gettext_lazy("New version"),
    "country": gettext_lazy("Country added"),
    "country_off": gettext_lazy("Country taken off"),
    "linked": gettext_lazy("Linked"),
    "unlinked": gettext_lazy("Link taken away"),
    "closed_as": gettext_lazy("Closed"),
    "asked": gettext_lazy("Asked"),
    "approved": gettext_lazy("Agreed to"),
    "refused": gettext_lazy("Refused"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "sealed_fact": gettext_lazy("A protected fact was changed"),
    # --- what happened
    "written": gettext_lazy("Written down"),
    "changed": gettext_lazy("Changed"),
    "outcome": gettext_lazy("Came of it"),
    "outcome_off": gettext_lazy("Did not come of it after all"),
    # --- files, letters, print
    "added": gettext_lazy("Added"),
    "downloaded": gettext_lazy("Downloaded"),
    "taken_out": gettext_lazy("Taken out"),
    "printed": gettext_lazy("Summary printed"),
    # --- export, erasure, retention
    "exported": gettext_lazy("Copy of her data made for her"),
    "held": gettext_lazy("Legal hold"),
    "paused": gettext_lazy("Paused: nobody calls her"),
    "resumed": gettext_lazy("The pause is over"),
    # --- plan, risk, reaching her
    "done": gettext_lazy("Done"),
    "dropped": gettext_lazy("Dropped"),
    "moved": gettext_lazy("Moved to another time"),
    "reassigned": gettext_lazy("Given to somebody else"),
    "waived": gettext_lazy("Let go, with reason"),
    "reached": gettext_lazy("How she can be reached was changed"),
    "reviewed": gettext_lazy("Looked through"),
    "assessed": gettext_lazy("Rated"),
    "call": gettext_lazy("Call"),
    "served": gettext_lazy("Given"),
    "taken_back": gettext_lazy("Taken back"),
}
# What the parts after the first are codes of, where it is not a role on the case; None for a day.
PARTS: dict[str, tuple[Codes | None, ...]] = {
    "looked": (OpeningReason,),
    "grant_asked": (GrantKind, OpeningReason),
    "grant_first": (GrantKind,),
    "grant_active": (GrantKind,),
    "grant_ended": (GrantEnd,),
    "consent_yes": (ConsentPurpose,),
    "consent_no": (ConsentPurpose,),
    "signed_yes": (ConsentPurpose, None),
    "signed_no": (ConsentPurpose, None),
    "consent_off": (ConsentPurpose,),
    "consent_error": (ConsentPurpose,),
    "held": (HoldReason,),
    "text": (CaseText,),
    "outcome": (outcomes,),
    "outcome_off": (outcomes,),
    "country": (Country, CountryReason),
    "country_off": (Country, CountryReason),
    "linked": (LinkKind,),
    "unlinked": (LinkKind,),
    "closed_as": (ClosureReason, LegalOutcome),
    "asked": (ApprovalKind,),
    "approved": (ApprovalKind,),
    "refused": (ApprovalKind,),
    "withdrawn": (ApprovalKind,),
    "dropped": (DropReason,),
    "assessed": (Risk,),
    "call": (CallResult,),
    "duty_tried": (CallResult,),
    "served": (ServiceKind,),
    "taken_back": (ServiceKind,),
}


def labels(choices: Codes) -> dict[str, str]:
    """Words by code in the reader's language, looked up once for a whole list."""
    known: Any = choices
    return {code: str(label) for code, label in known.choices} if isinstance(choices, type) else known()


class TimelineWords:
    """Titles and codes of timeline lines in words; made once for a page."""

    def __init__(self) -> None:
        self.kinds = labels(TimelineKind)
        self._lists: dict[Codes, dict[str, str]] = {}

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
        lists: tuple[Codes | None, ...] = PARTS.get(name, (CaseRole,))
        said = [self._of(codes)(code) for codes, code in zip(lists, rest.split(":"), strict=False) if code]
        return f"{act}: {', '.join(said)}" if said else str(act)

    def _of(self, choices: Codes | None) -> Callable[[str], str]:
        if choices is None:
            return _plain
        known = self._lists.setdefault(choices, labels(choices))
        return lambda code: known.get(code, code or "–")


def _plain(value: Any) -> str:
    if value in {"true", "false"}:
        return _("yes") if value == "true" else _("no")
    day = parse_date(value) if value else None
    return short_time(day) if isinstance(day, date) else (value or "–")


def say_question(kind: str, detail: str, level: str) -> str:
    """What a second person is asked, in words: the act with its codes."""
    parts: tuple[type[TextChoices], ...] = ()
    if kind == ApprovalKind.CLOSE_CASE:
        parts = (CaseState, ClosureReason, LegalOutcome)
    elif kind == ApprovalKind.CLEAR_MINOR:
        parts = (MinorFlag,)
    elif kind == ApprovalKind.ERASE_CASE:
        parts = (Erased, ErasureReason)
    elif kind == ApprovalKind.KEEP_CASE:
        return f"{ApprovalKind(kind).label}: {short_time(date.fromisoformat(detail))}"
    elif kind == ApprovalKind.LOWER_RISK:
        parts, detail = (Risk,), level
    said = [labels(codes).get(code, code) for codes, code in zip(parts, detail.split(":"), strict=False) if code]
    return f"{ApprovalKind(kind).label}: {', '.join(said)}" if said else str(ApprovalKind(kind).label)


class IncidentWords:
    """What an incident's codes say, in the reader's language; made once for a page."""

    def __init__(self) -> None:
        language, known = get_language() or "en", incident_types()

        def words(entries: Any) -> dict[str, str]:
            return {str(entry.id): label(entry, language) for entry in entries}

        self._lists: dict[str, dict[str, str]] = {
            "types": words(known.types),
            "contexts": words(known.contexts),
            "platforms": words(known.channels),
            "outcomes": words(known.outcomes),
            "relation": words(known.relations),
        }
        self._names = words(known.dimensions)
        for attribute in known.image_attributes:
            field = "made_by_whom" if attribute.id == "made_by" else str(attribute.id)
            self._lists[field] = words(attribute.values)
            self._names[field] = label(attribute, language)

    def facts(self, incident: "Incident") -> list[tuple[str, str]]:
        """Names and values of what is known, in the order in which it is asked."""
        names = {"platforms": self._names["channels"], "relation": self._names["relations"]}
        found = []
        for field, known in self._lists.items():
            codes = getattr(incident, field)
            codes = codes if isinstance(codes, list) else [codes] if codes else []
            said = ", ".join(known.get(str(code), str(code)) for code in codes)
            if said:
                found.append((names.get(field, self._names.get(field, field)), said))
        months = ((_("Month it happened"), incident.happened_in), (_("Month she learned of it"), incident.learned_in))
        return found + [(name, date_format(day, "F Y")) for name, day in months if day]
