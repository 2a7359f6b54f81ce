"""The printed summary of a case: paper travels, so who printed it and when stands on it, in the log and the timeline."""

from collections.abc import Iterable

from django.utils.translation import get_language

from accounts import audit
from accounts.choices import Action
from accounts.models import User
from cases import knowledge, permissions
from cases.codes import TimelineKind
from cases.models import Case, Incident
from cases.services import timeline


def note_printed(*, case: Case, by: User) -> None:
    """Somebody prints a summary. Raises NotAllowed."""
    permissions.require_action(by, "print_case", case)
    with audit.unit() as entries:
        timeline.tell(case_id=case.pk, kind=TimelineKind.LETTER, detail="printed", by=by)
        entries.record(Action.CASE_PRINTED, case.pk)


def labels_of(incidents: Iterable[Incident]) -> list[str]:
    """What happened, in the words of the knowledge base; a code that it does not know stays a code."""
    language = get_language() or "en"
    known = {one.id: knowledge.label(one, language) for one in knowledge.incident_types().types}
    return [", ".join(known.get(code, code) for code in incident.types) for incident in incidents if incident.types]
