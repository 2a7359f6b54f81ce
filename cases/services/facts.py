"""Coded facts of a case, its sealed texts in versions, and the flag that somebody is under 18."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.choices import ContactLanguage, MinorFlag, Purpose, Stage
from cases.codes import AgeBand, ApprovalKind, Gender, PersonCategory, TimelineKind
from cases.compartments import SEALED_FACTS
from cases.models import Approval, Case
from cases.services import sealed_facts, timeline
from cases.services.approvals import ask_approval
from cases.services.sealed import content
from cases.services.sealed.content import Version
from cases.services.sealed_facts import is_protected

FACTS = frozenset(
    {
        "stage",
        "person_category",
        "age_band",
        "gender",
        "language",
        "on_duty_may_call",
        "offence_learned_on",
        "suspect_learned_on",
        "next_review_on",
    }
)
LISTS: dict[str, type[TextChoices]] = {
    "stage": Stage,
    "person_category": PersonCategory,
    "age_band": AgeBand,
    "gender": Gender,
    "language": ContactLanguage,
}
# Name in an address -> sealed field. All are content; nothing of them is ever overwritten.
TEXTS = {"title": "case.title", "summary": "case.summary", "told": "case.told"}
FLAGGED = (MinorFlag.NOW, MinorFlag.MATERIAL)
UNDER_18 = (AgeBand.UNDER_14, AgeBand.FROM_14)


def change_facts(*, case: Case, values: dict[str, Any], by: User) -> None:
    """Change coded facts; only what differs is written, and the database keeps the history of each.

    An age under 18 marks the case. Raises WrongState when somebody changed the same fact in this very moment.
    """
    permissions.require_action(by, "change_facts", case)
    if not values.keys() <= FACTS:
        raise NotAllowed
    for name in values.keys() & LISTS.keys():
        LISTS[name](values[name])  # raises ValueError: a code that is not in its list is never stored
    if "sealed" in values.values():
        raise NotAllowed  # what a column says of a protected case is nothing that anybody chooses
    if is_protected(case) and values.get("on_duty_may_call"):
        raise WrongState(_("A protected case: only the people on it reach her. Whoever is on call does not."))
    secret = {name: values[name] for name in values.keys() & set(SEALED_FACTS)} if is_protected(case) else {}
    changed = {name: value for name, value in values.items() if name not in secret and getattr(case, name) != value}
    if not changed and not secret:
        return
    with audit.unit() as entries:
        if secret:
            sealed_facts.change(case=case, values=secret, by=by)
        before = {name: getattr(case, name) for name in changed}
        if changed and not Case.objects.filter(pk=case.pk, **before).update(**changed):
            raise WrongState(_("Somebody has changed this meanwhile. Look at it again; what you typed is still here."))
        entries.record(Action.CASE_FACTS_CHANGED, case.pk)
        _mark_by_age(case, {**changed, **secret}, entries)


def _mark_by_age(case: Case, values: dict[str, Any], entries: audit.Entries) -> None:
    """PostgreSQL does the same (app.minor_by_age), but sees no age of a protected case."""
    if values.get("age_band") in UNDER_18 and not case.concerns_minor:
        database.value("case_minor_set", case.pk, str(MinorFlag.NOW))
        entries.record(Action.CASE_MINOR_SET, case.pk, detail=str(MinorFlag.NOW))


def set_stage(*, case: Case, stage: Stage, by: User) -> None:
    """Set the stage: any of the six, in any direction."""
    change_facts(case=case, values={"stage": stage}, by=by)


def text_versions(*, case: Case, name: str, by: User) -> list[Version]:
    """Every version of a text, newest first; empty where there is none. Raises NotHeld."""
    return content.versions(case_id=case.pk, record_id=case.pk, field=TEXTS[name], purpose=Purpose.CONTENT, by=by)


def revise_text(*, case: Case, name: str, value: str, seen: int, by: User) -> None:
    """Write the next version of a text. `seen` is the revision she had before her, 0 for none.

    Raises WrongState when somebody wrote a newer one meanwhile.
    """
    permissions.require_action(by, "change_facts", case)
    with audit.unit() as entries:
        content.revise(
            case_id=case.pk,
            record_id=case.pk,
            field=TEXTS[name],
            value=value,
            purpose=Purpose.CONTENT,
            seen=seen,
            by=by,
        )
        timeline.tell(case_id=case.pk, kind=TimelineKind.CHANGE, detail=f"text:{name}", by=by)
        entries.record(Action.CASE_TEXT_REVISED, case.pk, detail=name)


def add_told(*, case: Case, line: str, by: User) -> None:
    """Add a line to "already told". A line that stands there is not added again; two at once both stay."""
    for attempt in (1, 2):
        known = text_versions(case=case, name="told", by=by)
        before = known[0].value if known else ""
        if line in before.splitlines():
            return
        try:
            revise_text(
                case=case,
                name="told",
                value=f"{before}\n{line}".strip(),
                seen=known[0].revision if known else 0,
                by=by,
            )
        except WrongState:
            if attempt == 2:
                raise
        else:
            return


def set_minor(*, case: Case, flag: MinorFlag, reason: str, by: User) -> Approval | None:
    """Say whether she or somebody in the material is under 18, at any time.

    Raising it counts at once. Taking it back is asked of a second person: then the question is returned.
    """
    permissions.require_action(by, "change_facts", case)
    if case.minor in FLAGGED and flag not in FLAGGED:
        return ask_approval(case=case, kind=ApprovalKind.CLEAR_MINOR, detail=str(flag), reason=reason, by=by)
    try:
        with audit.unit() as entries:
            database.value("case_minor_set", case.pk, str(flag))
            entries.record(Action.CASE_MINOR_SET, case.pk, detail=str(flag))
    except database.Refused:
        raise NotAllowed from None
    return None
