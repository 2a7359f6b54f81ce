"""The weekly list: what lies open on her cases and requests, oldest first, read in one query.

Each line names its rule, the day since when (or by when), the code and the page that solves it.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import reduce

from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from cases.access import require_role
from cases.choices import AssignmentState, CaseRole, CaseState, DeadlineState, RequestState, Risk, Severity
from cases.codes import TaskState
from cases.models import (
    Assignment,
    Case,
    CaseCheck,
    ContactAttempt,
    Deadline,
    HelpRequest,
    Task,
    TimelineEntry,
)

MOST = 10
COLUMNS = ("rule", "since", "at_code")
WORKED = ("case_note", "legal_note", "review_note", "call")  # kinds of the timeline that say that somebody was there


def list_housekeeping(user: User) -> list[tuple]:
    """At most eleven lines (rule, since, code), oldest first: the eleventh says that there are more."""
    require_role(user, Role.CASEWORKER, Role.LAWYER)
    return list(reduce(_and, _rules(user)).order_by("since")[: MOST + 1])


def _and(found: QuerySet, more: QuerySet) -> QuerySet:
    return found.union(more, all=True)


def _rules(user: User) -> Iterator[QuerySet]:
    now, today = timezone.now(), timezone.localdate()
    cases = Case.objects.visible_to(user).filter(state=CaseState.OPEN)
    mine = cases.filter(Exists(_live(user, CaseRole.LEAD, CaseRole.BACKUP)))
    week_ago, month_ago = now - timedelta(days=7), now - timedelta(days=30)
    backup = Assignment.objects.filter(case=OuterRef("pk"), state=AssignmentState.LIVE, role=CaseRole.BACKUP)
    worked = TimelineEntry.objects.filter(case=OuterRef("pk"), kind__in=WORKED, at__gt=month_ago)
    yield _lines(mine.filter(~Exists(backup), opened_at__lt=week_ago), "no_backup", F("opened_at"), "code")
    yield _lines(mine.filter(~Exists(worked), opened_at__lt=month_ago), "quiet", F("opened_at"), "code")
    unrated = mine.filter(risk=Risk.UNKNOWN, opened_at__lt=now - timedelta(days=3))
    yield _lines(unrated, "risk_never", F("opened_at"), "code")
    yield _lines(mine.filter(reassess_at__lt=now), "risk_again", F("reassess_at"), "code")
    yield _lines(mine.filter(next_review_on__isnull=True), "no_review", F("opened_at"), "code")
    dates = Deadline.objects.filter(case__in=cases, state=DeadlineState.RUNNING, assignee__isnull=True)
    critical = dates.filter(severity=Severity.CRITICAL, due_on__lte=today + timedelta(days=14))
    yield _lines(critical, "date_nobody", _moment("due_on"), "case__code")
    tasks = Task.objects.filter(case__in=cases, state=TaskState.OPEN, due_at__lt=week_ago)
    tasks = tasks.filter(Q(assignee=user) | Q(assignee__isnull=True, case__in=mine))
    yield _lines(tasks, "task_late", F("due_at"), "case__code")
    checks = CaseCheck.objects.filter(case__in=mine, outcome="", due_on__lt=today)
    yield _lines(checks, "check_late", _moment("due_on"), "case__code")
    calls = ContactAttempt.objects.filter(begun_by=user, ended_at__isnull=True, begun_at__lt=now - timedelta(hours=2))
    yield _lines(calls.filter(case__in=cases), "call_open", F("begun_at"), "case__code")
    requests = HelpRequest.objects.visible_to(user)
    yield _lines(calls.filter(request__in=requests), "call_of_request", F("begun_at"), "request__code")
    ending = Assignment.objects.filter(
        case__in=mine, state=AssignmentState.LIVE, until_on__range=(today, today + timedelta(days=7))
    )
    yield _lines(ending, "access_ends", _moment("until_on"), "case__code")
    waiting = requests.filter(state__in=[RequestState.WAITING, RequestState.AWAITING_PERSON], waiting_until__lt=now)
    yield _lines(waiting, "promise_passed", F("waiting_until"), "code")


def _live(user: User, *roles: CaseRole) -> QuerySet[Assignment]:
    return Assignment.objects.filter(case=OuterRef("pk"), user=user, state=AssignmentState.LIVE, role__in=roles)


def _moment(field: str) -> Cast:
    return Cast(field, DateTimeField())


def _lines(rows: QuerySet, rule: str, since: F | Cast, code: str) -> QuerySet:
    named = rows.order_by().annotate(
        rule=Value(rule, CharField()), since=Cast(since, DateTimeField()), at_code=Cast(code, CharField())
    )
    return named.values_list(*COLUMNS, named=True)
