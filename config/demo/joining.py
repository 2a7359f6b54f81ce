"""People come onto a case: asked by the lead, a lawyer with a conflict slip first."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from cases.choices import CaseRole
from cases.codes import AskReason
from cases.services.assignment import answer_offer, offer_assignment
from cases.services.slips import Slip, answer_slip
from config.demo.scene import Turn

REASONS = {
    CaseRole.BACKUP: AskReason.SECOND_HOLDER,
    CaseRole.LAWYER: AskReason.LEGAL_ADVICE,
    CaseRole.SUPERVISOR: AskReason.SUPERVISION,
    CaseRole.CASEWORKER: AskReason.WORKLOAD,
}
NOT_KNOWN = Slip(not_known=True)  # no name stands anywhere in the demo


def ask(turn: Turn, name: str, role: str) -> None:
    """Ask her; she accepts a few minutes later, unless the story says that she has not answered (`?`)."""
    person, wanted = turn.person(name.rstrip("?")), CaseRole(role)
    lawyer = wanted == CaseRole.LAWYER
    offered = offer_assignment(
        case=turn.case,
        person=person,
        role=wanted,
        reason=REASONS[wanted],
        slip=NOT_KNOWN if lawyer and person.login_name in turn.scene.vouched else None,
        by=turn.by,
    )
    if not name.endswith("?"):
        turn.play.at(turn.moment + timedelta(minutes=8), name, partial(_accept, assignment=offered.pk, lawyer=lawyer))


def _accept(turn: Turn, assignment: UUID, lawyer: bool) -> None:
    if lawyer:
        answer_slip(assignment_id=assignment, clear=True, by=turn.by)
    answer_offer(assignment_id=assignment, accepts=True, by=turn.by)
