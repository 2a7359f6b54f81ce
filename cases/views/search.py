"""Search: a code from anywhere, words in her own open cases, an exact value on the identity cards she may open."""

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Role
from accounts.requests import StaffRequest
from accounts.step_up import require_step_up
from cases.access import require_role
from cases.access.identity import budget_left
from cases.access.search import cases_to_search, codes_of, find_code, reads_as_code, still_visible
from cases.compartments import OpeningKind
from cases.forms.search import ExactForm, SearchForm
from cases.services import held, search
from cases.services.search import SHOWN_OF_A_CASE, Hit, Search
from cases.views.helpers import posted
from cases.views.places import place


@require_POST
def find(request: StaffRequest) -> HttpResponse:
    """The small field of every page: a code leads to what it names, if she sees it."""
    found = find_code(request.user, request.POST.get("code", "")[:40])
    if found:
        return redirect(found[0], code=found[1])
    return render(
        request,
        "cases/search.html",
        {"form": SearchForm(), "exact_form": ExactForm(), "nothing_under_code": True},
        status=404,
    )


@require_http_methods(["GET", "POST"])
def search_cases(request: StaffRequest) -> HttpResponse:
    """Words in her open cases: what was found so far, and the page goes on by itself. A code leads to what it names."""
    require_role(request.user, Role.CASEWORKER, Role.LAWYER)
    token = request.POST.get("go_on", "")
    if token:
        before = search.resume(token=token, by=request.user)
        visible = set(still_visible(request.user, [*before.left, *before.found]))
        return _found(request, before.only(visible), SearchForm())
    form = SearchForm(posted(request))
    if not form.is_valid():
        return render(
            request,
            "cases/search.html",
            {"form": form, "exact_form": ExactForm()},
            status=422 if form.is_bound else 200,
        )
    words = form.cleaned_data["words"]
    is_code = reads_as_code(words)
    if found := find_code(request.user, words, surely=is_code):
        return redirect(found[0], code=found[1])
    case_ids, beyond = cases_to_search(request.user)
    begun = search.begin(words=words, case_ids=case_ids, beyond=beyond, by=request.user)
    return _found(request, begun, SearchForm({"words": words}), nothing_under_code=is_code)


def _found(
    request: StaffRequest, before: Search, form: SearchForm, *, nothing_under_code: bool = False
) -> HttpResponse:
    """A step further: the whole page, or for htmx only what is new."""
    in_part = "HX-Request" in request.headers
    now, hits = search.go_on(search=before, again=not in_part, by=request.user)
    if not form.is_bound:
        form = SearchForm({"words": now.words})
    context = {
        "form": form,
        "exact_form": ExactForm(),
        "search": now,
        "groups": _groups(request, hits),
        "go_on": now.signed(request.user) if now.left else "",
        "nothing_under_code": nothing_under_code,
    }
    return render(request, "cases/search_part.html" if in_part else "cases/search.html", context)


@require_POST
def search_identities(request: StaffRequest) -> HttpResponse:
    """Exactly this number, address or name on a card that she may open: codes only, within a step-up."""
    require_role(request.user, Role.CASEWORKER, Role.LAWYER)
    form = ExactForm(request.POST)
    context: dict[str, Any] = {"form": SearchForm(), "exact_form": form}
    if form.is_valid():
        require_step_up(request)
        try:
            found = held.search(typed=form.cleaned_data["typed"], by=request.user)
        except held.SearchesSpent as error:
            form.add_error(None, error.message)
        else:
            codes = sorted(codes_of(request.user, list(found)).values())
            context |= {"codes": codes, "exact_done": True, "searches_left": budget_left(OpeningKind.SEARCH)}
    return render(request, "cases/search.html", context, status=422 if form.errors else 200)


def _groups(request: StaffRequest, hits: list[Hit]) -> list[dict[str, Any]]:
    """Hits case by case, the first few of each."""
    case_ids = list({hit.case_id for hit in hits})
    codes = codes_of(request.user, case_ids)
    titles = search.titles(case_ids=case_ids, by=request.user)
    groups = []
    for case_id, of_case in groupby(hits, key=lambda hit: hit.case_id):
        if case_id in codes:
            found = list(of_case)
            shown = [_line(hit, codes[case_id]) for hit in found[:SHOWN_OF_A_CASE]]
            title = titles.get(case_id, "")
            groups.append({"code": codes[case_id], "title": title, "hits": shown, "more": len(found) - len(shown)})
    return groups


def _line(hit: Hit, code: str) -> dict[str, Any]:
    label, url = place(code, hit.field)
    return {
        "kind": label,
        "at": hit.written_at,
        "url": url,
        "parts": hit.parts,
    }
