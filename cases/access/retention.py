"""What was kept long enough, receipts of what was erased, and what a survivor loses when she wants to stop."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.models import User
from accounts.paging import PAGE_SIZE, Page, cut
from cases.access import OpenedCase, require_role
from cases.choices import HOLDERS, AssignmentState, CaseRole, CaseState, DeadlineState, RequestState
from cases.codes import ApprovalKind, ApprovalState, TimelineKind
from cases.models import Approval, Assignment, Case, Deadline, Erasure, HelpRequest, TimelineEntry

ENDINGS = (ApprovalKind.ERASE_CASE, ApprovalKind.KEEP_CASE, ApprovalKind.LIFT_HOLD)

PRINTS = ("printed", "exported")


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where that has none."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def list_due_cases(user: User, *, page: int) -> Page:
    """Her closed cases, as lead or backup, that were kept long enough."""
    hers = Assignment.objects.filter(case=OuterRef("pk"), user=user, state=AssignmentState.LIVE, role__in=HOLDERS)
    asked = Approval.objects.filter(case=OuterRef("pk"), state=ApprovalState.ASKED, kind__in=ENDINGS)
    due = Case.objects.visible_to(user).filter(Exists(hers), retention_due_on__lte=timezone.localdate())
    due = due.exclude(state=CaseState.OPEN).annotate(is_asked=Exists(asked))
    return cut(due.order_by("retention_due_on", "code"), page)


def list_due_requests(user: User) -> QuerySet[HelpRequest]:
    """Ended requests of her teams that became no case and were kept long enough, or were named for erasure."""
    over = months_before(timezone.localdate(), settings.KEEP_REQUEST_MONTHS)
    ended = HelpRequest.objects.visible_to(user).filter(ended_at__isnull=False).exclude(state=RequestState.ACCEPTED)
    due = ended.filter(Q(ended_at__date__lt=over) | Q(erase_asked_at__isnull=False)).select_related("erase_asked_by")
    return due.order_by("ended_at", "code")[:PAGE_SIZE]


def list_due_for_house(*, page: int) -> Page:
    """The same of the whole house for the coordinator: codes and days, no content, no protected case."""
    audit.seen(Action.RETENTION_VIEWED, "")
    return Page(database.rows("retention_list", (page - 1) * PAGE_SIZE, PAGE_SIZE + 1), page)


def require_date(user: User, code: str) -> None:
    """The date of an erased case that she may give: her own, or for the coordinator one that nobody holds.

    Raises NotAllowed, Http404.
    """
    if database.value("date_to_give", code) is None:
        require_role(user, Role.COORDINATOR)
        raise Http404


def who_may_hold(code: str) -> QuerySet[User]:
    """To whom lead and backup can give it, who know of walls. Nobody for a coordinator, who does not."""
    return User.objects.filter(pk__in=[row.date_takers for row in database.rows("date_takers", code)]).order_by(
        "display_name"
    )


def holds_date(user: User, code: str) -> bool:
    """Whether it is hers to hand on."""
    return Case.objects.visible_to(user).filter(code=code, state=CaseState.ERASED).exists()


def leads_date(user: User, code: str) -> bool:
    """Whether she leads it: then whoever gets it leads it in her place."""
    return Assignment.objects.filter(
        case__code=code, user=user, state=AssignmentState.LIVE, role=CaseRole.LEAD
    ).exists()


def list_receipts(*, page: int) -> Page:
    """Receipts that she may see, the newest first."""
    return cut(Erasure.objects.select_related("asked_by", "agreed_by").order_by("-at", "pk"), page)


def get_receipt(receipt_id: UUID) -> Erasure:
    """A receipt. Raises Http404."""
    found = Erasure.objects.filter(pk=receipt_id).select_related("asked_by", "agreed_by").first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Stopping:
    """What stops and what cannot be recalled when she withdraws."""

    dates: list[Deadline]  # running, the critical ones first
    prints: int
    letters: int
    downloads: int
    people: list[Assignment]
    oblivion: date  # the day on which the last backup that holds her is gone


def oblivion_day(erased_at: datetime | None = None) -> date:
    """The last day on which a backup made until then can be opened: its month's key lives BACKUP_KEEP_DAYS longer."""
    today = timezone.localdate(erased_at)
    end_of_month = today.replace(day=monthrange(today.year, today.month)[1])
    return end_of_month + timedelta(days=settings.BACKUP_KEEP_DAYS)


def what_stops(opened: OpenedCase) -> Stopping:
    """Counted from dates, people and the timeline of the case."""
    dates = Deadline.objects.filter(case=opened.case, state=DeadlineState.RUNNING, due_on__gte=timezone.localdate())
    told = TimelineEntry.objects.filter(case=opened.case)
    people = Assignment.objects.filter(case=opened.case, state=AssignmentState.LIVE).select_related("user")
    return Stopping(
        sorted(dates, key=lambda row: (row.severity != "critical", row.due_on)),
        told.filter(kind=TimelineKind.LETTER, detail__in=PRINTS).count(),
        told.filter(kind=TimelineKind.LETTER).exclude(detail__in=PRINTS).count(),
        told.filter(kind=TimelineKind.FILE, detail__in=["downloaded", "taken_out"]).count(),
        list(people.order_by("live_at", "pk")),
        oblivion_day(),
    )


def open_ending(opened: OpenedCase) -> Approval | None:
    """A question about this case's end that waits for a second person."""
    asked = Approval.objects.filter(case=opened.case, state=ApprovalState.ASKED, kind__in=ENDINGS)
    return asked.select_related("asked_by").order_by("asked_at").first()


def is_ending(approval: Approval) -> bool:
    """Whether it asks about the end of the case: then a legal hold belongs beside the question."""
    return approval.kind in ENDINGS


def date_that_stays(approval: Approval) -> Deadline | None:
    """The one date that an erasure leaves, where it leaves one and that is still there."""
    if approval.kind != ApprovalKind.ERASE_CASE or approval.record_id is None:
        return None
    return Deadline.objects.filter(case_id=approval.case_id, pk=approval.record_id).first()


def is_stopped(opened: OpenedCase, approval: Approval) -> bool:
    """Whether a legal hold forbids what is asked: nobody can agree while it stands."""
    return approval.kind == ApprovalKind.ERASE_CASE and bool(opened.case.hold_reason)


def is_due(opened: OpenedCase) -> bool:
    """Whether the case was kept long enough."""
    due = opened.case.retention_due_on
    return opened.case.state != CaseState.OPEN and due is not None and due <= timezone.localdate()


def held_by(opened: OpenedCase) -> str:
    """Name of the lawyer who stated the hold."""
    if opened.case.held_by_id is None:
        return ""
    return User.objects.filter(pk=opened.case.held_by_id).values_list("display_name", flat=True).first() or ""


def is_lawyer_of(opened: OpenedCase, user: User) -> bool:
    """Whether she is on the case as its lawyer; app.hold_set asks the same."""
    hers = Assignment.objects.filter(case=opened.case, user=user, state=AssignmentState.LIVE, role=CaseRole.LAWYER)
    return hers.exists()


def may_erase_request(request: HelpRequest) -> bool:
    """Whether this request can be named for erasure at all."""
    return request.ended_at is not None and request.state != RequestState.ACCEPTED


def is_request_due(request: HelpRequest) -> bool:
    """Whether an ended request was kept long enough."""
    over = months_before(timezone.localdate(), settings.KEEP_REQUEST_MONTHS)
    return request.ended_at is not None and timezone.localdate(request.ended_at) < over
