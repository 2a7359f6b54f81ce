"""What several pages need."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.forms import CharField
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.exceptions import NotAllowed, WrongState
from accounts.plain_forms import PlainForm
from accounts.requests import StaffRequest
from cases.access import OpenedCase
from cases.choices import CaseState
from cases.knowledge import label, risk_screen
from cases.knowledge.common import Entry
from cases.policies import allowed_actions
from cases.services.casework import CaseContent, read_content
from cases.services.sealed.content import Version
from cases.views.sections import sections

Lines = TypeVar("Lines", bound=PlainForm)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; also when a POST came with nothing in it."""
    return request.POST if request.method == "POST" else None


def with_link(words: str, code: str, url: str) -> str:
    """A message with %(code)s in it, the code as a link where there is a page for the reader."""
    shown = format_html('<a class="govuk-link" href="{}">{}</a>', url, code) if url else code
    return format_html(words.replace("%(code)s", "{}"), shown)


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
    return {"case": opened.case, "actions": opened.actions, "title": title, "tabs": sections(code, current)}


def title_context(request: StaffRequest, opened: OpenedCase, current: str) -> dict[str, Any]:
    """The same for a page that shows no other sealed text of the case than its title."""
    return case_context(opened, read_content(case=opened.case, records=(), by=request.user), current)
