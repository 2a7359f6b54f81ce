"""The risk of a case: its level and why, what it asks for, its history, and the questions."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import NotAllowed, WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import plan
from cases.choices import Risk
from cases.forms.fields import NonceForm
from cases.forms.risk import RiskForm, condition_words, words
from cases.knowledge import risk, risk_screen
from cases.services import casework, ratings
from cases.views.asking import tell_asked
from cases.views.attempt import tell_attempt, tell_known
from cases.views.helpers import case_context, posted
from cases.words import labels


def so_far(answers: dict[str, str], case: Any) -> dict[str, Any]:
    """What the answers lead to and why, in words; whether that is lower than the case's."""
    found = risk.assess(answers, minor=case.concerns_minor)
    asked_next = risk.next_questions(answers, minor=case.concerns_minor)
    levels = labels(Risk)
    return {
        "level": found.level.id,
        "label": levels[found.level.id],
        "why": [(match.level.id, levels[match.level.id], condition_words(match.condition)) for match in found.matches],
        "missing": [words(question) for question in found.missing],
        "ask_next": (asked_next[0].id, words(asked_next[0])) if asked_next else None,
        "prompts": [words(entry) for entry in found.prompts],
        "stop": any(entry.id == risk.STOP for entry in found.prompts),
        "is_lower": risk.is_lower(case.risk, found.level.id),
    }


@require_GET
def case_risk(request: StaffRequest, code: str) -> HttpResponse:
    """The level, why, what it asks for with a task by one click, and the history."""
    opened = access.get_case(request.user, code)
    page = plan.list_ratings(opened, page=page_number(request))
    content = casework.read_content(case=opened.case, records=[], by=request.user)
    answers = ratings.read_answers(case=opened.case, ratings=page, by=request.user)
    current = next((rating for rating in page if rating.counts), None)
    actions = [(entry.id, words(entry)) for entry in risk.actions(opened.case.risk)]
    context = {
        **case_context(opened, content, "cases:case_plan"),
        "content": content,
        "page": page,
        "current": current,
        "why": so_far(answers[current.pk], opened.case) if current and current.pk in answers else None,
        "asked_of_us": [(action, words_, NonceForm()) for action, words_ in actions],
        "nonce_form": NonceForm(),
        "draft": not risk_screen().review.reviewed,
    }
    return render(request, "cases/case_risk.html", context)


@require_http_methods(["GET", "POST"])
def risk_assess(request: StaffRequest, code: str) -> HttpResponse:
    """The questions. `look` shows the level so far and saves nothing; so does each answer, where scripts run."""
    opened = access.get_case(request.user, code)
    content = casework.read_content(case=opened.case, records=[], by=request.user)
    if content is None or "assess_risk" not in opened.actions:
        raise NotAllowed
    form = RiskForm(posted(request), answers=_last_answers(request, opened))
    if request.method == "POST" and form.is_valid() and "look" not in request.POST and _counts(form, opened.case):
        values = form.cleaned_data
        try:
            rating = ratings.rate(
                case=opened.case,
                nonce=values["nonce"],
                answers=form.answers(),
                raised=values["raised"],
                reason=values["reason"],
                by=request.user,
            )
        except WrongState as error:
            form.add_error("reason", error.message)
        else:
            new = rating.counts and rating.level == Risk.IMMEDIATE != opened.case.risk
            if rating.attempt or (new and ratings.nobody_there(case=opened.case)):
                tell_attempt(request, ratings.attempt_people(case=opened.case))
            elif rating.counts:
                messages.success(request, _("Saved. This is what the level asks of us."))
            else:
                tell_asked(
                    request, opened, _("Saved. A second person is asked; until she agrees the risk stays as it is.")
                )
            return redirect("cases:case_risk", code=code)
    return _questions_page(request, opened, content, form)


def _counts(form: RiskForm, case: Any) -> bool:
    """Whether her own judgement counts beside these answers; what does not is said, never dropped."""
    found = risk.assess(form.answers(), minor=case.concerns_minor)
    names = labels(Risk)
    higher = {other.id: names[other.id] for other in ratings.higher_levels(found.level)}
    if form.cleaned_data["raised"] in {"", found.level.id, *higher}:
        return True
    told = _(
        "The answers say “%(level)s”. Beside that counts: %(higher)s. For another level ask more of the questions."
    )
    words = {"level": names[found.level.id], "higher": ", ".join(map(str, higher.values())) or "–"}
    form.add_error("raised", told % words)
    return False


def _questions_page(
    request: StaffRequest, opened: access.OpenedCase, content: casework.CaseContent, form: RiskForm
) -> HttpResponse:
    answers = form.answers() if form.is_bound else form.first_answers()
    context = {
        **case_context(opened, content, "cases:case_plan"),
        "form": form,
        "so_far": so_far(answers, opened.case),
        "principles": [words(entry) for entry in risk_screen().principles],
        "draft": not risk_screen().review.reviewed,
    }
    return render(request, "cases/risk_assess.html", context, status=422 if form.errors else 200)


def _last_answers(request: StaffRequest, opened: access.OpenedCase) -> dict[str, str]:
    """The newest answers, where she wants to go on from them."""
    if request.GET.get("from") != "last":
        return {}
    newest = list(plan.list_ratings(opened, page=1))[:1]
    found = ratings.read_answers(case=opened.case, ratings=newest, by=request.user)
    return next(iter(found.values()), {})


@require_POST
def risk_attempt(request: StaffRequest, code: str) -> HttpResponse:
    """She is trying to end her life now: one click."""
    opened = access.get_case(request.user, code)
    form = NonceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Load the page again."))
    else:
        known = ratings.attempt_under_way(case=opened.case, nonce=form.cleaned_data["nonce"], by=request.user)
        people = ratings.attempt_people(case=opened.case)
        tell_known(request, known, people) if known else tell_attempt(request, people)
    return redirect("cases:case_risk", code=code)


@require_POST
def risk_action(request: StaffRequest, code: str) -> HttpResponse:
    """Make a task of something that the level asks for."""
    opened = access.get_case(request.user, code)
    form = NonceForm(request.POST)
    wanted = request.POST.get("action", "")
    if wanted not in {entry.id for entry in risk.actions(opened.case.risk)} or not form.is_valid():
        raise Http404
    nonce = form.cleaned_data["nonce"]
    ratings.set_action_task(case=opened.case, nonce=nonce, action=wanted, by=request.user)
    messages.success(request, _("It stands on the plan and on your desk."))
    return redirect("cases:case_risk", code=code)
