"""What happened: coded by the taxonomy, told in sealed words; the alleged perpetrator's names are sealed too."""

from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.choices import MinorFlag, Purpose
from cases.codes import TimelineKind
from cases.knowledge import incident_types
from cases.models import Case, Incident
from cases.services import timeline
from cases.services.sealed import content
from cases.services.sealed.content import Version

TEXT, NAMES = "incident.text", "incident.names"
FIELDS = {"text": TEXT, "names": NAMES}
CODES = frozenset(
    {
        "types",
        "contexts",
        "platforms",
        "outcomes",
        "relation",
        "age_at_capture",
        "consent_to_make",
        "consent_to_share",
        "nature",
        "made_by_whom",
        "happened_in",
        "learned_in",
    }
)
UNDER_18 = "under_18"
OF_A_LIVING_CHILD = "grooming"  # a person who is a child now; the other hard stops are about the material


def stops(types: list[str], age_at_capture: str) -> bool:
    """Whether ordinary handling ends: a child is concerned."""
    return age_at_capture == UNDER_18 or any(incident_types().type(code).hard_stop for code in types)


def write_incident(*, case: Case, nonce: UUID, codes: dict[str, Any], text: str, names: str, by: User) -> None:
    """Write down what happened. The same form sent twice writes once. A child in it raises the case's flag."""
    permissions.require_action(by, "write_incident", case)
    _known(codes)
    incident = Incident(
        pk=uuid4(),
        case=case,
        nonce=once(nonce, *(str(codes.get(name)) for name in sorted(CODES)), text, names),
        written_at=timezone.now(),
        written_by=by,
        **codes,
    )
    with audit.unit() as entries:
        if not insert_once(incident):
            return
        for field, value in ((TEXT, text), (NAMES, names)):
            if value:
                content.write(
                    case_id=case.pk, record_id=incident.pk, field=field, value=value, purpose=Purpose.CONTENT, by=by
                )
        timeline.tell(case_id=case.pk, kind=TimelineKind.INCIDENT, record_id=incident.pk, detail="written", by=by)
        entries.record(Action.INCIDENT_WRITTEN, incident.pk)
        _raise_flag(case, incident, entries)


def change_incident(
    *, case: Case, incident: Incident, codes: dict[str, Any], texts: dict[str, tuple[str, int]], by: User
) -> None:
    """Change codes, and write the next version of texts, given as name -> (value, revision she had before her).

    Raises WrongState when somebody wrote a newer version meanwhile: then nothing is changed.
    """
    permissions.require_action(by, "write_incident", case)
    _known(codes)
    if not codes and not texts:
        return
    with audit.unit() as entries:
        for name, (value, seen) in texts.items():
            content.revise(
                case_id=case.pk,
                record_id=incident.pk,
                field=FIELDS[name],
                value=value,
                purpose=Purpose.CONTENT,
                seen=seen,
                by=by,
            )
        Incident.objects.filter(pk=incident.pk).update(**codes, changed_at=timezone.now(), changed_by=by)
        timeline.tell(case_id=case.pk, kind=TimelineKind.INCIDENT, detail="changed", by=by)
        entries.record(Action.INCIDENT_CHANGED, incident.pk)
        for name, value in codes.items():
            setattr(incident, name, value)
        _raise_flag(case, incident, entries)


def incident_versions(*, case: Case, incident: Incident, by: User) -> dict[str, list[Version]]:
    """Versions of both texts, newest first. Raises NotHeld."""
    return {
        name: content.versions(case_id=case.pk, record_id=incident.pk, field=field, purpose=Purpose.CONTENT, by=by)
        for name, field in FIELDS.items()
    }


def read_incidents(*, case: Case, incidents: list[Incident], by: User) -> dict[UUID, dict[str, str]]:
    """Texts of a list of incidents: id -> name -> text. Raises NotHeld."""
    ids = [incident.pk for incident in incidents]
    opened = content.read(case_id=case.pk, record_ids=ids, purpose=Purpose.CONTENT, by=by)
    return {pk: {name: opened.get((pk, field), "") for name, field in FIELDS.items()} for pk in ids}


def _known(codes: dict[str, Any]) -> None:
    if not codes.keys() <= CODES:
        raise NotAllowed


def _raise_flag(case: Case, incident: Incident, entries: audit.Entries) -> None:
    """A child is concerned: the case says so from now on. What says so already stays as it is."""
    if case.concerns_minor or not stops(incident.types, incident.age_at_capture):
        return
    flag = MinorFlag.NOW if OF_A_LIVING_CHILD in incident.types else MinorFlag.MATERIAL
    try:
        database.value("case_minor_set", case.pk, str(flag))
    except database.Refused as refused:
        if refused.reason == "second_person":
            return  # somebody said so a moment ago
        raise WrongState(_("This case is not open any more.")) from None
    entries.record(Action.CASE_MINOR_SET, case.pk, detail=str(flag))
