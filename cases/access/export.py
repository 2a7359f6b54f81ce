"""The records of a case that are about her: what goes into her copy, and nothing else."""

from dataclasses import dataclass
from uuid import UUID

from cases.access import OpenedCase
from cases.choices import AssignmentState, NoteType
from cases.codes import TimelineKind
from cases.models import Assignment, CaseFile, Consent, Deadline, IdentityEntry, Incident, Note, TimelineEntry

LATEST = 5


@dataclass(frozen=True)
class Records:
    """Shells of what is sealed; reviews of staff, slips, links and questions are not among them."""

    identity: list[IdentityEntry]
    notes: list[Note]
    incidents: list[Incident]
    dates: list[Deadline]
    consents: list[Consent]
    files: list[CaseFile]
    people: list[Assignment]

    def ids(self, case_id: UUID) -> list[UUID]:
        """Every record that has a text under the content key."""
        rows = (*self.notes, *self.incidents, *self.dates, *self.consents, *self.files)
        return [case_id, *(row.pk for row in rows)]


def list_records(opened: OpenedCase) -> Records:
    """One query each."""
    case = opened.case
    worked = Assignment.objects.filter(case=case, state__in=[AssignmentState.LIVE, AssignmentState.ENDED])
    return Records(
        list(IdentityEntry.objects.filter(case=case).order_by("added_at", "pk")),
        list(Note.objects.filter(case=case).exclude(type=NoteType.REVIEW_NOTE).order_by("written_at", "pk")),
        list(Incident.objects.filter(case=case).order_by("written_at", "pk")),
        list(Deadline.objects.filter(case=case).order_by("due_on", "pk")),
        list(Consent.objects.filter(case=case).select_related("restores", "restored_by").order_by("noted_at", "pk")),
        list(CaseFile.objects.filter(case=case, removed_at__isnull=True).order_by("uploaded_at", "pk")),
        list(worked.filter(live_at__isnull=False).order_by("live_at", "pk")),
    )


def list_copies(opened: OpenedCase) -> list[TimelineEntry]:
    """When copies were made for her and by whom: the latest few, newest first."""
    made = TimelineEntry.objects.filter(case=opened.case, kind=TimelineKind.LETTER, detail="exported")
    return list(made.select_related("by").order_by("-at", "pk")[:LATEST])
