"""The checklist that may follow after a request was accepted. A line without a row is made when it is settled."""

from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases import completeness, permissions
from cases.codes import CheckItem, CheckOutcome
from cases.models import Case, CaseCheck


def settle_check(*, case: Case, item: CheckItem, outcome: CheckOutcome, by: User) -> None:
    """Settle a line: done, or not needed here. A second click changes nothing.

    Raises WrongState for a line that settles by itself.
    """
    permissions.require_action(by, "change_facts", case)
    if item in completeness.DERIVED:
        raise WrongState(_("This line settles by itself, as soon as it is so on the case."))
    with audit.unit() as entries:
        settled: dict[str, Any] = {"outcome": outcome, "settled_at": timezone.now(), "settled_by": by}
        due_on = completeness.check_due(item, timezone.localdate(case.opened_at))
        row = CaseCheck(pk=uuid4(), case=case, item=item, due_on=due_on, **settled)
        if insert_once(row) or CaseCheck.objects.filter(case=case, item=item, outcome="").update(**settled):
            entries.record(Action.CHECK_SETTLED, case.pk, detail=f"{item}:{outcome}")


def reopen_check(*, case: Case, item: CheckItem, by: User) -> None:
    """Undo: the line is open again."""
    permissions.require_action(by, "change_facts", case)
    with audit.unit() as entries:
        rows = CaseCheck.objects.filter(case=case, item=item).exclude(outcome="")
        if rows.update(outcome="", settled_at=None, settled_by=None):
            entries.record(Action.CHECK_REOPENED, case.pk, detail=str(item))
