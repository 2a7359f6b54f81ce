"""The one module that asks guardian. Direct user rows only; no superuser, no global permission, no group counts."""

from django.utils.translation import gettext as _
from guardian.shortcuts import get_user_perms

from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases.choices import CaseState
from cases.models import Case
from cases.policies import allowed_actions


def permissions_of(user: User, case: Case) -> frozenset[str]:
    """Codenames that a person holds on a case. Asked anew each time: a cached answer would outlive a revocation."""
    if not user.is_active:
        return frozenset()
    return frozenset(get_user_perms(user, case))


def require_action(user: User, action: str, case: Case) -> None:
    """Ask permission and state anew, at the head of a service. Raises NotAllowed, WrongState."""
    held = permissions_of(user, case)
    if action in allowed_actions(held, case.state):
        return
    if action in allowed_actions(held, CaseState.OPEN):
        raise WrongState(_("This case is not open any more."))
    raise NotAllowed
