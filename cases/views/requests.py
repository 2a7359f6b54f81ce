"""New requests: the queue, logging, one request, and accepting it."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import intake_ready, list_teams
from accounts.choices import Role, TeamKind
from accounts.exceptions import WrongState
from accounts.models import User
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import queue
from cases.access.walls import people_to_keep_out
from cases.choices import ContactLanguage, RequestState
from cases.forms.answers import AskBackForm, AssignForm, CallEndForm, PromiseForm, ReferralAnswerForm
from cases.forms.requests import AcceptForm, PasteForm, RequestForm
from cases.services import accept, comparing, requests
from cases.services.conversation import proposed
from cases.services.meanwhile import waiting_of
from cases.services.request_risk import assessed
from cases.services.running import running
from cases.views.completing import change_lines
from cases.views.helpers import dealt_with, minor_steps, posted, with_link

if TYPE_CHECKING:
    from cases.models import HelpRequest  # for the annotation only: views never ask a model


@require_GET
def request_list(request: StaffRequest) -> HttpResponse:
    """The queue, by urgency, the three months, risk and clock."""
    asked = request.GET
    wanted = queue.Wanted(
        state=asked.get("state", ""),
        language=asked.get("language", ""),
        whose=asked.get("whose", ""),
        restricted=bool(asked.get("restricted")),
        minor=bool(asked.get("minor")),
    )
    page = queue.list_requests(request.user, wanted=wanted, page=page_number(request))
    context = {
        "page": page,
        "wanted": wanted,
        "wanted_person": queue.find_person(wanted.person),
        "states": RequestState.choices,
        "contact_languages": ContactLanguage.choices,
        "ready": intake_ready(),
    }
    return render(request, "cases/request_list.html", context)


@require_http_methods(["GET", "POST"])
def request_create(request: StaffRequest) -> HttpResponse:
    """Log a request that came by phone."""
    access.require_role(request.user, Role.CASEWORKER)
    form = RequestForm(posted(request), people=people_to_keep_out(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            code = requests.log_request(new=form.new_request(), by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            said = _("The request was logged under the code %(code)s.")
            messages.success(request, with_link(said, code, _own_request(request.user, code)))
            return redirect("cases:request_list")
    return _logging_page(request, form)


@require_http_methods(["GET", "POST"])
def request_paste(request: StaffRequest) -> HttpResponse:
    """A pasted conversation fills the form of a request; somebody checks it and logs it there."""
    access.require_role(request.user, Role.CASEWORKER)
    if "change" in request.POST:  # back from the check, with the text as it was pasted
        return render(request, "cases/request_paste.html", {"form": PasteForm(initial=request.POST.dict())})
    form = PasteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        pasted = form.cleaned_data["conversation"]
        return _logging_page(
            request, RequestForm(initial=proposed(pasted), people=people_to_keep_out(request.user)), pasted=pasted
        )
    return render(request, "cases/request_paste.html", {"form": form}, status=422 if form.errors else 200)


def _own_request(user: User, code: str) -> str:
    """The page of a request that was just logged, for whoever may open it."""
    return reverse("cases:request_detail", args=[code]) if queue.find_other(user, code)[0] else ""


def _logging_page(request: StaffRequest, form: RequestForm, **more: Any) -> HttpResponse:
    restricted = next((team for team in list_teams(request.user) if team.kind == TeamKind.RESTRICTED), None)
    names = [person.display_name for person in restricted.members] if restricted else []
    context = {"form": form, "restricted_people": names, "minor_steps": minor_steps(), **more}
    return render(request, "cases/request_create.html", context, status=422 if form.errors else 200)


@require_GET
def request_detail(request: StaffRequest, code: str) -> HttpResponse:
    return request_page(request, access.get_request(request.user, code))


@require_POST
def request_contacts(request: StaffRequest, code: str) -> HttpResponse:
    """Call her: opens how she can be reached, and an attempt begins. An act of its own, logged."""
    found = access.get_request(request.user, code)
    try:
        contacts = requests.open_contacts(request=found, by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
        return redirect("cases:request_detail", code=code)
    return request_page(request, found, contacts=contacts)


@require_POST
def request_compare(request: StaffRequest, code: str) -> HttpResponse:
    """Is it possibly the same as something she can open? Logged once."""
    found = access.get_request(request.user, code)
    return request_page(request, found, same=comparing.compare(request=found, by=request.user))


def request_page(request: StaffRequest, found: "HelpRequest", **more: Any) -> HttpResponse:
    """One request with everything that can be done with it; `form` is one that was refused."""
    beside = request.headers.get("HX-Target") == "opened"  # asked for by the list, see static/js/beside.js
    context = {
        **_what_is_known(request.user, found),
        **_forms(found),
        "case_code": access.case_code_of(found, request.user),
        "original": queue.original_of(found, request.user),
        "waiting_seen": waiting_of(found),
        "may_take": _may_take(request.user, found),
        "ready": intake_ready(),
        "same": None,
        "contacts": None,
        **more,
        "beside": beside,
        "layout": "base_part.html" if beside else "base.html",
    }
    refused = more.get("form")
    return render(request, "cases/request_detail.html", context, status=422 if refused and refused.errors else 200)


def _what_is_known(user: User, found: "HelpRequest") -> dict[str, Any]:
    """Her words, how they were rated, who tried to reach her, what she agreed to."""
    opened = requests.read(request=found, by=user)
    attempts = queue.list_attempts(found)
    return {
        "help_request": found,
        "opened": opened,
        "words": opened.words,
        "assessment": assessed(found, opened.answers) if opened.answers else None,
        "attempts": attempts,
        "calling": any(row.begun_by_id == user.pk and row.ended_at is None for row in attempts),
        "consents": queue.list_consents(found),
        "changes": change_lines(user, found) if found.state != RequestState.ACCEPTED else [],
        "running": running(found.offence_learned_on, found.suspect_learned_on, timezone.localdate()),
        "minor_steps": minor_steps() if found.concerns_minor else (),
    }


def _forms(found: "HelpRequest") -> dict[str, Any]:
    return {
        "ask_form": AskBackForm(),
        "promise_form": PromiseForm(),
        "assign_form": AssignForm(people=queue.colleagues_for([found])) if found.is_open else None,
        "call_form": CallEndForm(),
        "referral_form": ReferralAnswerForm(
            initial={"seen": found.referral_answer, "answer": found.referral_answer or None}
        ),
    }


def _may_take(user: User, found: "HelpRequest") -> bool:
    """Nobody takes what she has already; but an urgent one that was given to her is quiet only when she takes it."""
    climbs = found.state == RequestState.NEW and found.urgent_since
    return bool(found.is_open and found.taken_by_id != user.pk and (found.assignee_id != user.pk or climbs))


@require_http_methods(["GET", "POST"])
def request_accept(request: StaffRequest, code: str) -> HttpResponse:
    """Accept a request as a case that she leads."""
    found = access.get_request(request.user, code)
    if not found.is_open:
        return dealt_with(request, found)
    words = requests.read(request=found, by=request.user).words
    form = AcceptForm(posted(request), original=words, about=found.about)
    if request.method == "POST" and form.is_valid():
        try:
            values = form.cleaned_data
            case = accept.accept_request(
                request=found,
                title=values["title"],
                looked_through=values["looked_through"],
                card=accept.Card(name=values["card_name"], contacts=values["card_contacts"]),
                by=request.user,
            )
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The case is open and you lead it. Next: ask a backup."))
            return redirect("cases:case_detail", code=case.code)
    same = comparing.compare(request=found, by=request.user)
    context = {"form": form, "help_request": found, "words": words, "same": same}
    return render(request, "cases/request_accept.html", context, status=422 if form.errors else 200)
