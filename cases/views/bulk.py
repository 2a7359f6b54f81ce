"""Several requests at once, with a preview that says what is left out and why."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.exceptions import WrongState
from accounts.models import User
from accounts.requests import StaffRequest
from cases.access import queue
from cases.forms.answers import AssignForm
from cases.services import answering
from cases.services.bulk import ACKNOWLEDGE, ASSIGN, Chosen, given_meanwhile, look_through
from cases.views.helpers import warn_of_away


@require_POST
def request_bulk(request: StaffRequest) -> HttpResponse:
    """Preview first; with `sure` it is done in one unit of work. A second click finds nothing left to do."""
    chosen_ones = queue.list_chosen(request.user, request.POST.getlist("code"))
    action = request.POST.get("action", "")
    if not chosen_ones or action not in {ACKNOWLEDGE, ASSIGN}:
        messages.error(request, _("Choose requests first. Nothing was changed."))
        return redirect("cases:request_list")
    chosen = look_through(chosen_ones, action)
    sure = bool(request.POST.get("sure"))
    form = AssignForm(request.POST if sure else None, people=queue.colleagues_for(chosen.fit))
    person = form.cleaned_data["person"] if action == ASSIGN and form.is_valid() else None
    if sure and (person or action == ACKNOWLEDGE):
        try:
            done = _do(request, chosen, person)
        except WrongState as error:
            messages.error(request, error.message)
        else:
            said = ngettext("%(count)d request done.", "%(count)d requests done.", done) % {"count": done}
            messages.success(request, said)
            if others := given_meanwhile(chosen_ones, request.POST.getlist("free"), person or request.user):
                messages.warning(request, others)
            if person and done:
                warn_of_away(request, person)
        return redirect("cases:request_list")
    context = {"chosen": chosen, "action": action, "form": form if action == ASSIGN else None}
    return render(request, "cases/request_bulk.html", context, status=422 if form.errors else 200)


def _do(request: StaffRequest, chosen: Chosen, person: User | None) -> int:
    if person:
        return answering.assign_many(requests=chosen.fit, person=person, by=request.user, only_free=True)
    return answering.acknowledge_many(requests=chosen.fit, by=request.user)
