"""Lines of a case's timeline. What the database writes itself (changes of coded facts) is in app.case_changed."""

from uuid import UUID

from django.utils import timezone

from accounts.models import User
from cases.codes import TimelineKind
from cases.models import TimelineEntry


def tell(*, case_id: UUID, kind: TimelineKind, by: User, record_id: UUID | None = None, detail: str = "") -> None:
    """Add a line, inside the unit of work that it tells of. `detail` holds codes such as `done`, never a text."""
    TimelineEntry(case_id=case_id, kind=kind, record_id=record_id, detail=detail, at=timezone.now(), by=by).save(
        force_insert=True
    )
