"""Facts of a case: codes with their history beside them, texts in versions, stage, the flag of a minor, links."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import record
from cases.choices import MinorFlag, Stage
from cases.codes import LinkKind
from cases.forms.facts import FactsForm, LinkForm, MinorForm, TextForm, ToldForm
from cases.services import casework, facts, links
from cases.services.sealed_facts import is_protected
from cases.views.asking import tell_asked
from cases.views.cases import case_page, stage_context, timeline_lines
from cases.views.helpers import case_context, minor_steps, posted, require, title_context

HERE = "cases:case_facts"


@require_http_methods(["GET", "POST"])
def case_facts(request: StaffRequest, code: str) -> HttpResponse:
    """Coded facts in one form, the history of changes beside it."""
    opened = access.get_case(request.user, code)
    if request.method == "POST":
        require(opened, "change_facts")
    content = casework.read_content(case=opened.case, records=(), by=request.user)
    form = FactsForm(posted(request), initial=_facts_now(opened, content))
    if request.method == "POST" and form.is_valid() and form.overtaken():
        form = _facts_on_top(opened, form)
    elif request.method == "POST" and form.is_valid():
        facts.change_facts(case=opened.case, values=form.changed_values(), by=request.user)
        messages.success(request, _("Saved. What stood there before is in the history."))
        return redirect(HERE, code=code)
    return facts_page(request, opened, facts_form=form, content=content)


def _facts_now(opened: access.OpenedCase, content: casework.CaseContent | None) -> dict[str, Any]:
    """What stands in the form: of a protected case the sensitive facts are what the content key opened."""
    columns = {name: getattr(opened.case, name) for name in FactsForm.FACTS}
    columns["flagged"] = opened.case.concerns_minor
    if is_protected(opened.case):
        del columns["on_duty_may_call"]
    return {**columns, **(content.sealed_facts if content else {})}


def _facts_on_top(opened: access.OpenedCase, form: FactsForm) -> FactsForm:
    """The form again where somebody else was faster with the same fields: who, what stands there now, and hers."""
    anew = form.on_top()
    anew.full_clean()
    for name in form.overtaken():
        words = {"who": record.last_changed_by(opened, name), "now": form.shown(name)}
        told = _(
            "Changed meanwhile by %(who)s: it is “%(now)s” now. Your choice stands here; save again if it is right."
        )
        anew.add_error(name, told % words)
    return anew


def facts_page(
    request: StaffRequest,
    opened: access.OpenedCase,
    *,
    facts_form: FactsForm | None = None,
    link_form: LinkForm | None = None,
    content: casework.CaseContent | None = None,
) -> HttpResponse:
    """The section; also where a form on it was refused."""
    refused = next((form for form in (facts_form, link_form) if form is not None and form.errors), None)
    content = content or casework.read_content(case=opened.case, records=(), by=request.user)
    page = record.list_changes(opened, page=page_number(request))
    context = {
        **case_context(opened, content, HERE),
        "content": content,
        "facts_form": facts_form or FactsForm(initial=_facts_now(opened, content)),
        "link_form": link_form or LinkForm(),
        "minor_steps": minor_steps(),
        "links": record.list_links(opened, request.user),
        "lines": timeline_lines(page, {}),
        "page": page,
        "form": refused,
        **stage_context(opened, page, request.user),
    }
    return render(request, "cases/case_facts.html", context, status=422 if refused else 200)


@require_POST
def stage_set(request: StaffRequest, code: str) -> HttpResponse:
    """One click to any stage; the way back is one click too."""
    opened = access.get_case(request.user, code)
    wanted = request.POST.get("stage", "")
    if wanted not in Stage.values:
        messages.error(request, _("Choose one of the stages. Nothing was changed."))
    else:
        facts.set_stage(case=opened.case, stage=Stage(wanted), by=request.user)
        messages.success(request, _("Stage: %(stage)s.") % {"stage": Stage(wanted).label})
    return redirect(HERE if request.POST.get("from") == "facts" else "cases:case_detail", code=code)


@require_http_methods(["GET", "POST"])
def text_change(request: StaffRequest, code: str, text: str) -> HttpResponse:
    """A text of the case and all its versions; a change is the next version. Two tabs: the second gets both texts."""
    if text not in facts.TEXTS:
        raise Http404
    opened = access.get_case(request.user, code)
    if request.method == "POST":
        require(opened, "change_facts")
    versions = facts.text_versions(case=opened.case, name=text, by=request.user)
    seen, now = (versions[0].revision, versions[0].value) if versions else (0, "")
    form = TextForm(posted(request), name=text, initial={"seen": seen, "text": now})
    changed = False
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            if values["text"] != now:  # a second click finds it written
                facts.revise_text(
                    case=opened.case, name=text, value=values["text"], seen=values["seen"], by=request.user
                )
        except WrongState as error:  # perhaps in this very moment: read again
            versions, changed = facts.text_versions(case=opened.case, name=text, by=request.user), True
            form = _on_top(request, text, versions[0].revision if versions else 0, error)
        else:
            messages.success(request, _("Saved as a new version. The older ones stay."))
            return redirect("cases:case_detail", code=code)
    more = {"form": form, "versions": versions, "changed": changed}
    context = {**title_context(request, opened, HERE), **more}
    return render(request, "cases/text_change.html", context, status=422 if form.errors else 200)


def _on_top(request: StaffRequest, name: str, seen: int, error: WrongState) -> TextForm:
    """Her text again, now on top of the newest version: she sees both, and sending it anew replaces that one."""
    data = request.POST.copy()
    data["seen"] = str(seen)
    form = TextForm(data, name=name)
    form.add_error("text", error.message)
    return form


@require_POST
def told_add(request: StaffRequest, code: str) -> HttpResponse:
    """One more line of what she has told already."""
    opened = require(access.get_case(request.user, code), "change_facts")
    form = ToldForm(request.POST)
    if not form.is_valid():
        return case_page(request, opened, told_form=form)
    facts.add_told(case=opened.case, line=form.cleaned_data["line"], by=request.user)
    messages.success(request, _("Added. Nobody has to ask her that again."))
    return redirect("cases:case_detail", code=code)


@require_http_methods(["GET", "POST"])
def minor_set(request: StaffRequest, code: str) -> HttpResponse:
    """Say that she or somebody in the material is under 18, at any time; the protocol stands above."""
    opened = require(access.get_case(request.user, code), "change_facts")
    form = MinorForm(posted(request), flagged=opened.case.concerns_minor, initial={"flag": opened.case.minor})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        flag = MinorFlag(values["flag"])
        try:
            asked = facts.set_minor(case=opened.case, flag=flag, reason=values.get("reason", ""), by=request.user)
        except WrongState as error:
            form.add_error(None, error.message)
        else:
            if asked:
                tell_asked(request, opened, _("A second person was asked. Until then it stays as it is."))
            else:
                messages.success(request, _("Saved: %(flag)s.") % {"flag": flag.label})
            return redirect("cases:case_detail", code=code)
    context = {
        **title_context(request, opened, HERE),
        "form": form,
        "protocol": minor_steps(),
    }
    return render(request, "cases/minor_set.html", context, status=422 if form.errors else 200)


@require_POST
def link_create(request: StaffRequest, code: str) -> HttpResponse:
    """Link the case with another one that she sees."""
    opened = require(access.get_case(request.user, code), "change_facts")
    form = LinkForm(request.POST)
    if form.is_valid():
        other = record.linkable_case(request.user, form.cleaned_data["code"])
        try:
            if other is None:
                raise WrongState(_("You see no case with this code. Ask whoever is on call."))
            kind = LinkKind(form.cleaned_data["kind"])
            links.link_cases(case=opened.case, other=other, kind=kind, by=request.user)
        except WrongState as error:
            form.add_error("code", error.message)
        else:
            messages.success(request, _("The cases are linked. Only who sees both sees the link."))
            return redirect(HERE, code=code)
    return facts_page(request, opened, link_form=form)


@require_POST
def link_remove(request: StaffRequest, code: str, link_id: UUID) -> HttpResponse:
    """Take a link away."""
    opened = access.get_case(request.user, code)
    links.unlink_cases(case=opened.case, link=record.get_link(opened, request.user, link_id), by=request.user)
    messages.success(request, _("The link was taken away."))
    return redirect(HERE, code=code)
