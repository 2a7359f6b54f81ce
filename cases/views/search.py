"""Search: a code from anywhere, words in her own open cases."""

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Role
from accounts.requests import StaffRequest
from cases.access import require_role
from cases.access.search import cases_to_search, codes_of, find_code, still_visible
from cases.forms.search import SearchForm
from cases.services import search
from cases.services.search import SHOWN_OF_A_CASE, Hit, Search
from cases.views.helpers import posted

# What a found text is called, and the page of the case on which it stands.
PLACES: dict[str, tuple[Promise, str]] = {
    "case.title": (_("Working title"), ""),
    "case.summary": (_("What happened"), ""),
    "case.told": (_("Already told"), ""),
    "note.text": (_("Note"), "#notes"),
    "deadline.text": (_("Date"), "#dates"),
    "task.text": (_("Task or promise"), ""),
    "attempt.text": (_("Contact attempt"), ""),
    "incident.text": (_("What happened"), ""),
    "approval.reason": (_("Second person"), ""),
    "file.name": (_("File"), "/files"),
}
OTHER: tuple[Promise, str] = (_("Text"), "")


@require_POST
def find(request: StaffRequest) -> HttpResponse:
    """The small field of every page: a code leads to what it names, if she sees it."""
    found = find_code(request.user, request.POST.get("code", "")[:40])
    if found:
        return redirect(found[0], code=found[1])
    return render(request, "cases/search.html", {"form": SearchForm(), "nothing_under_code": True}, status=404)


@require_http_methods(["GET", "POST"])
def search_cases(request: StaffRequest) -> HttpResponse:
    """Words in her open cases: what was found so far, and the page goes on by itself."""
    require_role(request.user, Role.CASEWORKER, Role.LAWYER)
    token = request.POST.get("go_on", "")
    if token:
        before = search.resume(token=token, by=request.user)
        visible = set(still_visible(request.user, [*before.left, *before.found]))
        return _found(request, before.only(visible), SearchForm())
    form = SearchForm(posted(request))
    if not form.is_valid():
        return render(request, "cases/search.html", {"form": form}, status=422 if form.is_bound else 200)
    case_ids, beyond = cases_to_search(request.user)
    words = form.cleaned_data["words"]
    return _found(
        request,
        search.begin(words=words, case_ids=case_ids, beyond=beyond, by=request.user),
        SearchForm({"words": words}),
    )


def _found(request: StaffRequest, before: Search, form: SearchForm) -> HttpResponse:
    """A step further: the whole page, or for htmx only what is new."""
    in_part = "HX-Request" in request.headers
    now, hits = search.go_on(search=before, again=not in_part, by=request.user)
    if not form.is_bound:
        form = SearchForm({"words": now.words})
    context = {
        "form": form,
        "search": now,
        "groups": _groups(request, hits),
        "go_on": now.signed(request.user) if now.left else "",
    }
    return render(request, "cases/search_part.html" if in_part else "cases/search.html", context)


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
    label, place = PLACES.get(hit.field, OTHER)
    return {
        "kind": label,
        "at": hit.written_at,
        "url": reverse("cases:case_detail", args=[code]) + place,
        "parts": hit.parts,
    }
