"""Step-up: acts that open or give away much ask for the second factor again. Signing in counts as one."""

import time

from django.conf import settings

from accounts.exceptions import StepUpNeeded
from accounts.requests import StaffRequest

SESSION_NAME = "stepped_up_at"


def mark_step_up(request: StaffRequest) -> None:
    """She has just shown her second factor."""
    request.session[SESSION_NAME] = int(time.time())


def is_stepped_up(request: StaffRequest) -> bool:
    """Whether the second factor was shown within the last STEP_UP_AGE seconds; a time in the future does not count."""
    at = request.session.get(SESSION_NAME)
    return isinstance(at, int) and 0 <= time.time() - at <= settings.STEP_UP_AGE


def require_step_up(request: StaffRequest) -> None:
    """Raises StepUpNeeded, which becomes the page "confirm it is you" with the way back and what was typed."""
    if not is_stepped_up(request):
        raise StepUpNeeded
