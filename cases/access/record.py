"""The record of a case: history of its facts, incidents, countries, links to other cases."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.models import User
from accounts.paging import Page, cut
from cases.access import OpenedCase
from cases.codes import TimelineKind
from cases.models import Case, CaseJurisdiction, CaseLink, Incident, TimelineEntry, seen_by

OF_FACTS = (TimelineKind.CHANGE, TimelineKind.STATE, TimelineKind.RISK, TimelineKind.SECOND)
CHANGES_ON_A_PAGE = 30


def list_changes(opened: OpenedCase, *, page: int = 1) -> Page:
    """Lines of the timeline about facts, texts and states, newest first."""
    lines = TimelineEntry.objects.filter(case=opened.case, kind__in=OF_FACTS)
    columns = ("kind", "record_id", "detail", "at", "by_id", "by__display_name")
    return cut(lines.order_by("-at", "pk").values_list(*columns, named=True), page, CHANGES_ON_A_PAGE)


def last_changed_by(opened: OpenedCase, field: str) -> str:
    """Who changed a coded fact last, by name."""
    lines = TimelineEntry.objects.filter(case=opened.case, kind__in=OF_FACTS, detail__startswith=f"{field}:")
    return lines.order_by("-at").values_list("by__display_name", flat=True).first() or ""


def stage_before(lines: Page, user: User) -> str:
    """The stage before the newest step among these lines, where that step was hers: what "undo" goes back to."""
    newest = next((line for line in lines if line.detail.startswith("stage:")), None)
    if newest is None or newest.by_id != user.pk:
        return ""
    return newest.detail.removeprefix("stage:").partition(">")[0]


def list_incidents(opened: OpenedCase, *, page: int) -> Page:
    found = Incident.objects.filter(case=opened.case).select_related("written_by", "changed_by")
    return cut(found.order_by("-written_at", "pk"), page)


def get_incident(opened: OpenedCase, incident_id: UUID) -> Incident:
    found = Incident.objects.filter(case=opened.case, pk=incident_id).first()
    if found is None:
        raise Http404
    return found


def list_countries(opened: OpenedCase) -> QuerySet[CaseJurisdiction]:
    """Countries whose law may apply, with why; none means openly: not covered yet."""
    found = CaseJurisdiction.objects.filter(case=opened.case, removed_at__isnull=True)
    return found.order_by("country", "entity", "reason")


def get_country(opened: OpenedCase, country_id: UUID) -> CaseJurisdiction:
    found = CaseJurisdiction.objects.filter(case=opened.case, pk=country_id).first()
    if found is None:
        raise Http404
    return found


def list_links(opened: OpenedCase, user: User) -> list[tuple[CaseLink, Case]]:
    """Links with the case at the other end; only where she sees both."""
    seen = Case.objects.visible_to(user)
    links = CaseLink.objects.filter(
        Q(case=opened.case, other__in=seen) | Q(other=opened.case, case__in=seen), removed_at__isnull=True
    )
    found = links.select_related("case", "other").order_by("-linked_at", "pk")[:100]
    return [(link, link.other if link.case_id == opened.case.pk else link.case) for link in found]


def hidden_links(user: User) -> Q:
    """Lines of a timeline about a link that she must not know of: she does not see both cases."""
    ends = seen_by(user, "case_id") & seen_by(user, "other_id")
    known = CaseLink.objects.filter(ends, pk=OuterRef("record_id"))
    return Q(~Exists(known), kind=TimelineKind.LINK)


def get_link(opened: OpenedCase, user: User, link_id: UUID) -> CaseLink:
    for link, _other in list_links(opened, user):
        if link.pk == link_id:
            return link
    raise Http404


def linkable_case(user: User, code: str) -> Case | None:
    """A case that she sees, by its code; None looks the same whether it is hidden or not there."""
    return Case.objects.visible_to(user).filter(code=code).first()
