"""Units of service: work done for her, logged by one tap; and the projects that it is counted for."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.codes import ServiceKind, TimelineKind
from cases.models import Case, Project, ServiceUnit
from cases.services import timeline
from cases.services.opening_hours import require_house

UNDO = timedelta(minutes=10)


def log_service(*, case: Case, nonce: UUID, kind: ServiceKind, minutes: int, project: Project | None, by: User) -> None:
    """Log a unit of service. A double tap logs one."""
    permissions.require_action(by, "log_service", case)
    unit = ServiceUnit(
        pk=uuid4(),
        case=case,
        nonce=once(nonce, kind, minutes, project and project.pk),
        kind=kind,
        minutes=minutes,
        project=project,
        given_at=timezone.now(),
        given_by=by,
    )
    with audit.unit() as entries:
        if insert_once(unit):
            timeline.tell(case_id=case.pk, kind=TimelineKind.SERVICE, record_id=unit.pk, detail=f"served:{kind}", by=by)
            entries.record(Action.SERVICE_LOGGED, unit.pk, detail=str(kind))


def undo_service(*, case: Case, unit: ServiceUnit, by: User) -> None:
    """Take an own unit back within ten minutes. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "log_service", case)
    if unit.given_by_id != by.pk:
        raise NotAllowed
    if unit.given_at < timezone.now() - UNDO:
        raise WrongState(_("This can be taken back for ten minutes only."))
    with audit.unit() as entries:
        if ServiceUnit.objects.filter(pk=unit.pk, undone_at__isnull=True).update(undone_at=timezone.now()):
            detail = f"taken_back:{unit.kind}"
            timeline.tell(case_id=case.pk, kind=TimelineKind.SERVICE, record_id=unit.pk, detail=detail, by=by)
            entries.record(Action.SERVICE_UNDONE, unit.pk)


def add_project(*, name: str, by: User) -> None:
    """Add a project. Raises WrongState where there is one of this name, NotAllowed."""
    require_house(by)
    project = Project(pk=uuid4(), name=name)
    with audit.unit() as entries:
        if not insert_once(project):
            raise WrongState(_("There is a project of this name already."))
        entries.record(Action.PROJECT_CHANGED, project.pk)


def retire_project(*, project: Project, retired: bool, by: User) -> None:
    """Take a project off the list, or put it back; what was counted for it stays."""
    require_house(by)
    with audit.unit() as entries:
        other = Project.objects.filter(pk=project.pk, retired_at__isnull=retired)
        if other.update(retired_at=timezone.now() if retired else None):
            entries.record(Action.PROJECT_CHANGED, project.pk)
