"""The queue of new requests: filters, order, and who may be given one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts import database
from accounts.choices import Role
from accounts.models import User
from accounts.paging import PAGE_SIZE, Page, cut
from cases.access import OPEN_REQUESTS, require_role
from cases.access.absence import away_today
from cases.choices import ContactLanguage, MinorFlag, RequestState, Risk
from cases.models import Case as CaseRecord
from cases.models import Consent, ContactAttempt, ContactLog, HelpRequest

# Columns that a row of the queue shows, and what its properties ask for.
SHOWN = (
    *("code", "state", "channel", "language", "received_at", "respond_by", "acknowledged_at", "ended_at"),
    *("in_danger_now", "thinks_of_ending_life", "risk", "minor", "restricted", "protected"),
    *("offence_learned_on", "suspect_learned_on", "waiting_until", "promised_for", "assignee__display_name"),
)
DUE_SOON = timedelta(days=1)  # on a desk
URGENT = Q(in_danger_now=True) | Q(thinks_of_ending_life=True) | Q(risk=Risk.IMMEDIATE)


@dataclass(frozen=True)
class Wanted:
    """What the queue is asked for; anything unknown filters nothing."""

    state: str = ""
    language: str = ""
    whose: str = ""  # mine, nobody, or the id of a person
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
        if self.person:
            found &= Q(assignee=self.person)
        return found & Q(assignee__isnull=True) if self.whose == "nobody" else found

    @property
    def person(self) -> UUID | None:
        try:
            return UUID(self.whose)
        except ValueError:
            return None


def list_requests(user: User, *, wanted: Wanted, page: int) -> Page:
    """The queue of her teams: urgent first, those without an answer above all, then whoever is near the end of three months, then risk and clock."""
    require_role(user, Role.CASEWORKER)
    requests = HelpRequest.objects.visible_to(user).filter(wanted.filters).select_related("assignee").only(*SHOWN)
    if wanted.whose == "mine":
        requests = requests.filter(assignee=user)
    return cut(requests.order_by(_rank(), "respond_by", "received_at", "pk"), page)


def _rank() -> Case:
    """0 urgent without an answer, 1 urgent, 2 at most fourteen days left of the three months, 3 high risk, 4 the rest."""
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
        When(URGENT, state=RequestState.NEW, then=Value(0)),
        When(URGENT, then=Value(1)),
        When(near, then=Value(2)),
        When(risk=Risk.HIGH, then=Value(3)),
        default=Value(4),
    )


def list_chosen(user: User, codes: Iterable[str]) -> list[HelpRequest]:
    """Those of these requests that she may see, in the order of the queue; at most a page of them."""
    require_role(user, Role.CASEWORKER)
    found = HelpRequest.objects.visible_to(user).filter(code__in=list(codes)[:50]).select_related("team", "assignee")
    return list(found.order_by("respond_by", "pk"))


def _promised(until: datetime) -> Q:
    return Q(state__in=OPEN_REQUESTS, promised_for__lte=until)


def due_of_absent(until: datetime) -> Q:
    """What is urgent or due by then of whoever is away today: her team looks after it meanwhile."""
    urgent = Q(URGENT, state=RequestState.ACKNOWLEDGED)
    again = Q(state__in=[RequestState.AWAITING_PERSON, RequestState.WAITING], waiting_until__lte=until)
    return Q(urgent | _promised(until) | again, Exists(away_today(OuterRef("assignee_id"))))


def for_desk(user: User, *, until: datetime) -> tuple[int, list[HelpRequest]]:
    """How many nobody has answered yet, and those of hers that wait.

    Hers: urgent, with a promise that comes until then or has passed, or waiting for her answer; one that was opened
    again is new, and its promise stands. Of whoever of the team is away also what is urgent or due by then: a promise
    to her is everybody's meanwhile. An urgent one without an answer is on the card of whoever is on call (access/duty.py).
    """
    seen = HelpRequest.objects.visible_to(user)
    waiting = Q(state=RequestState.AWAITING_PERSON) | Q(state=RequestState.WAITING, waiting_until__lte=until)
    urgent = Q(URGENT, state__in=[RequestState.NEW, RequestState.ACKNOWLEDGED])
    again = Q(state=RequestState.NEW, promised_for__isnull=False)
    own = (waiting | _promised(until) | urgent | again) & Q(assignee=user)
    hers = seen.filter(own | due_of_absent(until)).select_related("assignee")
    mine = hers.order_by(F("urgent_since").asc(nulls_last=True), F("waiting_until").asc(nulls_last=True), "pk")
    return seen.filter(state=RequestState.NEW).count(), list(mine[:PAGE_SIZE])


def find_person(person: UUID | None) -> User | None:
    """Whose requests the queue was asked for."""
    return User.objects.filter(pk=person).first() if person else None


def count_open_of(user: User, person: User) -> int:
    """How many open requests that she may open are somebody's; none for whoever opens no requests."""
    if not user.has(Role.CASEWORKER):
        return 0
    return HelpRequest.objects.visible_to(user).filter(assignee=person, state__in=OPEN_REQUESTS).count()


def list_referrals(user: User) -> list[HelpRequest]:
    """Those she has sent on whose answer is overdue; also of colleagues who do not work here any more."""
    late = HelpRequest.objects.visible_to(user).filter(
        state=RequestState.REFERRED_OUT, referral_answer="", refer_by__lt=timezone.localdate()
    )
    hers = late.filter(Q(ended_by=user) | Q(ended_by__is_active=False))
    return list(hers.order_by("refer_by", "pk")[:PAGE_SIZE])


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
