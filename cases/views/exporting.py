"""Her data, readable for her: looked through first, then a page to print or a file, made in this very request."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from accounts.requests import StaffRequest
from accounts.step_up import require_step_up
from cases import access
from cases.access.export import list_records
from cases.forms.ending import HTML, PAGE, ExportForm
from cases.services import export
from cases.services.identity import BudgetSpent, budget_spent
from cases.views.helpers import posted, require, title_context

TYPES = {HTML: ("text/html", "cases/copy.html"), "text": ("text/plain", "cases/copy.txt")}


@require_http_methods(["GET", "POST"])
def case_export(request: StaffRequest, code: str) -> HttpResponse:
    """Choose what goes into her copy; then the copy itself, after "confirm it is you"."""
    opened = require(access.get_case(request.user, code), "export_case")
    form = ExportForm(posted(request), initial={"language": _her_language(opened)})
    spent = False
    if request.method == "POST" and form.is_valid():
        require_step_up(request)
        try:
            return _copy(request, opened, form)
        except BudgetSpent:
            spent = True
            form.add_error(None, budget_spent())
    context = {
        **title_context(request, opened, "cases:file_list"),
        "form": form,
        "spent": spent,
        "notes": export.preview(case=opened.case, records=list_records(opened), by=request.user),
        "chosen": request.POST.getlist("note"),
    }
    return render(request, "cases/case_export.html", context, status=422 if form.errors else 200)


def _her_language(opened: access.OpenedCase) -> str:
    known = [code for code, _name in settings.LANGUAGES]
    return opened.case.language if opened.case.language in known else "en"


def _copy(request: StaffRequest, opened: access.OpenedCase, form: ExportForm) -> HttpResponse:
    """The copy in the chosen language. A file has a name that says nothing."""
    how, language = form.cleaned_data["how"], form.cleaned_data["language"]
    with translation.override(language):
        sections = export.make_copy(
            case=opened.case, records=list_records(opened), notes=_ticked(request), by=request.user
        )
        context: dict[str, Any] = {
            "sections": sections,
            "made_at": timezone.now(),
            "language": language,
            "helpline": settings.HELPLINE_NAME,
        }
        if how == PAGE:
            return render(request, "cases/copy_page.html", {**context, "case": opened.case})
        kind, template = TYPES[how]
        text = render_to_string(template, context)
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="copy.{"html" if how == HTML else "txt"}"'
    return response


def _ticked(request: StaffRequest) -> list[UUID]:
    """Ids of the notes that go with it; what is none is left out."""
    found = []
    for text in request.POST.getlist("note"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
