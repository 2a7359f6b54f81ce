"""What the page says after the word of an attempt: who was told by name, or that nobody could be, and what to do now.

Whoever may not read walls learns no names of those outside the case, told or not: app.attempt_people leaves them out.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import StaffRequest
from accounts.templatetags.sidro import short_time
from accounts.wording import one_stop

# Of those outside the case, where she may not know who they are: what was done (app.attempt_reached.how), and what she does.
NAMELESS = {
    "bare": gettext_lazy(
        "Colleagues were told that a case needs somebody at once, and not which: they call you. "
        "If nobody calls within five minutes, call somebody of intake yourself."
    ),
    "name": gettext_lazy(
        "Nobody else could be told of this case. "
        "Call somebody of intake at once, and say only that a case needs somebody."
    ),
}


def tell_attempt(request: StaffRequest, told: Iterable[Any]) -> None:
    """`told`: rows of app.attempt_people."""
    told = list(told)
    there = [row for row in told if row.of_case and not row.away]
    if there:
        said = _("The risk is immediate. Told now: %(names)s.") % {"names": _names(told)}
        messages.success(request, one_stop(said))
        return
    lines = [_("The risk is immediate. Nobody else of lead, backup and supervisor is there.")]
    if away := [row for row in told if row.of_case]:
        lines.append(_("It stands on the desk of %(names)s.") % {"names": _names(away)})
    others = [row for row in told if not row.of_case]
    if of_it := [row for row in others if row.how == "case"]:
        lines.append(_("Told now: %(names)s.") % {"names": _names(of_it)})
    named = [row for row in others if row.name]
    lines += [str(NAMELESS[row.how]) for row in others if not row.name]
    if bare := [row for row in named if row.how == "bare"]:
        words = _("Told now that a case needs somebody at once, and not which: %(names)s.")
        lines.append(words % {"names": _names(bare)})
    if named:
        lines.append(_("Call at once: %(names)s.") % {"names": _names(named)})
    elif not others:
        lines.append(_("Nobody else could be told. Call a colleague at once."))
    messages.warning(request, one_stop(" ".join(lines)))


def tell_known(request: StaffRequest, since: datetime, people: Iterable[Any]) -> None:
    """She said it again: nothing is written a second time. Whom she can call, so that the second click helps, too."""
    people = list(people)
    lines = [
        _(
            "You noted this attempt at %(time)s. Whoever could be told was told then, and is not told a second time. "
            "If nobody has called you, call a colleague yourself."
        )
        % {"time": short_time(since)}
    ]
    lines += [str(NAMELESS["name"]) for row in people if row.how == "name" and not row.name]
    if here := [row for row in people if row.name and not row.away]:
        lines.append(_("Call at once: %(names)s.") % {"names": _names(here)})
    messages.warning(request, one_stop(" ".join(lines)))


def _names(rows: Iterable[Any]) -> str:
    away = _("%(name)s (away)")
    return ", ".join(away % {"name": row.name} if row.away else row.name for row in rows)
