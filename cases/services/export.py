"""Her data, readable for her: made in the request that asks for it, from what the lead's keys open, and kept nowhere.

Left out by what is asked for: names of other survivors and linked cases, conflict slips, reviews of staff, questions
to a second person. Whoever makes the copy has looked through the notes and ticked those that are about her.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.choices import Action
from accounts.exceptions import NotAllowed
from accounts.models import User
from accounts.templatetags.sidro import full_time
from cases import permissions
from cases.access.export import Records
from cases.access.identity import open_until
from cases.choices import CaseRole, Purpose
from cases.codes import AgeBand, ConsentBy, ConsentHow, Gender, PersonCategory, TimelineKind
from cases.compartments import SEALED_FACTS, Certainty, EntryKind, OpeningReason
from cases.models import Case, Consent
from cases.services import consents, identity, sealed_facts, timeline
from cases.services.printing import labels_of
from cases.services.sealed import content
from cases.words import labels

REACH_NAMES: dict[str, Callable[[], str]] = {
    "phone": lambda: _("Phone"),
    "other_contact": lambda: _("Another way"),
    "safe_hours": lambda: _("Hours at which it is safe"),
    "neutral_word": lambda: _("Neutral word"),
    "who_else_reads": lambda: _("Who else reads it"),
}
# How sure an entry is, and who spoke for her, as she reads it herself.
SURE_TO_HER = {**dict(Certainty.choices), Certainty.SAID: gettext_lazy("You said so")}
BY_TO_HER: dict[str, Any] = {
    ConsentBy.HERSELF: gettext_lazy("You yourself"),
    ConsentBy.GUARDIAN: gettext_lazy("Your guardian"),
    ConsentBy.AUTHORITY: gettext_lazy("An authority"),
}


@dataclass(frozen=True)
class Section:
    """A part of her copy: its heading, and lines of a label and a text."""

    heading: str
    lines: list[tuple[str, str]]


def make_copy(*, case: Case, records: Records, notes: Iterable[UUID], by: User) -> list[Section]:
    """Her copy, in the language that is active. Opens the identity card as her wish and closes it again.

    Raises NotAllowed (not lead or backup, no key), StepUpNeeded, BudgetSpent.
    """
    permissions.require_action(by, "export_case", case)
    was_open = open_until(case) is not None
    identity.open_card(case=case, reason=OpeningReason.HER_WISH, text="", by=by)
    with audit.unit() as entries:
        card = identity.read_card(case=case, by=by)
        texts = content.read(case_id=case.pk, record_ids=records.ids(case.pk), purpose=Purpose.CONTENT, by=by)
        reach = content.read(case_id=case.pk, record_ids=[case.pk], purpose=Purpose.REACH, by=by)
        timeline.tell(case_id=case.pk, kind=TimelineKind.LETTER, detail="exported", by=by)
        entries.record(Action.CASE_EXPORTED, case.pk)
    if not was_open:
        identity.close_card(case=case, by=by)
    found = _Copy(case, records, texts, set(notes)).sections(card, reach.get((case.pk, "case.reach"), {}))
    return [section for section in found if section.lines]


class _Copy:
    """Puts the sections together."""

    def __init__(self, case: Case, records: Records, texts: dict[tuple[UUID, str], Any], notes: set[UUID]) -> None:
        self.case, self.records, self.texts, self.notes = case, records, texts, notes

    def sections(self, card: identity.Card, reach: dict[str, Any]) -> list[Section]:
        case = self.case
        return [
            Section(_("About this copy"), self._about()),
            Section(_("Who you are"), self._identity(card)),
            Section(_("What you told us, in your words"), [("", card.words)] if card.words else []),
            Section(_("How we may reach you"), self._reach(reach)),
            Section(_("What we wrote about what happened"), [*self._case_texts(case), *self._incidents()]),
            Section(_("Notes about you"), self._texts(self.records.notes, "note.text", self.notes)),
            Section(_("Dates"), self._dates()),
            Section(_("What you agreed to"), self._consents()),
            Section(_("Files"), self._texts(self.records.files, "file.name")),
            Section(_("Who has worked on it"), self._people()),
        ]

    def _about(self) -> list[tuple[str, str]]:
        case = self.case
        said = [(_("Code"), case.code), (_("Opened"), str(full_time(case.opened_at)))]
        if case.closed_at:
            said.append((_("Closed"), str(full_time(case.closed_at))))
        facts = (("stage", _("Stage")), ("risk", _("Risk")), ("minor", _("Under 18")))
        said += [(name, str(getattr(case, f"get_{field}_display")())) for field, name in facts]
        return said + self._sealed_facts()

    def _sealed_facts(self) -> list[tuple[str, str]]:
        """As she told them; of a protected case they are sealed, and the columns say only that."""
        case = self.case
        sealed = self.texts.get((case.pk, sealed_facts.FIELD), {}) if sealed_facts.is_protected(case) else {}
        names: tuple[tuple[str, type[TextChoices]], ...] = (
            (_("You come to us as"), PersonCategory),
            (_("Age"), AgeBand),
            (_("Gender"), Gender),
        )
        found = [
            (sealed.get(field, getattr(case, field)), *name) for field, name in zip(SEALED_FACTS, names, strict=True)
        ]
        return [(name, labels(kind).get(value, value)) for value, name, kind in found]

    def _identity(self, card: identity.Card) -> list[tuple[str, str]]:
        """By kind, as on the page of the card."""
        kinds, order = labels(EntryKind), list(EntryKind.values)
        standing = [said for entry, said in card.of(self.records.identity) if entry.removed_at is None]
        standing.sort(key=lambda said: order.index(said["kind"]) if said["kind"] in order else len(order))
        return [(kinds.get(said["kind"], said["kind"]), _entry(said)) for said in standing]

    def _reach(self, reach: dict[str, Any]) -> list[tuple[str, str]]:
        return [
            (REACH_NAMES.get(name, REACH_NAMES["other_contact"])(), str(value))
            for name, value in reach.items()
            if value
        ]

    def _case_texts(self, case: Case) -> list[tuple[str, str]]:
        said = [self.texts.get((case.pk, f"case.{name}"), "") for name in ("summary", "told")]
        return [("", str(text)) for text in said if text]

    def _incidents(self) -> list[tuple[str, str]]:
        found = []
        for row in self.records.incidents:
            kinds = ", ".join(labels_of([row]))
            text = self.texts.get((row.pk, "incident.text"), "")
            found.append((str(full_time(row.written_at)), "\n".join(filter(None, (kinds, str(text or ""))))))
        return found

    def _texts(self, rows: Iterable[Any], field: str, only: set[UUID] | None = None) -> list[tuple[str, str]]:
        chosen = [row for row in rows if only is None or row.pk in only]
        found = [(row, self.texts.get((row.pk, field), "")) for row in chosen]
        return [
            (str(full_time(getattr(row, "written_at", None) or row.uploaded_at)), str(text))
            for row, text in found
            if text
        ]

    def _dates(self) -> list[tuple[str, str]]:
        return [
            (
                str(full_time(row.due_on)),
                f"{self.texts.get((row.pk, 'deadline.text'), '')} ({row.get_state_display()})",
            )
            for row in self.records.dates
        ]

    def _consents(self) -> list[tuple[str, str]]:
        return [
            (str(consents.TO_HER[row.purpose]), _consent(row, str(self.texts.get((row.pk, consents.RECIPIENT), ""))))
            for row in self.records.consents
        ]

    def _people(self) -> list[tuple[str, str]]:
        """By role, never by name: she is told what somebody did, not who it was."""
        roles = labels(CaseRole)
        return [
            (roles[row.role], f"{full_time(row.live_at)} – {full_time(row.ended_at) if row.ended_at else _('today')}")
            for row in self.records.people
        ]


def _entry(said: dict[str, str]) -> str:
    """What an entry of the card says, what is to be known with it, and how sure it is."""
    sure = str(SURE_TO_HER.get(said.get("certainty", ""), ""))
    return " – ".join(filter(None, (said["value"], said.get("note", ""), sure)))


def _consent(row: Consent, to_whom: str) -> str:
    """What she said, whether it still stands, to whom; how, by whom and when it was said, and until when it counts."""
    how, who = labels(ConsentHow).get(row.how, row.how), str(BY_TO_HER.get(row.given_by, row.given_by))
    parts = [
        _("yes") if row.given else _("no"),
        _taken_back(row),
        _("noted as withdrawn in error, and put right: %(time)s") % {"time": full_time(row.noted_at)}
        if row.restores
        else "",
        _("to whom: %(name)s") % {"name": to_whom} if to_whom else "",
        how,
        who,
        _("noted: %(time)s") % {"time": full_time(row.noted_at)},
        _("signed on %(day)s") % {"day": full_time(row.signed_on)} if row.signed_on else "",
        _("last day: %(day)s") % {"day": full_time(timezone.localdate(row.expires_at))} if row.expires_at else "",
    ]
    return " – ".join(filter(None, parts))


def _taken_back(row: Consent) -> str:
    if not row.withdrawn_at:
        return ""
    if hasattr(row, "restored_by"):
        return _("noted as withdrawn in error, %(time)s") % {"time": full_time(row.withdrawn_at)}
    return _("withdrawn on %(day)s") % {"day": full_time(row.withdrawn_at)}


def preview(*, case: Case, records: Records, by: User) -> list[tuple[Any, str]]:
    """The notes to look through, with what they say. Raises NotAllowed."""
    permissions.require_action(by, "export_case", case)
    try:
        texts = content.read(
            case_id=case.pk, record_ids=[note.pk for note in records.notes], purpose=Purpose.CONTENT, by=by
        )
    except NotAllowed:
        return []
    return [(note, texts.get((note.pk, "note.text"), "")) for note in records.notes]
