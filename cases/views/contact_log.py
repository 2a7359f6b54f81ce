"""Calls that leave no request, in two clicks."""

from collections import Counter
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Role
from accounts.requests import StaffRequest
from cases import access
from cases.access import queue
from cases.codes import LogKind
from cases.forms.requests import ContactForm
from cases.services import contact_log
from cases.views.helpers import posted


@require_http_methods(["GET", "POST"])
def contact_list(request: StaffRequest) -> HttpResponse:
    """Count a contact; today's own ones with their numbers."""
    access.require_role(request.user, Role.CASEWORKER)
    form = ContactForm(posted(request))
    if request.method == "POST" and form.is_valid():
        contact_log.count_contact(**form.cleaned_data, by=request.user)
        messages.success(request, _("Counted. It can be taken back below."))
        return redirect("cases:contact_list")
    today = queue.list_contact_log(request.user)
    numbers = Counter(row.kind for row in today if row.undone_at is None)
    counts = [(kind.label, numbers[kind]) for kind in LogKind]
    context = {"form": form, "today": today, "counts": counts}
    return render(request, "cases/contact_list.html", context, status=422 if form.errors else 200)


@require_POST
def contact_undo(request: StaffRequest, contact_id: UUID) -> HttpResponse:
    """Take one back."""
    access.require_role(request.user, Role.CASEWORKER)
    contact_log.undo_contact(contact_id=contact_id, by=request.user)
    messages.success(request, _("Taken back. It does not count."))
    return redirect("cases:contact_list")
