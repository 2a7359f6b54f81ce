"""Files of a case."""

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import NotAllowed
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access.files import get_file, list_files, may_remove
from cases.codes import FileKind, FileRemoval
from cases.forms.papers import FileForm, RemoveFileForm
from cases.services import casework, files
from cases.views.helpers import case_context, posted


@require_GET
def file_list(request: StaffRequest, code: str) -> HttpResponse:
    return _page(request, access.get_case(request.user, code), FileForm())


def _page(request: StaffRequest, opened: access.OpenedCase, form: FileForm) -> HttpResponse:
    page = list_files(opened, page=page_number(request))
    content = casework.read_content(case=opened.case, records=[], by=request.user)
    names = files.read_names(case=opened.case, files=list(page), by=request.user) if content else {}
    context = {
        **case_context(opened, content, "cases:file_list"),
        "content": content,
        "page": page,
        "rows": [(file, names.get(file.pk), may_remove(opened, file, request.user)) for file in page],
        "form": form,
    }
    return render(request, "cases/file_list.html", context, status=422 if form.is_bound else 200)


@require_POST
def file_create(request: StaffRequest, code: str) -> HttpResponse:
    """Add a file."""
    opened = access.get_case(request.user, code)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, opened, form)
    values = form.cleaned_data
    upload = files.Upload(
        nonce=values["nonce"],
        kind=FileKind(values["kind"]),
        name=values["file"].name,
        data=values["file"].read(),
        description=values["description"],
    )
    files.add_file(case=opened.case, new=upload, by=request.user)
    messages.success(
        request, _("The file was added. It is sealed; delete the copy on your computer if you need it no more.")
    )
    return redirect("cases:file_list", code=code)


@require_POST
def file_download(request: StaffRequest, code: str, file_id: UUID) -> HttpResponse:
    """Hand a file out: as an attachment of unknown kind, so that no browser shows or runs it."""
    opened = access.get_case(request.user, code)
    found = files.open_file(file=get_file(opened, file_id), by=request.user)
    response = HttpResponse(found.data, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename=\"file\"; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_http_methods(["GET", "POST"])
def file_remove(request: StaffRequest, code: str, file_id: UUID) -> HttpResponse:
    """Take a file out, with a reason."""
    opened = access.get_case(request.user, code)
    file = get_file(opened, file_id)
    form = RemoveFileForm(posted(request))
    if request.method == "POST" and form.is_valid():
        files.remove_file(file=file, reason=FileRemoval(form.cleaned_data["reason"]), by=request.user)
        messages.success(request, _("The file was taken out. Its name and its content are deleted."))
        return redirect("cases:file_list", code=code)
    if file.removed_at is None and not may_remove(opened, file, request.user):
        raise NotAllowed
    content = casework.read_content(case=opened.case, records=[file.pk], by=request.user)
    name = content.texts.get(file.pk, "") if content else ""
    context = {"case": opened.case, "file": file, "name": name, "form": form}
    return render(request, "cases/file_remove.html", context, status=422 if form.is_bound else 200)
