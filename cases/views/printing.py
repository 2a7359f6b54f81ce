"""The print of a case."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.exceptions import NotAllowed
from accounts.requests import StaffRequest
from cases import access
from cases.access.printing import incidents, newest_notes, open_tasks
from cases.services import casework, printing
from cases.views.helpers import case_context


@require_http_methods(["GET", "POST"])
def case_print(request: StaffRequest, code: str) -> HttpResponse:
    """Choose what goes on the paper; then the page to print. Only that is logged as printed."""
    opened = access.get_case(request.user, code)
    notes, dates, tasks = newest_notes(opened), list(access.list_deadlines(opened)), list(open_tasks(opened))
    records = [row.pk for row in (*notes, *dates, *tasks)]
    content = casework.read_content(case=opened.case, records=records, by=request.user)
    if content is None:
        raise NotAllowed
    lines = [(note, content.texts.get(note.pk, "")) for note in notes]
    context = {**case_context(opened, content, "cases:case_print"), "notes": lines}
    if request.method == "GET":
        return render(request, "cases/case_print_choose.html", context)
    printing.note_printed(case=opened.case, by=request.user)
    chosen = set(request.POST.getlist("note"))
    context |= {
        "content": content,
        "notes": [(note, text) for note, text in lines if str(note.pk) in chosen],
        "dates": [(date, content.texts.get(date.pk, "")) for date in dates],
        "tasks": [(task, content.texts.get(task.pk, task.coded_text)) for task in tasks],
        "incidents": printing.labels_of(incidents(opened)),
        "people": [row for row in access.list_assignments(opened) if row.state == "live"],
        "printed_at": timezone.now(),
    }
    return render(request, "cases/case_print.html", context)
