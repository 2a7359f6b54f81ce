"""Must not see: on a case by lead and backup, on a request by its team."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.access import walls as kept
from cases.compartments import WallReason
from cases.forms.walls import LiftForm, WallForm
from cases.services import protection, walls
from cases.services.sealed_facts import is_protected
from cases.views.asking import tell_asked, tell_team_asked
from cases.views.helpers import posted, require, title_context

if TYPE_CHECKING:
    from cases.models import HelpRequest  # for the annotation only: views never ask a model

PEOPLE = "cases:assignment_list"


@require_http_methods(["GET", "POST"])
def wall_set(request: StaffRequest, code: str) -> HttpResponse:
    """Keep somebody out of a case; whoever holds all its keys is asked of a second person."""
    opened = require(access.get_case(request.user, code), "set_wall")
    besides = [wall.person for wall in kept.list_walls(opened.case.pk)]
    people = kept.people_to_keep_out(request.user, besides=besides)
    form = WallForm(posted(request), people=people, words="write" in opened.actions)
    if request.method == "POST" and form.is_valid():
        asked = _kept_out(request, opened, form)
        if not form.errors:
            if asked:
                waits = _("A second person was asked. Until she agrees nothing changes.")
                tell_asked(request, opened, waits, about=form.cleaned_data["person"])
            else:
                messages.success(request, _("She is kept out. She meets no trace of this case."))
            return redirect(PEOPLE, code=code)
    context = {**title_context(request, opened, PEOPLE), "form": form}
    return render(request, "cases/wall_set.html", context, status=422 if form.errors else 200)


def _kept_out(request: StaffRequest, opened: access.OpenedCase, form: WallForm) -> bool:
    """Do it; True where a second person was asked. What stands in the way is said on the form."""
    values = form.cleaned_data
    second = kept.needs_second_person(opened, values["person"])
    if second:
        form.ask_for_words()
    if form.errors:
        return False
    try:
        reason, text = WallReason(values["reason"]), values.get("text", "").strip()
        asked = walls.keep_out(
            case=opened.case, person=values["person"], reason=reason, text=text, second=second, by=request.user
        )
    except WrongState as error:
        form.add_error("person", error.message)
        return False
    return asked is not None


@require_http_methods(["GET", "POST"])
def wall_lift(request: StaffRequest, code: str, wall_id: UUID) -> HttpResponse:
    """Ask that somebody may see a case again: a second person agrees. What was taken from her is not given back."""
    opened = require(access.get_case(request.user, code), "set_wall")
    wall = kept.get_wall(opened.case.pk, wall_id)
    form = LiftForm(posted(request), words="write" in opened.actions)
    if request.method == "POST" and form.is_valid():
        try:
            words = form.cleaned_data.get("text", "")
            walls.ask_to_lift(case=opened.case, wall=wall, text=words, by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            tell_asked(request, opened, _("A second person was asked. Until she agrees nothing changes."))
            return redirect(PEOPLE, code=code)
    context = {**title_context(request, opened, PEOPLE), "form": form, "wall": wall}
    return render(request, "cases/wall_lift.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def request_wall(request: StaffRequest, code: str) -> HttpResponse:
    """Who must not see a request, and one more."""
    found = access.get_request(request.user, code)
    standing = kept.list_walls(found.pk)
    people = kept.people_to_keep_out(request.user, besides=[wall.person for wall in standing])
    form = WallForm(posted(request), people=people, of_request=True)
    if request.method == "POST" and form.is_valid() and _kept_out_of_request(request, found, form):
        messages.success(request, _("She is kept out. She meets no trace of this request."))
        return redirect("cases:request_wall", code=code)
    texts = walls.read_reasons_of_request(request=found, by=request.user)
    context = {"help_request": found, "form": form, "walls": [(wall, texts.get(wall.id, "")) for wall in standing]}
    return render(request, "cases/request_wall.html", context, status=422 if form.errors else 200)


def _kept_out_of_request(request: StaffRequest, found: "HelpRequest", form: WallForm) -> bool:
    values = form.cleaned_data
    try:
        walls.keep_out_of_request(
            request=found,
            person=values["person"],
            reason=WallReason(values["reason"]),
            text=values["text"].strip(),
            by=request.user,
        )
    except WrongState as error:
        form.add_error("person", error.message)
        return False
    return True


@require_POST
def request_wall_lift(request: StaffRequest, code: str, request_wall_id: UUID) -> HttpResponse:
    """The first member of the team asks, another one lifts."""
    found = access.get_request(request.user, code)
    lifted = walls.lift_of_request(wall=kept.get_wall(found.pk, request_wall_id), by=request.user)
    if lifted:
        messages.success(request, _("She may see it again."))
    else:
        asked = _("You asked that she may see it again. Another member of the team has to agree, on this page.")
        tell_team_asked(request, found, asked)
    return redirect("cases:request_wall", code=code)


@require_POST
def request_protect(request: StaffRequest, code: str) -> HttpResponse:
    """The case it becomes is protected."""
    found = access.get_request(request.user, code)
    protection.protect_request(request=found, by=request.user)
    messages.success(request, _("Marked. The case it becomes is protected."))
    return redirect("cases:request_detail", code=code)


@require_http_methods(["GET", "POST"])
def case_protect(request: StaffRequest, code: str) -> HttpResponse:
    """Protect a case by one act; ask a second person to take it off again."""
    opened = require(access.get_case(request.user, code), "protect_case")
    was = is_protected(opened.case)
    if was and request.method == "POST" and "text" not in request.POST:  # "Protect it" of a page from before
        messages.info(request, _("It is protected already."))
        return redirect("cases:case_detail", code=code)
    if not was and "text" in request.POST:  # her wish to take it off, which somebody has done meanwhile
        messages.info(request, _("It is not protected any more."))
        return redirect("cases:case_detail", code=code)
    form = LiftForm(posted(request)) if was else None
    if request.method == "POST" and form is None:
        protection.protect_case(case=opened.case, by=request.user)
        messages.success(request, _("The case is protected: named holders only."))
        return redirect("cases:case_facts", code=code)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            protection.ask_to_unprotect(case=opened.case, text=form.cleaned_data["text"], by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            tell_asked(request, opened, _("A second person was asked. Until she agrees nothing changes."))
            return redirect("cases:case_facts", code=code)
    context = {**title_context(request, opened, "cases:case_facts"), "form": form}
    return render(request, "cases/case_protect.html", context, status=422 if form and form.errors else 200)
