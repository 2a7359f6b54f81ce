"""Protected cases: journalists, colleagues, well-known survivors. Marked by one act of lead or backup, unmarked by two."""

from uuid import UUID

from accounts import audit, database
from accounts.choices import Action
from accounts.exceptions import refusal
from accounts.models import User
from cases import permissions
from cases.codes import ApprovalKind
from cases.compartments import SEALED_FACTS
from cases.models import Approval, Case, HelpRequest
from cases.services import sealed_facts
from cases.services.approvals import ask_approval
from cases.services.sealed import rotation
from cases.services.sealed_facts import is_protected


def protect_case(*, case: Case, by: User) -> None:
    """Mark a case: named holders only. A second click changes nothing. Raises NotAllowed, StepUpNeeded."""
    permissions.require_action(by, "protect_case", case)
    if is_protected(case):
        return
    try:
        with audit.unit() as entries:
            sealed_facts.file(case=case, values={name: getattr(case, name) for name in SEALED_FACTS}, by=by)
            if database.value("case_protect", case.pk):
                entries.record(Action.CASE_PROTECTED, case.pk)
                rotation.renew_after_an_end(case=case, by=by)  # grants of one approval have ended
    except database.Refused as refused:
        raise refusal(refused.reason, {}) from None


def ask_to_unprotect(*, case: Case, text: str, by: User) -> Approval:
    """Ask a second person to take the protection off. Raises NotAllowed, WrongState."""
    permissions.require_action(by, "protect_case", case)
    return ask_approval(case=case, kind=ApprovalKind.UNPROTECT, reason=text, by=by)


def after_delay(rule: str, record_id: UUID, by: User) -> None:
    """What two would have done by agreeing, one has done after a delay: her facts stand in the columns again."""
    if rule == ApprovalKind.UNPROTECT:
        sealed_facts.open_again(case=Approval.objects.select_related("case").get(pk=record_id).case, by=by)


def protect_request(*, request: HelpRequest, by: User) -> None:
    """Mark a request: the case it becomes is protected. It is not taken back here: on the case two do that."""
    with audit.unit() as entries:
        if HelpRequest.objects.filter(pk=request.pk, protected=False).update(protected=True):
            entries.record(Action.REQUEST_PROTECTED, request.pk)
