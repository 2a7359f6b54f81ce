"""What several pages need."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import messages
from django.forms import CharField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.exceptions import NotAllowed, WrongState
from accounts.plain_forms import PlainForm
from accounts.requests import StaffRequest
from accounts.templatetags.sidro import short_time
from accounts.wording import one_stop
from cases.access import OpenedCase
from cases.access.absence import away_until
from cases.choices import CaseState
from cases.knowledge import label, risk_screen
from cases.knowledge.common import Entry
from cases.policies import allowed_actions
from cases.services.casework import CaseContent, read_content
from cases.services.sealed.content import Version
from cases.views.sections import DEPUTYS, sections

if TYPE_CHECKING:
    from cases.models import HelpRequest  # for the annotation only: views never ask a model

A_CLICK = timedelta(seconds=10)
Lines = TypeVar("Lines", bound=PlainForm)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; also when a POST came with nothing in it."""
    return request.POST if request.method == "POST" else None


def with_link(words: str, code: str, url: str, **more: str) -> str:
    """A message with %(code)s in it, the code as a link where there is a page for the reader; `more` is plain text."""
    shown = format_html('<a class="govuk-link" href="{}">{}</a>', url, code) if url else code
    for name in ("code", *more):
        words = words.replace(f"%({name})s", f"{{{name}}}")
    return format_html(words, code=shown, **more)


def warn_of_away(request: StaffRequest, person: Any) -> None:
    """Whoever gives a request to somebody who is away is told what becomes of it meanwhile."""
    until = away_until([person.pk]).get(person.pk)
    if until:
        said = _(
            "%(name)s is away until %(day)s. What is due by then stands on the desks of her team, too. "
            "If it cannot wait, give it to somebody who is here."
        )
        messages.warning(request, one_stop(said % {"name": person.display_name, "day": short_time(until)}))


def on_top(form: Lines, versions: list[Version]) -> Lines:
    """A form of lines that somebody else was faster with, now on top of the newest version.

    What she wrote stays; a line that she left as it was gets what stands there now. Sending it anew replaces that one.
    """
    if not versions:
        return form
    newest = versions[0]
    before: dict[str, str] = next((one.value for one in versions if one.revision == form.cleaned_data["seen"]), {})
    data = dict(form.data.items())
    data["seen"] = str(newest.revision)
    for name, field in form.fields.items():
        if isinstance(field, CharField) and form.cleaned_data.get(name, "") == before.get(name, ""):
            data[name] = newest.value.get(name, "")
    return type(form)(data)


def what_stands(form: PlainForm, now: dict[str, str]) -> list[tuple[str, str]]:
    """Label and present text of every line that the form would change."""
    return [
        (str(field.label), now.get(field.name, ""))
        for field in form.visible_fields()
        if isinstance(field.field, CharField) and (field.value() or "") != now.get(field.name, "")
    ]


def entries(found: Iterable[Entry]) -> list[str]:
    """Entries of the knowledge files in the reader's language."""
    return [label(entry, get_language() or "en") for entry in found]


def minor_steps() -> list[str]:
    """What is to be done where somebody under 18 is concerned."""
    return entries(risk_screen().minor_protocol)


def require(opened: OpenedCase, action: str) -> OpenedCase:
    """The case, where she may do this on it. Raises NotAllowed, and WrongState where it is not open any more."""
    if action not in opened.actions:
        if opened.case.state != CaseState.OPEN and action in allowed_actions(opened.held, CaseState.OPEN):
            raise WrongState(_("This case is not open any more."))
        raise NotAllowed
    return opened


def case_context(opened: OpenedCase, content: CaseContent | None, current: str) -> dict[str, Any]:
    """What cases/case_base.html needs: `current` is the URL name of the page, such as `cases:case_plan`."""
    code, title = opened.case.code, content.title if content else ""
    erased = opened.case.state == CaseState.ERASED
    tabs = sections(code, current, erased=erased, deputy=opened.deputy)
    kept = opened.deputy and current not in DEPUTYS
    return {"case": opened.case, "actions": opened.actions, "title": title, "tabs": tabs, "kept_from_deputy": kept}


def title_context(request: StaffRequest, opened: OpenedCase, current: str) -> dict[str, Any]:
    """The same for a page that shows no other sealed text of the case than its title."""
    return case_context(opened, read_content(case=opened.case, records=(), by=request.user), current)


def dealt_with(request: StaffRequest, found: "HelpRequest") -> HttpResponse:
    """A request that is not open any more. Raises WrongState for what somebody typed: its page gives that back.

    A second click of whoever ended it just now has lost nothing.
    """
    own = found.ended_by_id == request.user.pk and found.ended_at and timezone.now() - found.ended_at < A_CLICK
    said = _("Somebody has dealt with this request meanwhile. Look at it again.")
    if request.method == "POST" and not own:
        raise WrongState(said)
    messages.error(request, said)
    return redirect("cases:request_detail", code=found.code)
