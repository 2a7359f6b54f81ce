"""The page that shows a recovery code once, and asks for its last group to see that it was kept."""

import hmac

from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import sealed_fields
from accounts.forms import KeptForm
from accounts.marks import open_to_everybody
from accounts.requests import StaffRequest

PURPOSE = "recovery code"


def show_recovery_code(request: StaffRequest, code: str, *, news: str, form: KeptForm | None = None) -> HttpResponse:
    """Show the code. It is stored nowhere: the page carries it sealed, for a wrong last group only."""
    sealed = sealed_fields.seal({"code": code, "news": news}, purpose=PURPOSE)
    form = form or KeptForm()
    context = {"form": form, "groups": code.split("-"), "sealed": sealed}
    return render(request, "accounts/recovery_code.html", context)


@open_to_everybody
@require_POST
def recovery_code(request: StaffRequest) -> HttpResponse:
    """She typed the last group from her paper."""
    kept = sealed_fields.unseal(request.POST.get("sealed", ""), purpose=PURPOSE)
    if kept is None:
        return redirect("accounts:sign_in")
    form = KeptForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data["last_group"].replace("-", "").strip().upper()
        if hmac.compare_digest(typed.encode(), kept["code"].rpartition("-")[2].encode()):
            return redirect(_onward(request, kept["news"]))
        form.add_error("last_group", _("These are not the last four signs. Compare your paper with the code above."))
    return show_recovery_code(request, kept["code"], news=kept["news"], form=form)


def _onward(request: StaffRequest, news: str) -> str:
    if request.user.is_authenticated:
        return resolve_url("accounts:account")
    return f"{resolve_url('accounts:sign_in')}?news={news}"
