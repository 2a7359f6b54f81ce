"""Units of service by one tap, and the projects that they are counted for."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import plan
from cases.codes import ServiceKind
from cases.forms.plan import ProjectForm, ServiceForm
from cases.services import service_units
from cases.views.helpers import posted


@require_POST
def service_log(request: StaffRequest, code: str) -> HttpResponse:
    """Log a unit of service: the button says which."""
    opened = access.get_case(request.user, code)
    form = ServiceForm(request.POST, projects=plan.current_projects())
    if not form.is_valid():
        messages.error(request, _("Nothing was logged. Load the page again and choose anew."))
        return redirect("cases:case_detail", code=code)
    values = {**form.cleaned_data, "kind": ServiceKind(form.cleaned_data["kind"])}
    service_units.log_service(case=opened.case, by=request.user, **values)
    messages.success(request, _("Logged. You can take it back for ten minutes."))
    return redirect("cases:case_detail", code=code)


@require_POST
def service_undo(request: StaffRequest, code: str, unit_id: UUID) -> HttpResponse:
    """Take an own unit back."""
    opened = access.get_case(request.user, code)
    try:
        service_units.undo_service(case=opened.case, unit=plan.get_service(opened, unit_id), by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Taken back."))
    return redirect("cases:case_detail", code=code)


@require_http_methods(["GET", "POST"])
def project_list(request: StaffRequest) -> HttpResponse:
    """The projects of the organisation; a new one by its name."""
    page = plan.list_projects(request.user, page=page_number(request))
    form = ProjectForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            service_units.add_project(name=form.cleaned_data["name"], by=request.user)
        except WrongState as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, _("The project was added."))
            return redirect("cases:project_list")
    return render(request, "cases/project_list.html", {"page": page, "form": form}, status=422 if form.errors else 200)


@require_POST
def project_retire(request: StaffRequest, project_id: UUID) -> HttpResponse:
    """Take a project off the list, or put it back."""
    project = plan.get_project(request.user, project_id)
    service_units.retire_project(project=project, retired=project.retired_at is None, by=request.user)
    return redirect("cases:project_list")
