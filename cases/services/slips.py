"""Conflict slips: names go to a lawyer in a letter, she answers, the letter is gone."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases import permissions
from cases.access import vouched_ids
from cases.choices import AssignmentState, CaseRole, EndReason
from cases.models import Assignment
from cases.services.sealed import looking, to_person


@dataclass(frozen=True)
class Slip:
    """What a lawyer must know to say whether she knows the other side. `not_known`: nobody could say a name."""

    names: str = ""
    town: str = ""
    lawyer: str = ""
    not_known: bool = False


def send_slip(*, assignment: Assignment, slip: Slip, by: User) -> None:
    """Send a slip to a lawyer who is asked onto the case or is on it; an older one is replaced.

    Raises NotAllowed, WrongState until her key is vouched for, KeySwapped.
    """
    permissions.require_action(by, "offer_assignment", assignment.case)
    with audit.unit() as entries:
        put(assignment, slip, entries, by)


def put(assignment: Assignment, slip: Slip, entries: audit.Entries, by: User) -> None:
    """The same inside a unit of work whose right was asked. Raises NamesHer: the survivor is not the other side."""
    if not vouched_ids([assignment.user_id]):
        raise WrongState(_("Nobody has vouched for her key yet. Read the words with her first, under “Vouch”."))
    if not (slip.names.strip() or slip.not_known):
        raise WrongState(_("Write the names, or say that they are not known."))
    text = looking.Text(assignment.case_id, assignment.pk, to_person.SLIP, asdict(slip))
    looking.before_sending(text=text, by=by)
    try:
        to_person.send_slip(assignment_id=assignment.pk, recipient=assignment.user, value=asdict(slip))
    except database.Refused:
        raise NotAllowed from None
    entries.record(Action.SLIP_SENT, assignment.pk)


def read_slip(*, assignment: Assignment, by: User) -> Slip | None:
    """Open her own slip; each opening is logged. None once it is answered."""
    found = to_person.read(record_id=assignment.pk, field=to_person.SLIP, by=by)
    if found is None:
        return None
    with audit.unit() as entries:
        entries.record(Action.SLIP_OPENED, assignment.pk)
    return Slip(**found)


def answer_slip(*, assignment_id: UUID, clear: bool, by: User) -> None:
    """No conflict, or a conflict: then the offer is declined, or her role ends. The letter goes with the answer.

    Raises NotAllowed, WrongState when it was answered otherwise or the offer is over.
    """
    try:
        with audit.unit() as entries:
            database.value("slip_answer", assignment_id, clear)
            entries.record(Action.SLIP_ANSWERED, assignment_id, detail="clear" if clear else "conflict")
    except database.Refused as refused:
        if refused.reason == "slip_answered":
            raise WrongState(_("This slip has been answered already.")) from None
        row = Assignment.objects.filter(pk=assignment_id, user=by).first()
        if refused.reason == "offer_over" and row:
            raise WrongState(what_happened(row)) from None
        raise NotAllowed from None


def what_happened(assignment: Assignment) -> str:
    """Why nothing is asked of her any more; empty while she is asked or on the case, and after a conflict she named."""
    if assignment.state == AssignmentState.DECLINED and assignment.end_reason != EndReason.CONFLICT:
        return _("You have declined this case. Nothing is asked of you any more, and the names are destroyed.")
    if assignment.state != AssignmentState.ENDED or assignment.end_reason == EndReason.CONFLICT:
        return ""
    if assignment.live_at:
        return _("Your role on this case has ended. Nothing is asked of you any more, and the names are destroyed.")
    return _("The offer was withdrawn. Nothing is asked of you any more, and the names are destroyed.")


def needs_slip(assignment: Assignment) -> bool:
    """Whether keys can only be given to her with a slip."""
    return assignment.role == CaseRole.LAWYER and assignment.state == AssignmentState.OFFERED
