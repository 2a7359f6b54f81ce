"""Her data, readable for her: looked through first, then a page to print or a file, made in this very request.

A file is handed out by a page that says it is made and carries it sealed: the browser stays on that page when it saves,
and saving it once more opens nothing anew.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import sealed_fields
from accounts.carrying import mark_of
from accounts.requests import StaffRequest
from accounts.step_up import require_step_up
from cases import access
from cases.access import identity as cards
from cases.access.export import list_copies, list_records
from cases.codes import ApprovalState
from cases.compartments import OpeningKind
from cases.forms.ending import HTML, PAGE, ExportForm
from cases.services import export
from cases.services.identity import BudgetSpent, budget_spent
from cases.views.helpers import posted, require, title_context

HERE = "cases:file_list"
TYPES = {HTML: ("text/html", "cases/copy.html"), "text": ("text/plain", "cases/copy.txt")}
MADE, MINUTES = "her copy", 15  # how long a copy that was made can be saved from its page


@require_http_methods(["GET", "POST"])
def case_export(request: StaffRequest, code: str) -> HttpResponse:
    """Choose what goes into her copy; then the copy itself, after "confirm it is you"."""
    opened = require(access.get_case(request.user, code), "export_case")
    if "sealed" in request.POST:
        return _save(request, opened)
    form = ExportForm(posted(request), initial={"language": _her_language(opened)})
    if request.method == "POST" and form.is_valid():
        require_step_up(request)
        try:
            return _copy(request, opened, form)
        except BudgetSpent:
            form.add_error(None, budget_spent())
    context = {
        **title_context(request, opened, HERE),
        **_opening(request, opened),
        "form": form,
        "made": list_copies(opened),
        "notes": export.preview(case=opened.case, records=list_records(opened), by=request.user),
        "chosen": request.POST.getlist("note"),
    }
    return render(request, "cases/case_export.html", context, status=422 if form.errors else 200)


def _opening(request: StaffRequest, opened: access.OpenedCase) -> dict[str, Any]:
    """Whether making it opens the card, which counts; and whether she has an opening left for it."""
    is_open = cards.open_until(opened.case) is not None
    return {"card_open": is_open, "spent": not is_open and not _may_open(request, opened)}


def _may_open(request: StaffRequest, opened: access.OpenedCase) -> bool:
    """Alone, or because a second person agreed."""
    if cards.budget_left(OpeningKind.CARD):
        return True
    asked = cards.one_more(request.user, opened.case)
    return asked is not None and asked.state == ApprovalState.APPROVED


def _her_language(opened: access.OpenedCase) -> str:
    known = [code for code, _name in settings.LANGUAGES]
    return opened.case.language if opened.case.language in known else "en"


def _copy(request: StaffRequest, opened: access.OpenedCase, form: ExportForm) -> HttpResponse:
    """The copy in the chosen language: as a page to print, or as a page that says it is made and gives the file."""
    how, language = form.cleaned_data["how"], form.cleaned_data["language"]
    with translation.override(language):
        sections = export.make_copy(
            case=opened.case, records=list_records(opened), notes=_ticked(request), by=request.user
        )
        context: dict[str, Any] = {"sections": sections, "made_at": timezone.now(), "helpline": settings.HELPLINE_NAME}
        template = "cases/copy_sheet.html" if how == PAGE else TYPES[how][1]
        text = render_to_string(template, context)
    if how == PAGE:
        return render(request, "cases/copy_page.html", {"case": opened.case, "sheet": text})
    sealed = sealed_fields.seal({"how": how, "text": text}, purpose=MADE, place=_place(request, opened))
    page = {
        **title_context(request, opened, HERE),
        "sealed": sealed,
        "made": list_copies(opened)[:1],
        "minutes": MINUTES,
    }
    return render(request, "cases/copy_made.html", page)


def _place(request: StaffRequest, opened: access.OpenedCase) -> str:
    """A copy is saved by whoever made it, on the case that it is of."""
    return f"{mark_of(request.user)} {opened.case.code}"


def _save(request: StaffRequest, opened: access.OpenedCase) -> HttpResponse:
    """The file of a copy that was made a moment ago: the page carried it sealed. Its name says nothing."""
    found = sealed_fields.unseal(request.POST["sealed"], purpose=MADE, place=_place(request, opened), age=MINUTES * 60)
    if found is None:
        messages.info(request, _("This copy can no longer be saved from that page. You can make it again here."))
        return redirect("cases:case_export", code=opened.case.code)
    how = found["how"]
    response = HttpResponse(found["text"], content_type=f"{TYPES[how][0]}; charset=utf-8")
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
