"""The queue of new requests: filters, order, and who may be given one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts import database
from accounts.choices import Role
from accounts.models import User
from accounts.paging import PAGE_SIZE, Page, cut
from cases.access import OPEN_REQUESTS, require_role
from cases.choices import ContactLanguage, MinorFlag, RequestState, Risk
from cases.models import Case as CaseRecord
from cases.models import Consent, ContactAttempt, ContactLog, HelpRequest

URGENT = Q(in_danger_now=True) | Q(thinks_of_ending_life=True) | Q(risk=Risk.IMMEDIATE)


@dataclass(frozen=True)
class Wanted:
    """What the queue is asked for; anything unknown filters nothing."""

    state: str = ""
    language: str = ""
    whose: str = ""  # mine, nobody
    restricted: bool = False
    minor: bool = False

    @property
    def filters(self) -> Q:
        found = Q(state=self.state) if self.state in RequestState.values else Q(state__in=OPEN_REQUESTS)
        if self.language in ContactLanguage.values:
            found &= Q(language=self.language)
        if self.restricted:
            found &= Q(restricted=True)
        if self.minor:
            found &= Q(minor__in=[MinorFlag.NOW, MinorFlag.MATERIAL])
        return found & Q(assignee__isnull=True) if self.whose == "nobody" else found


def list_requests(user: User, *, wanted: Wanted, page: int) -> Page:
    """The queue of her teams: urgent first, then whoever is near the end of three months, then risk and clock."""
    require_role(user, Role.CASEWORKER)
    requests = HelpRequest.objects.visible_to(user).filter(wanted.filters).select_related("assignee")
    if wanted.whose == "mine":
        requests = requests.filter(assignee=user)
    return cut(requests.order_by(_rank(), "respond_by", "received_at", "pk"), page)


def _rank() -> Case:
    """0 urgent, 1 at most fourteen days left of the three months, 2 high risk, 3 everything else."""
    today = Value(timezone.localdate(), output_field=DateField())
    left = Func(
        Greatest("offence_learned_on", "suspect_learned_on"),
        today,
        template="(%(expressions)s)",
        arg_joiner=" + interval '3 months')::date - (",
        output_field=IntegerField(),
    )
    near = Func(left, template="((%(expressions)s) BETWEEN 0 AND 14)", output_field=BooleanField())
    return Case(
        When(URGENT, then=Value(0)),
        When(near, then=Value(1)),
        When(risk=Risk.HIGH, then=Value(2)),
        default=Value(3),
    )


def list_chosen(user: User, codes: Iterable[str]) -> list[HelpRequest]:
    """Those of these requests that she may see, in the order of the queue; at most a page of them."""
    require_role(user, Role.CASEWORKER)
    found = HelpRequest.objects.visible_to(user).filter(code__in=list(codes)[:50]).select_related("team", "assignee")
    return list(found.order_by("respond_by", "pk"))


def for_desk(user: User, *, until: datetime) -> tuple[int, list[HelpRequest]]:
    """How many nobody has answered yet, and those of hers that wait: one query for both.

    Hers: with a promise that comes until then or has passed, or waiting for her answer.
    """
    new = Q(state=RequestState.NEW)
    waiting = Q(state=RequestState.AWAITING_PERSON) | Q(state=RequestState.WAITING, waiting_until__lte=until)
    found = HelpRequest.objects.visible_to(user).filter(new | (waiting & Q(assignee=user)))
    found = found.annotate(unanswered=Window(Count("pk", filter=new)))
    rows: list[Any] = list(found.order_by(F("waiting_until").asc(nulls_last=True), "pk")[:PAGE_SIZE])
    return (rows[0].unanswered if rows else 0), [row for row in rows if row.state != RequestState.NEW]


def people_for_requests(requests: Iterable[HelpRequest]) -> set[UUID]:
    """Ids of colleagues who may be given all of these requests."""
    return {row.request_people for row in database.rows("request_people", [request.pk for request in requests])}


def colleagues_for(requests: Iterable[HelpRequest]) -> QuerySet[User]:
    """The same people, by name."""
    return User.objects.filter(pk__in=people_for_requests(requests)).order_by("display_name")


def list_consents(request: HelpRequest) -> QuerySet[Consent]:
    return Consent.objects.filter(request=request).select_related("noted_by").order_by("noted_at", "pk")


def list_attempts(request: HelpRequest) -> list[ContactAttempt]:
    """The last attempts to reach her, the newest first."""
    attempts = ContactAttempt.objects.filter(request=request).select_related("begun_by")
    return list(attempts.order_by("-begun_at", "pk")[:20])


def list_contact_log(user: User) -> list[ContactLog]:
    """What she has counted today, newest first; also what was taken back."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return list(ContactLog.objects.filter(logged_by=user, logged_at__gte=today).order_by("-logged_at", "pk")[:200])


def original_of(request: HelpRequest, user: User) -> tuple[str, str]:
    """Codes of the request that this one repeats and of the case it became, each only where she may open it."""
    if request.duplicate_of_id is None:
        return "", ""
    requests = HelpRequest.objects.visible_to(user).filter(pk=request.duplicate_of_id)
    cases = CaseRecord.objects.visible_to(user).filter(request=request.duplicate_of_id)
    codes = [found.values_list("code", flat=True).first() or "" for found in (requests, cases)]
    return codes[0], codes[1]


def find_other(user: User, code: str) -> tuple[HelpRequest | None, CaseRecord | None]:
    """The request or the case of this code, as far as she can open it."""
    other = HelpRequest.objects.visible_to(user).filter(code=code).first()
    return other, None if other else CaseRecord.objects.visible_to(user).filter(code=code).first()
