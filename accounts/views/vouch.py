"""Vouching: a colleague reads the six words of her key by voice, and they are typed here, never shown."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import get_key_to_vouch, list_keys_to_vouch, may_vouch
from accounts.choices import Role
from accounts.exceptions import NotAllowed, WrongState
from accounts.forms import VouchForm
from accounts.keeper_access import list_keepers_to_confirm
from accounts.requests import StaffRequest
from accounts.services import people
from accounts.step_up import require_step_up
from accounts.views.common import only_for
from accounts.wording import one_stop


@require_GET
@only_for(Role.CASEWORKER)
def vouch_list(request: StaffRequest) -> HttpResponse:
    """People whose key nobody has vouched for, except herself and those she invited."""
    allowed = may_vouch(request.user)
    keys = list_keys_to_vouch(request.user) if allowed else []
    keepers = list_keepers_to_confirm(request.user) if allowed else []
    return render(request, "accounts/vouch_list.html", {"keys": keys, "may_vouch": allowed, "keepers": keepers})


@require_http_methods(["GET", "POST"])
@only_for(Role.CASEWORKER)
def vouch_detail(request: StaffRequest, key_id: UUID) -> HttpResponse:
    """Type the words that the person reads out."""
    if not may_vouch(request.user):
        raise NotAllowed
    require_step_up(request)
    key = get_key_to_vouch(request.user, key_id)
    form = VouchForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            people.vouch_by_words(key=key, words=form.cleaned_data["words"], by=request.user)
        except WrongState as wrong:
            form.add_error("words", wrong.message)
        else:
            said = _("You vouched for the key of %(name)s.") % {"name": key.user.display_name}
            messages.success(request, one_stop(said))
            return redirect("accounts:vouch_list")
    return render(request, "accounts/vouch_detail.html", {"form": form, "person": key.user, "key_id": key_id})
