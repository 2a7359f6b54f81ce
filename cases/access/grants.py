"""To whom an identity is open besides lead and backup: asked, active, ended; and who may ask and answer."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from accounts.paging import PAGE_SIZE
from cases.access import OpenedCase
from cases.access.absence import away_today
from cases.choices import HOLDERS, AssignmentState, CaseRole, Compartment
from cases.codes import ConsentHow, ConsentPurpose, ConsentState
from cases.compartments import GrantKind, GrantState
from cases.models import Assignment, Case, Consent, IdentityGrant
from cases.policies import consent_covers, consent_state

ASKERS = (CaseRole.LAWYER, CaseRole.CASEWORKER, CaseRole.SUPERVISOR)  # as in app.may_be_granted
CURRENT = (GrantState.ASKED, GrantState.ACTIVE)
CONFIRM_SOON = timedelta(days=14)  # as in app.desk_hints and app.grants_fire


def list_current(opened: OpenedCase) -> list[IdentityGrant]:
    """What is asked for or open on this case, for everybody on it."""
    return list(_with_people(opened).filter(state__in=CURRENT).order_by("asked_at", "pk"))


def list_past(opened: OpenedCase) -> list[IdentityGrant]:
    """What was declined or has ended, the latest first."""
    return list(_with_people(opened).exclude(state__in=CURRENT).order_by("-ended_at", "pk")[:PAGE_SIZE])


def _with_people(opened: OpenedCase) -> QuerySet[IdentityGrant]:
    people = ("person", "approved_by", "second_by", "ended_by", "consent__noted_by")
    return IdentityGrant.objects.filter(case=opened.case).select_related(*people)


def get_grant(opened: OpenedCase, grant_id: UUID) -> IdentityGrant:
    """A grant of this case. Raises Http404."""
    found = (
        _with_people(opened)
        .select_related("case", "person", "consent__noted_by", "consent__restores__noted_by")
        .filter(pk=grant_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def kinds_to_ask(user: User, opened: OpenedCase) -> list[GrantKind]:
    """What she may ask for; nothing where she holds the key, has asked already, or the case is not open."""
    if "ask_grant" not in opened.actions:
        return []
    hers = Assignment.objects.filter(case=opened.case, user=user, state=AssignmentState.LIVE, role__in=ASKERS).first()
    if hers is None or IdentityGrant.objects.filter(case=opened.case, person=user, state__in=CURRENT).exists():
        return []
    represents = hers.role == CaseRole.LAWYER and not hers.advice_only
    return [GrantKind.GRANT, GrantKind.REPRESENTATION] if represents else [GrantKind.GRANT]


def may_answer(user: User, opened: OpenedCase, grant: IdentityGrant) -> bool:
    """Whether the page offers her the answers; the database asks again, and for her key."""
    hers = Assignment.objects.filter(case=opened.case, user=user, state=AssignmentState.LIVE, role__in=HOLDERS)
    return "answer_grant" in opened.actions and user.pk not in {grant.asked_by_id, grant.person_id} and hers.exists()


def agreed_last(user: User, grant: IdentityGrant) -> bool:
    """Of a protected case: whether the next step is another holder's, because this one was hers (app.grant_confirm).

    A grant of hours that is active has no next step.
    """
    if grant.state == GrantState.ACTIVE and grant.kind != GrantKind.REPRESENTATION:
        return False
    last = grant.approved_by_id if grant.state == GrantState.ASKED else grant.second_by_id
    return needs_two(grant.case) and grant.state in CURRENT and last == user.pk


def another_agreed(user: User, grant: IdentityGrant, consents: list[Consent]) -> bool:
    """Of a protected case: another holder has agreed, and that still stands, with these consents (app.grant_approve)."""
    if not needs_two(grant.case) or grant.state != GrantState.ASKED or grant.approved_by_id in {None, user.pk}:
        return False
    hers = Assignment.objects.filter(case=grant.case_id, user=grant.approved_by_id, state=AssignmentState.LIVE)
    return grant.consent_id in {row.pk for row in consents} and hers.filter(role__in=HOLDERS).exists()


def may_end(user: User, opened: OpenedCase, grant: IdentityGrant) -> bool:
    """End what is open, or take back what she asked for herself; whoever may answer a question refuses it."""
    if grant.state == GrantState.ASKED and may_answer(user, opened, grant) and not agreed_last(user, grant):
        return False
    return grant.state in CURRENT and ("end_grant" in opened.actions or grant.person_id == user.pk)


def needs_two(case: Case) -> bool:
    """A protected case: two holders agree."""
    return case.compartment != Compartment.STANDARD


def covering(grant: IdentityGrant) -> list[Consent]:
    """Consents of the case that cover it now, the latest first."""
    now = timezone.now()
    found = Consent.objects.filter(case=grant.case_id, given=True).order_by("-noted_at")
    found = found.select_related("noted_by", "restores__noted_by")
    return [row for row in found if consent_covers(row, kind=grant.kind, reason=grant.reason, now=now)]


def is_only_spoken(grant: IdentityGrant) -> bool:
    """She has said yes to being represented, but only by voice: that covers it once it is in writing."""
    said = Consent.objects.filter(case=grant.case_id, given=True, purpose=ConsentPurpose.REPRESENTATION)
    spoken = [
        row for row in said.exclude(how=ConsentHow.WRITTEN) if consent_state(row, timezone.now()) == ConsentState.GIVEN
    ]
    return grant.kind == GrantKind.REPRESENTATION and bool(spoken) and not covering(grant)


def list_waiting(user: User) -> list[IdentityGrant]:
    """For her desk as a holder: what she can answer, and representations that want confirming soon.

    Of a protected case she does not confirm twice in a row; she still reads it where nobody else is here who could, to ask somebody.
    """
    hers = Assignment.objects.filter(case=OuterRef("case_id"), user=user, state=AssignmentState.LIVE, role__in=HOLDERS)
    asked = Q(state=GrantState.ASKED) & (Q(approved_by__isnull=True) | ~Q(approved_by=user))
    soon = timezone.now() + CONFIRM_SOON
    ends = Q(state=GrantState.ACTIVE, kind=GrantKind.REPRESENTATION, until__lt=soon, until__gt=timezone.now())
    waiting = IdentityGrant.objects.filter(Exists(hers), asked | ends, case__in=Case.objects.visible_to(user))
    holders = Assignment.objects.filter(case=OuterRef("case_id"), state=AssignmentState.LIVE, role__in=HOLDERS)
    here = holders.exclude(user=user).exclude(Exists(away_today(OuterRef("user_id"))))
    waiting = waiting.exclude(ends & ~Q(case__compartment=Compartment.STANDARD) & Q(second_by=user) & Exists(here))
    waiting = waiting.exclude(person=user).select_related("case", "person", "consent")
    return list(waiting.order_by("asked_at", "pk")[:PAGE_SIZE])
