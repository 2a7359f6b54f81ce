"""The one module that asks guardian. Direct user rows only; no superuser, no global permission, no group counts."""

from guardian.shortcuts import get_user_perms

from accounts.exceptions import NotAllowed
from accounts.models import User
from cases.models import Case


def permissions_of(user: User, case: Case) -> frozenset[str]:
    """Codenames that a person holds on a case. Asked anew each time: a cached answer would outlive a revocation."""
    if not user.is_active:
        return frozenset()
    return frozenset(get_user_perms(user, case))


def require(user: User, permission: str, case: Case) -> None:
    """Raises NotAllowed."""
    if permission not in permissions_of(user, case):
        raise NotAllowed
