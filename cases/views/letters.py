"""Letters and phrases: the list, the organisation's own, and one written on a case."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import NotAllowed, WrongState
from accounts.requests import StaffRequest
from cases import access
from cases.access.letters import get_template, list_templates
from cases.access.plan import current_projects
from cases.choices import MinorFlag, NoteType
from cases.codes import ServiceKind, TemplateKind
from cases.forms.fields import one_line_end
from cases.forms.letters import LetterForm, ShowForm, TemplateForm, TemplateTextForm
from cases.forms.plan import ServiceForm
from cases.services import casework, letters
from cases.services.letters import Template
from cases.views.helpers import posted, title_context


def _shown(request: StaffRequest, language: str = "") -> tuple[ShowForm, str, str]:
    """The filter, the kind and the language; anything odd is letters in the given language or that of the screen."""
    usual = {"kind": TemplateKind.LETTER.value, "language": language or get_language() or "en"}
    form = ShowForm({**usual, **{name: request.GET[name] for name in usual if name in request.GET}})
    if not form.is_valid():
        form = ShowForm(usual)
        form.full_clean()
    values = {**usual, **form.cleaned_data}
    return form, values["kind"], values["language"]


def _templates(request: StaffRequest, kind: str, language: str) -> list[Template]:
    own = [letters.as_template(row) for row in list_templates(request.user, kind=kind, language=language)]
    return [*own, *letters.shipped(kind=kind, language=language)]


@require_GET
def letter_list(request: StaffRequest) -> HttpResponse:
    """Letters and phrases by kind and language."""
    form, kind, language = _shown(request)
    context = {"filter": form, "templates": _templates(request, kind, language)}
    return render(request, "cases/letter_list.html", context)


@require_http_methods(["GET", "POST"])
def letter_create(request: StaffRequest) -> HttpResponse:
    """Add one of the organisation's own."""
    access.require_role(request.user, *letters.EDITORS)
    form = TemplateForm(posted(request), initial={"language": get_language()})
    if not form.is_valid():
        return render(request, "cases/letter_edit.html", {"form": form}, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    letters.add_template(
        nonce=values["nonce"],
        kind=TemplateKind(values["kind"]),
        language=values["language"],
        title=values["title"],
        body=values["body"],
        by=request.user,
    )
    messages.success(request, _("Saved. Everybody who works here can use it now."))
    return redirect("cases:letter_list")


@require_http_methods(["GET", "POST"])
def letter_change(request: StaffRequest, template_id: UUID) -> HttpResponse:
    """Change one of the organisation's own."""
    template = get_template(request.user, template_id)
    start = {"title": template.title, "body": template.body, "seen": template.changed_at.isoformat()}
    form = TemplateTextForm(posted(request), initial=start)
    if not form.is_valid():
        context = {"form": form, "template": template}
        return render(request, "cases/letter_edit.html", context, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    seen: datetime = values["seen"] or template.changed_at
    letters.change_template(template=template, title=values["title"], body=values["body"], seen=seen, by=request.user)
    messages.success(request, _("Saved. Everybody who works here can use it now."))
    return redirect("cases:letter_list")


@require_POST
def letter_retire(request: StaffRequest, template_id: UUID) -> HttpResponse:
    """Take one of the organisation's own off the list."""
    letters.retire_template(template=get_template(request.user, template_id), by=request.user)
    messages.success(request, _("It is not offered any more."))
    return redirect("cases:letter_list")


# --- On a case --------------------------------------------------------------------------------
@require_GET
def case_letter(request: StaffRequest, code: str) -> HttpResponse:
    """Choose a letter or phrase; the chosen one is filled in and can be changed."""
    opened = _opened(request, code)
    show, kind, language = _shown(request, letters.language_for(case=opened.case, screen=get_language() or "en"))
    templates = _templates(request, kind, language)
    chosen = request.GET.get("template", "")
    form = None
    if chosen:
        template = next((one for one in templates if one.code == chosen), None)
        if template is None:
            raise Http404
        text = letters.fill(template=template, case=opened.case, language=language, by=request.user)
        form = LetterForm(initial={"text": text, "template": chosen, "filled_in": language, "language": language})
    return _letter_page(request, opened, form, filter=show, templates=templates, kind=kind, language=language)


@require_POST
def case_letter_use(request: StaffRequest, code: str) -> HttpResponse:
    """Show it for copying and printing, also as a file of the case; or save it as a note. Nothing else is stored."""
    opened = _opened(request, code)
    form, to = LetterForm(request.POST), request.POST.get("to")
    if not form.is_valid():
        return _letter_page(request, opened, form)
    if to == "language":
        return _in_another_language(request, opened, form)
    if to == "writing":
        values = {name: value for name, value in form.cleaned_data.items() if name != "nonce"}
        return _letter_page(request, opened, LetterForm(initial=values))
    nonce, text = form.cleaned_data["nonce"], form.cleaned_data["text"]
    places = letters.places(text) if to in ("note", "file") and not form.cleaned_data["as_it_is"] else []
    if places:
        said = _("This still has to be filled in: %(places)s. Fill it in, or keep it as it is: the tick is below.")
        form.add_error("text", said % {"places": " ".join(places)})
        return _letter_page(request, opened, form, places=places)
    if to == "note":
        kind = NoteType.LEGAL_NOTE if request.user.has("lawyer") else NoteType.CASE_NOTE
        casework.write_note(case=opened.case, nonce=nonce, type=kind, text=text, by=request.user)
        messages.success(request, _("The note was saved."))
        return redirect("cases:case_detail", code=code)
    try:
        if to == "file":
            letters.keep_as_file(case=opened.case, nonce=nonce, text=text, by=request.user)
        letters.tell_written(case=opened.case, by=request.user)
    except WrongState as error:
        form.add_error("text", error.message)
        return _letter_page(request, opened, form)
    return _written(request, opened, form, kept=to == "file")


def _written(request: StaffRequest, opened: access.OpenedCase, form: LetterForm, *, kept: bool) -> HttpResponse:
    """The letter to print or copy, what is still open in it, the way back to writing, and one tap for the work it was."""
    text = form.cleaned_data["text"]
    context = {
        "case": opened.case,
        "form": form,
        "text": text,
        "places": " ".join(letters.places(text)),
        "kept": kept,
        "actions": opened.actions,
        "service_form": ServiceForm(projects=current_projects()),
        "service_kinds": [(ServiceKind.LETTER, ServiceKind.LETTER.label)],
    }
    return render(request, "cases/letter_show.html", context)


def _in_another_language(request: StaffRequest, opened: access.OpenedCase, form: LetterForm) -> HttpResponse:
    """The same letter in another language; what she had typed into the first one stays below it."""
    values = form.cleaned_data
    texts = {
        language: letters.fill(template=one, case=opened.case, language=language, by=request.user)
        for language in {values["filled_in"], values["language"]} - {""}
        for kind in TemplateKind.values
        for one in _templates(request, kind, language)
        if one.code == values["template"]
    }
    if values["language"] not in texts:
        form.add_error("language", _("This letter is not there in that language. Your text is as it was."))
        return _letter_page(request, opened, form)
    untouched = one_line_end(values["text"]).strip() == texts.get(values["filled_in"], "").strip()
    typed = [values["before"]] if untouched else [values["text"], values["before"]]
    more = {"before": "\n\n".join(filter(None, typed)), "filled_in": values["language"]}
    start = {**values, **more, "text": texts[values["language"]]}
    return _letter_page(request, opened, LetterForm(initial=start))


def _opened(request: StaffRequest, code: str) -> access.OpenedCase:
    opened = access.get_case(request.user, code)
    if "write_letter" not in opened.actions:
        raise NotAllowed
    return opened


def _letter_page(
    request: StaffRequest, opened: access.OpenedCase, form: LetterForm | None, **more: object
) -> HttpResponse:
    may_keep = "add_file" in opened.actions and opened.case.minor == MinorFlag.NO
    context = {**title_context(request, opened, ""), "form": form, "may_keep": may_keep, **more}
    return render(request, "cases/case_letter.html", context, status=422 if form and form.is_bound else 200)
