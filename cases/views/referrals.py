"""A referral: what the other service answered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.exceptions import WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.choices import ReferralAnswer
from cases.forms.answers import ReferralAnswerForm
from cases.services.referrals import note_answer
from cases.views.requests import request_page


@require_POST
def request_referral(request: StaffRequest, code: str) -> HttpResponse:
    """They have answered. Where she was not taken in, the page says what can be done."""
    found = access.get_request(request.user, code)
    form = ReferralAnswerForm(request.POST)
    if not form.is_valid():
        return request_page(request, found, referral_form=form, form=form)
    answer, seen = form.cleaned_data["answer"], form.cleaned_data["seen"]
    try:
        note_answer(request=found, answer=answer, seen=seen, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        said = _("Noted: they have taken her in.")
        if answer != ReferralAnswer.TAKEN_IN:
            said = _("Noted. If she still needs somebody, open it again.")
        messages.success(request, said)
    return redirect("cases:request_detail", code=code)
