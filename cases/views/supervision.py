"""Supervision: reviewing a case, cases she supervises, what landed on a person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.exceptions import NotAllowed, WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import supervision as access_supervision
from cases.forms.load import ReviewForm
from cases.knowledge import risk_screen
from cases.services import casework, reviews
from cases.views.helpers import posted, title_context


@require_http_methods(["GET", "POST"])
def case_review(request: StaffRequest, code: str) -> HttpResponse:
    """Write a review and the day of the next one."""
    opened = access.get_case(request.user, code)
    if "write_note" not in opened.actions or not access_supervision.may_review(request.user, opened.case):
        raise NotAllowed
    form = ReviewForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            reviews.write_review(case=opened.case, by=request.user, **form.cleaned_data)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The review was saved."))
            return redirect("cases:case_detail", code=code)
    context = {**title_context(request, opened, "cases:case_review"), "form": form}
    return render(request, "cases/case_review.html", context, status=422 if form.errors else 200)


@require_GET
def supervision(request: StaffRequest) -> HttpResponse:
    """Cases she supervises by their next review, and the people she looks after."""
    page = access_supervision.list_supervised(request.user, page=page_number(request))
    titles = casework.read_titles(cases=page, by=request.user)
    leads = access_supervision.leads_of(page)
    context = {
        "page": page,
        "rows": [(case, titles.get(case.pk, ""), leads.get(case.pk, "")) for case in page],
        "people": access_supervision.list_supervisees(request.user),
    }
    return render(request, "cases/supervision.html", context)


@require_GET
def exposure(request: StaffRequest) -> HttpResponse:
    """What landed on herself lately."""
    return _exposure(request, request.user.pk)


@require_GET
def exposure_of(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """What landed on somebody who is supervised by her."""
    return _exposure(request, person_id)


def _exposure(request: StaffRequest, person_id: UUID) -> HttpResponse:
    found = access_supervision.get_exposure(request.user, person_id)
    care = risk_screen().staff_care
    debrief = {"immediate_level_case": found.immediate, "minor_case": found.minors, "death_linked": found.deaths}
    context = {
        "found": found,
        "care": care,
        "days": access_supervision.EXPOSURE_DAYS,
        "own": person_id == request.user.pk,
        "too_many": found.most_a_day > care.daily_limit_new_ibsa_cases,
        "talk": any(debrief.get(code) for code in care.debrief_after),
    }
    return render(request, "cases/exposure.html", context)
