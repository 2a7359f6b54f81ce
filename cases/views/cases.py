"""Cases: the list by next due date, one case, its notes, how she can be reached."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from cases import access
from cases.choices import CaseState, NoteType, Risk, Stage
from cases.forms.work import DeadlineForm, NoteForm
from cases.services import casework
from cases.views.helpers import labels, page_number


@require_GET
def case_list(request: StaffRequest) -> HttpResponse:
    """Her cases."""
    state = request.GET.get("state", CaseState.OPEN)
    page = access.list_cases(request.user, state=state, page=page_number(request))
    titles = casework.read_titles(cases=page, by=request.user)
    stages, risks = labels(Stage), labels(Risk)
    rows = [(case, titles.get(case.pk, ""), stages[case.stage], risks[case.risk]) for case in page]
    context = {"page": page, "rows": rows, "state": state, "states": CaseState.choices}
    return render(request, "cases/case_list.html", context)


@require_GET
def case_detail(request: StaffRequest, code: str) -> HttpResponse:
    return case_page(request, access.get_case(request.user, code))


def case_page(
    request: StaffRequest,
    opened: access.OpenedCase,
    *,
    note_form: NoteForm | None = None,
    deadline_form: DeadlineForm | None = None,
    reach: dict | None = None,
) -> HttpResponse:
    """The page of a case; also where a form on it was refused, with everything typed still in it."""
    notes, dates = access.list_notes(opened, page=page_number(request)), list(access.list_deadlines(opened))
    records = [record.pk for record in (*notes, *dates)]
    content = casework.read_content(case=opened.case, records=records, by=request.user)
    texts = content.texts if content else {}
    context = {
        "case": opened.case,
        "actions": opened.actions,
        "content": content,
        "notes": [
            (note.written_at, note.written_by__display_name, NoteType(note.type).label, texts.get(note.pk, ""))
            for note in notes
        ],
        "page": notes,
        "dates": [(date, texts.get(date.pk, "")) for date in dates],
        "people": [row for row in access.list_assignments(opened) if not row.ended_at],
        "note_form": note_form or NoteForm(user=request.user),
        "deadline_form": deadline_form or DeadlineForm(people=access.people_on(opened)),
        "reach": reach,
        "form": note_form or deadline_form,
    }
    return render(request, "cases/case_detail.html", context, status=422 if context["form"] else 200)


@require_POST
def note_create(request: StaffRequest, code: str) -> HttpResponse:
    """Add a note."""
    opened = access.get_case(request.user, code)
    form = NoteForm(request.POST, user=request.user)
    if not form.is_valid():
        return case_page(request, opened, note_form=form)
    values = form.cleaned_data
    casework.write_note(
        case=opened.case, nonce=values["nonce"], type=NoteType(values["type"]), text=values["text"], by=request.user
    )
    messages.success(request, _("The note was saved."))
    return redirect("cases:case_detail", code=code)


@require_POST
def case_reach(request: StaffRequest, code: str) -> HttpResponse:
    """Show how she can be reached: one click, logged, for lead and backup."""
    opened = access.get_case(request.user, code)
    return case_page(request, opened, reach=casework.open_reach(case=opened.case, by=request.user))
