"""New requests: logging, reading, acknowledging, accepting, ending."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import intake_ready
from accounts.choices import Role
from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.choices import RequestState
from cases.forms.requests import AcceptForm, EndRequestForm, RequestForm
from cases.services import accept, requests
from cases.views.helpers import posted

if TYPE_CHECKING:
    from cases.models import HelpRequest  # for the annotation only: views never ask a model


@require_GET
def request_list(request: StaffRequest) -> HttpResponse:
    """The queue, by urgency and clock."""
    state = request.GET.get("state", "")
    page = access.list_requests(request.user, state=state, page=page_number(request))
    context = {"page": page, "state": state, "states": RequestState.choices, "ready": intake_ready()}
    return render(request, "cases/request_list.html", context)


@require_http_methods(["GET", "POST"])
def request_create(request: StaffRequest) -> HttpResponse:
    """Log a request that came by phone."""
    access.require_role(request.user, Role.CASEWORKER)
    form = RequestForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            code = requests.log_request(new=form.new_request(), by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The request was logged under the code %(code)s.") % {"code": code})
            return redirect("cases:request_list")
    return render(request, "cases/request_create.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def request_detail(request: StaffRequest, code: str) -> HttpResponse:
    return _page(request, access.get_request(request.user, code))


@require_POST
def request_contacts(request: StaffRequest, code: str) -> HttpResponse:
    """Open how she can be reached: an act of its own, logged."""
    found = access.get_request(request.user, code)
    return _page(request, found, contacts=requests.open_contacts(request=found, by=request.user))


def _page(
    request: StaffRequest, found: "HelpRequest", *, contacts: dict | None = None, end_form: EndRequestForm | None = None
) -> HttpResponse:
    context = {
        "help_request": found,
        "words": requests.read_words(request=found, by=request.user),
        "contacts": contacts,
        "end_form": end_form or EndRequestForm(),
        "form": end_form,
        "case_code": access.case_code_of(found, request.user),
        "ready": intake_ready(),
    }
    status = 422 if end_form and end_form.errors else 200
    return render(request, "cases/request_detail.html", context, status=status)


@require_POST
def request_acknowledge(request: StaffRequest, code: str) -> HttpResponse:
    """Somebody has answered her."""
    requests.acknowledge(request=access.get_request(request.user, code), by=request.user)
    messages.success(request, _("Acknowledged. The first-response clock has stopped."))
    return redirect("cases:request_detail", code=code)


@require_http_methods(["GET", "POST"])
def request_accept(request: StaffRequest, code: str) -> HttpResponse:
    """Accept a request as a case that she leads."""
    found = access.get_request(request.user, code)
    if not found.is_open:
        messages.error(request, _("Somebody has dealt with this request meanwhile. Look at it again."))
        return redirect("cases:request_detail", code=code)
    words = requests.read_words(request=found, by=request.user)
    form = AcceptForm(posted(request), original=words)
    if request.method == "POST" and form.is_valid():
        try:
            values = form.cleaned_data
            case = accept.accept_request(
                request=found, title=values["title"], looked_through=values["looked_through"], by=request.user
            )
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The case is open and you lead it. Next: ask a backup."))
            return redirect("cases:case_detail", code=case.code)
    context = {"form": form, "help_request": found, "words": words}
    return render(request, "cases/request_accept.html", context, status=422 if form.errors else 200)


@require_POST
def request_end(request: StaffRequest, code: str) -> HttpResponse:
    """End a request that does not become a case."""
    form = EndRequestForm(request.POST)
    found = access.get_request(request.user, code)
    if form.is_valid():
        try:
            requests.end_request(request=found, state=RequestState(form.cleaned_data["state"]), by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The request has ended. It can be opened again if this was wrong."))
            return redirect("cases:request_detail", code=code)
    return _page(request, found, end_form=form)


@require_POST
def request_reopen(request: StaffRequest, code: str) -> HttpResponse:
    """Undo a wrong ending."""
    try:
        requests.reopen_request(request=access.get_request(request.user, code), by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    return redirect("cases:request_detail", code=code)
