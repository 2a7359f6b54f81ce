"""Bringing people onto a case: offered by a holder, sealed to them, accepted by them; ended at once."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.database import insert_once
from accounts.exceptions import WrongState, refusal
from accounts.models import User
from cases import permissions
from cases.access import vouched_ids
from cases.access.people import is_advice_only
from cases.choices import HOLDERS, ROLE_KEYS, AssignmentState, CaseRole, CaseState, EndReason
from cases.models import Assignment, Case
from cases.services import moves, slips
from cases.services.sealed import rotation
from cases.services.sealed.keys import offer_keys
from cases.services.sealed_facts import is_protected
from cases.services.slips import Slip

A_MOMENT = timedelta(minutes=1)

REASONS: dict[str, Callable[[], str]] = {
    "keys_missing": lambda: _("The keys have not been sealed yet. Somebody on the case has to confirm it first."),
    "role_does_not_fit": lambda: _("Her account does not allow this role."),
    "lead_is_there": lambda: _("Somebody leads this case already."),
    "last_holder": lambda: _("Nobody else on this case holds all its keys. Ask a backup first, then end this role."),
    "slip_missing": lambda: _("Read the conflict slip first and say that there is no conflict."),
    "offer_over": lambda: _("The offer was withdrawn. Nothing is asked of you any more."),
    "offer_declined": lambda: _("You have declined this case. Nothing is asked of you any more."),
    "offer_accepted": lambda: _(
        "You have accepted this case meanwhile: it is among yours. To leave it, end your role."
    ),
    "role_over": lambda: _("Your role on this case has ended. Nothing is asked of you any more."),
    "not_backup": lambda: _("Only a backup can be handed the lead. Ask her as backup first."),
    "lead_must_hand_over": lambda: _("The lead cannot leave a case that nobody leads. Hand it over first."),
}


def offer_assignment(
    *,
    case: Case,
    person: User,
    role: CaseRole,
    reason: str = "",
    until_on: date | None = None,
    slip: Slip | None = None,
    by: User,
) -> Assignment:
    """Ask somebody onto a case. Whoever has a vouched key gets the keys sealed at once; the others wait as an errand.

    A lawyer whose keys are sealed gets a conflict slip with them. Raises NotAllowed, WrongState (on the case already,
    role does not fit, no slip).
    """
    permissions.require_action(by, "offer_assignment", case)
    if not may_offer(case=case, role=role, by=by):
        raise WrongState(_("A protected case: only its lead asks somebody onto it."))
    if until_on and role in HOLDERS:
        raise WrongState(_("Lead and backup have no last day: somebody must always hold all keys."))
    assignment = Assignment(
        pk=uuid4(),
        case=case,
        user=person,
        role=role,
        state=AssignmentState.OFFERED,
        offered_at=timezone.now(),
        offered_by=by,
        ask_reason=reason,
        until_on=until_on,
        advice_only=role == CaseRole.LAWYER and is_advice_only(case, person),
    )
    with audit.unit() as entries:
        if not insert_once(assignment):
            raise WrongState(_("She is on this case already, or has been asked."))
        entries.record(Action.ASSIGNMENT_OFFERED, assignment.pk, detail=str(role))
        if role == CaseRole.DEPUTY or vouched_ids([person.pk]):
            _seal(assignment, slip, entries, by)
        moves.settle(case=case, person=person, role=role, entries=entries, by=by)
    return assignment


def may_offer(*, case: Case, role: str, by: User) -> bool:
    """Onto a protected case only its lead asks somebody, and only there is a deputy asked. PostgreSQL asks the same."""
    if not is_protected(case):
        return role != CaseRole.DEPUTY
    live = Assignment.objects.filter(case=case, user=by, state=AssignmentState.LIVE, role=CaseRole.LEAD)
    return live.exists()


def just_asked(*, case: Case, person: str, role: CaseRole, reason: str, by: User) -> bool:
    """Whether she has asked that person this very thing a moment ago: the same button clicked twice."""
    since = timezone.now() - A_MOMENT
    same = Assignment.objects.filter(
        case=case, role=role, state=AssignmentState.OFFERED, offered_by=by, ask_reason=reason, offered_at__gte=since
    )
    return person in {str(pk) for pk in same.values_list("user_id", flat=True)}


def seal_keys(*, assignment: Assignment, slip: Slip | None = None, by: User) -> None:
    """Do a key errand: she has a key now and was vouched for. Raises WrongState until then, and without a lawyer's slip."""
    permissions.require_action(by, "offer_assignment", assignment.case)
    if not vouched_ids([assignment.user_id]):
        raise WrongState(_("Nobody has vouched for her key yet. Read the words with her first, under “Vouch”."))
    with audit.unit() as entries:
        _seal(assignment, slip, entries, by)


def _seal(assignment: Assignment, slip: Slip | None, entries: audit.Entries, by: User) -> None:
    try:
        offer_keys(case=assignment.case, recipient=assignment.user, purposes=ROLE_KEYS[assignment.role], by=by)
        if slip is not None and slips.needs_slip(assignment):
            slips.put(assignment, slip, entries, by)
        elif slips.needs_slip(assignment) and not hasattr(assignment, "conflict_slip"):
            raise WrongState(_("A lawyer needs a conflict slip: the names, or that they are not known."))
        database.value("assignment_keys_sealed", assignment.pk)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    entries.record(Action.ASSIGNMENT_KEYS_SEALED, assignment.pk)


def answer_offer(*, assignment_id: UUID, accepts: bool, by: User) -> None:
    """Accept or decline an own offer. Permission rows and wraps become live together. Raises NotAllowed, WrongState."""
    try:
        with audit.unit() as entries:
            database.value("assignment_answer", assignment_id, accepts)
            entries.record(Action.ASSIGNMENT_ACCEPTED if accepts else Action.ASSIGNMENT_DECLINED, assignment_id)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None


def end_assignment(*, assignment: Assignment, reason: EndReason, by: User) -> None:
    """End a role on a case: permission rows and wraps go in the same transaction, so open pages of hers show nothing.

    What is written from now on is sealed under new keys: made here where `by` holds them, else with the next text.
    """
    is_open = assignment.case.state == CaseState.OPEN
    try:
        with audit.unit() as entries:
            database.value("assignment_end", assignment.pk, str(reason))
            entries.record(Action.ASSIGNMENT_ENDED, assignment.pk, detail=str(reason))
            if is_open:
                rotation.renew_due_keys(case_id=assignment.case_id, by=by)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None


def set_until(*, assignment: Assignment, until_on: date | None, by: User) -> None:
    """Change how long somebody's access lasts; None is without an end. Raises NotAllowed for lead and backup."""
    permissions.require_action(by, "offer_assignment", assignment.case)
    try:
        with audit.unit() as entries:
            database.value("assignment_until", assignment.pk, until_on)
            entries.record(Action.ASSIGNMENT_UNTIL_SET, assignment.pk)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None


def hand_over_lead(*, assignment: Assignment, by: User) -> None:
    """Hand the lead to a live backup in one step: the two change roles. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "offer_assignment", assignment.case)
    try:
        with audit.unit() as entries:
            database.value("lead_hand_over", assignment.pk)
            entries.record(Action.LEAD_HANDED_OVER, assignment.case_id)
            moves.settle(case=assignment.case, person=assignment.user, role=CaseRole.LEAD, entries=entries, by=by)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None


def take_lead(*, case: Case, by: User) -> None:
    """A backup becomes the lead of a case whose lead has gone. Raises NotAllowed, WrongState."""
    try:
        with audit.unit() as entries:
            database.value("lead_take", case.pk)
            entries.record(Action.LEAD_TAKEN, case.pk)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
