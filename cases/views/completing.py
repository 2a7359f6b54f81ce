"""A request completed after it was logged: more of her words, how to reach her, the days, what she agrees to."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.exceptions import WrongState
from accounts.models import User
from accounts.requests import StaffRequest
from accounts.templatetags.sidro import short_time
from cases import access
from cases.choices import About, ContactLanguage, MinorFlag
from cases.forms.completing import ChangeRequestForm
from cases.forms.requests import CONSENT
from cases.services import completing
from cases.views.helpers import dealt_with, minor_steps, posted

if TYPE_CHECKING:
    from cases.models import HelpRequest  # for the annotation only: views never ask a model


@require_http_methods(["GET", "POST"])
def request_change(request: StaffRequest, code: str) -> HttpResponse:
    """Add or correct. Two tabs: a line that somebody else changed is shown, and hers counts when she saves again."""
    found = access.get_request(request.user, code)
    if not found.is_open:
        return dealt_with(request, found)
    form = ChangeRequestForm(posted(request), initial=_initial(request, found))
    if request.method == "POST" and form.is_valid():
        try:
            changed = completing.change_request(request=found, change=form.change(), by=request.user)
        except completing.ChangedMeanwhile as error:
            form = _on_top(form, {**_initial(request, found), **error.now}, error.now)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            said = _("Saved. What stood there before is kept.") if changed else _("Nothing was different.")
            messages.success(request, said)
            return redirect("cases:request_detail", code=code)
    context = {"help_request": found, "form": form, "minor_steps": minor_steps()}
    return render(request, "cases/request_change.html", context, status=422 if form.errors else 200)


def _initial(request: StaffRequest, found: "HelpRequest") -> dict[str, Any]:
    standing = completing.read_to_change(request=found, by=request.user)
    return {**standing.lines, "seen_words": standing.revision}


def _on_top(form: ChangeRequestForm, now: dict[str, Any], met: Iterable[str]) -> ChangeRequestForm:
    """The form again where somebody else was faster with the same lines: what stands there now, and hers."""
    anew = form.on_top(initial=now)
    anew.full_clean()
    for name in met:
        if name in anew.fields:
            told = _("Changed meanwhile: it is “%(now)s” now. Yours stands here; save again if it is right.")
            anew.add_error(name, told % {"now": anew.shown(name)})
    return anew


YES_NO = {"True": gettext_lazy("Yes"), "False": gettext_lazy("No")}
# Lines of a request that are coded: their names, and the list that a code is from.
LINES: dict[str, tuple[Promise, dict[str, Any]]] = {
    "about": (gettext_lazy("Who is it about?"), dict(About.choices)),
    "language": (gettext_lazy("Language"), dict(ContactLanguage.choices)),
    "minor": (gettext_lazy("Under 18"), dict(MinorFlag.choices)),
    "in_danger_now": (gettext_lazy("In danger now"), YES_NO),
    "thinks_of_ending_life": (gettext_lazy("Thinks of ending her life"), YES_NO),
    "offence_learned_on": (gettext_lazy("Day she found out"), {}),
    "suspect_learned_on": (gettext_lazy("Day she learned who did it"), {}),
    "consent": (gettext_lazy("Consent"), dict(CONSENT)),
}


def change_lines(user: User, found: "HelpRequest") -> list[tuple]:
    """What was added or corrected, in words: when, who, what."""
    changes = completing.list_changes(request=found, by=user)
    return [(one.at, one.by, [_in_words(code) for code in one.told]) for one in changes]


def _in_words(code: str) -> str:
    """`words`, `contacts`, `urgent`, or `name:old:new`."""
    name, *values = code.split(":")
    if name == "words":
        return _("more of her words")
    if name == "contacts":
        return _("how to reach her")
    if name == "urgent":
        return _("it became urgent: she needs an answer at once")
    words, known = LINES[name]
    old, new = (_value(value, known) for value in values)
    return _("%(what)s: from “%(old)s” to “%(new)s”") % {"what": words, "old": old, "new": new}


def _value(code: str, known: dict[str, Any]) -> str:
    day = None if known else parse_date(code)
    return str(known.get(code) or (short_time(day) if day else "–"))
