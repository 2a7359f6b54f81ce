"""Cases that belong together, and the countries whose law may apply."""

from uuid import uuid4

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases import permissions
from cases.codes import Country, CountryReason, Entity, LinkKind, TimelineKind
from cases.models import Case, CaseJurisdiction, CaseLink
from cases.services import timeline
from cases.services.sealed_facts import is_protected


def link_cases(*, case: Case, other: Case, kind: LinkKind, by: User) -> None:
    """Link a case with another one that she sees. Linked already, in either direction, changes nothing."""
    permissions.require_action(by, "change_facts", case)
    if case.pk == other.pk:
        raise WrongState(_("This is the case itself. Type the code of the other one."))
    if is_protected(case) or is_protected(other):
        raise WrongState(_("A protected case is not linked with others."))
    both = Q(case=case, other=other) | Q(case=other, other=case)
    if CaseLink.objects.filter(both, kind=kind, removed_at__isnull=True).exists():
        return
    link = CaseLink(pk=uuid4(), case=case, other=other, kind=kind, linked_at=timezone.now(), linked_by=by)
    with audit.unit() as entries:
        if insert_once(link):
            timeline.tell(case_id=case.pk, kind=TimelineKind.LINK, record_id=link.pk, detail=f"linked:{kind}", by=by)
            entries.record(Action.CASE_LINKED, link.pk, detail=str(kind))


def unlink_cases(*, case: Case, link: CaseLink, by: User) -> None:
    """Take a link away. The line that it was there stays."""
    permissions.require_action(by, "change_facts", case)
    with audit.unit() as entries:
        rows = CaseLink.objects.filter(pk=link.pk, removed_at__isnull=True)
        if rows.update(removed_at=timezone.now(), removed_by=by):
            detail = f"unlinked:{link.kind}"
            timeline.tell(case_id=case.pk, kind=TimelineKind.LINK, record_id=link.pk, detail=detail, by=by)
            entries.record(Action.CASE_UNLINKED, link.pk)


def add_country(*, case: Case, country: Country, entity: Entity, reason: CountryReason, by: User) -> None:
    """Name a country whose law may apply, and why. The same one twice is one."""
    permissions.require_action(by, "write_incident", case)
    row = CaseJurisdiction(
        pk=uuid4(), case=case, country=country, entity=entity, reason=reason, added_at=timezone.now(), added_by=by
    )
    with audit.unit() as entries:
        if insert_once(row):
            detail = f"country:{country}:{reason}"
            timeline.tell(case_id=case.pk, kind=TimelineKind.CHANGE, detail=detail, by=by)
            entries.record(Action.COUNTRY_ADDED, case.pk, detail=detail)


def remove_country(*, case: Case, row: CaseJurisdiction, by: User) -> None:
    """Take a country off. A second click changes nothing."""
    permissions.require_action(by, "write_incident", case)
    with audit.unit() as entries:
        rows = CaseJurisdiction.objects.filter(pk=row.pk, removed_at__isnull=True)
        if rows.update(removed_at=timezone.now(), removed_by=by):
            detail = f"country_off:{row.country}:{row.reason}"
            timeline.tell(case_id=case.pk, kind=TimelineKind.CHANGE, detail=detail, by=by)
            entries.record(Action.COUNTRY_REMOVED, case.pk, detail=detail)
