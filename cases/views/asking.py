"""What she reads when she has asked a second person: that somebody was asked, or that nobody can answer yet and what to do."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.requests import StaffRequest
from cases.access import OpenedCase, second
from cases.choices import CaseRole, CaseState, Perm
from cases.services.sealed_facts import is_protected

Roles = tuple[CaseRole, ...]

if TYPE_CHECKING:
    from cases.models import HelpRequest  # for the annotation only: views never ask a model


def tell_asked(
    request: StaffRequest, opened: OpenedCase, said: str, *, about: User | None = None, roles: Roles = second.SECONDS
) -> None:
    """`said` where somebody can answer; `about` is whom the question is about, who never answers it."""
    besides = [request.user.pk, *([about.pk] if about else [])]
    if second.second_persons(opened, besides=besides, roles=roles):
        messages.success(request, said)
    else:
        messages.warning(request, nobody_answers(opened))


def tell_team_asked(request: StaffRequest, found: "HelpRequest", said: str) -> None:
    """The same about a request that is no case: another member of its team agrees."""
    if second.others_of_team(found, request.user):
        messages.success(request, said)
    else:
        messages.warning(
            request,
            _(
                "It waits for another member of the team, but nobody else of it can see this request yet. Add somebody to"
                " the team first. Until then nothing changes."
            ),
        )


def nobody_answers(opened: OpenedCase) -> str:
    """That the question stands and nobody can answer it, with what she can do about it."""
    if Perm.SHARE not in opened.held and is_protected(opened.case):
        return _(
            "It waits for a second person, but nobody on this case can answer yet. Speak with whoever asked you onto it:"
            " somebody who holds all keys has to come first. Until then nothing changes."
        )
    if Perm.SHARE not in opened.held:
        return _(
            "It waits for a second person, but nobody on this case can answer yet. Tell the coordinator that the case"
            " needs a lead. Until then nothing changes."
        )
    if opened.case.state != CaseState.OPEN:
        return _(
            "It waits for a second person, but nobody on this case can answer yet. Open the case again and ask a second"
            " holder of the keys as backup first: she can answer once she accepts. Until then nothing changes."
        )
    return _(
        "It waits for a second person, but nobody on this case can answer yet. Ask a second holder of the keys as backup"
        " first: she can answer once she accepts. Until then nothing changes."
    )
