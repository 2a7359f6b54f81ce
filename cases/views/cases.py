"""Cases: the list by next due date, one case, its notes."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.paging import Page, page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import record, second
from cases.access.armed import armed_now
from cases.access.completeness import list_checks, look_at
from cases.access.people import roles_on
from cases.access.plan import calls_under_way, current_projects, just_logged, list_tasks
from cases.access.timeline import list_timeline
from cases.choices import CaseRole, CaseState, DeadlineState, NoteType, Risk, Stage
from cases.codes import ServiceKind, TimelineKind
from cases.forms.facts import ToldForm
from cases.forms.plan import ServiceForm
from cases.forms.work import DeadlineForm, NoteForm
from cases.services import arming, assignment, casework
from cases.views.completeness import with_addresses
from cases.views.helpers import case_context
from cases.views.naming import texts_that_name_her
from cases.words import TimelineWords, labels

NEWEST = 30  # lines of the timeline on the overview


@require_GET
def case_list(request: StaffRequest) -> HttpResponse:
    """Her cases."""
    state = request.GET.get("state", CaseState.OPEN)
    page = access.list_cases(request.user, state=state, page=page_number(request))
    titles = casework.read_titles(cases=page, by=request.user)
    stages, risks = labels(Stage), labels(Risk)
    own = roles_on(request.user, page)
    rows = [(case, titles.get(case.pk, ""), stages[case.stage], risks[case.risk], own.get(case.pk)) for case in page]
    context = {"page": page, "rows": rows, "state": state, "states": CaseState.choices}
    return render(request, "cases/case_list.html", context)


@require_GET
def case_detail(request: StaffRequest, code: str) -> HttpResponse:
    opened = access.get_case(request.user, code)
    return deputy_page(request, opened) if opened.deputy else case_page(request, opened)


def deputy_page(request: StaffRequest, opened: access.OpenedCase) -> HttpResponse:
    """What the deputy of a protected case needs to see to it that somebody answers: what is due, and whose it is."""
    context = {
        **case_context(opened, None, "cases:case_detail"),
        "dates": access.list_deadlines(opened).filter(state=DeadlineState.RUNNING),
        "tasks": [(task, "") for task in list_tasks(opened, settled=False, page=1)],
        "people": [row for row in access.list_assignments(opened) if not row.ended_at],
    }
    return render(request, "cases/deputy.html", context)


def case_page(
    request: StaffRequest,
    opened: access.OpenedCase,
    *,
    note_form: NoteForm | None = None,
    deadline_form: DeadlineForm | None = None,
    told_form: ToldForm | None = None,
) -> HttpResponse:
    """The overview of a case; also where a form on it was refused, with everything typed still in it."""
    refused = note_form or deadline_form or told_form
    lines = list_timeline(opened, request.user, size=NEWEST)
    context = {
        **_sealed_parts(request, opened, lines),
        **_people_and_checks(request, opened),
        **stage_context(opened, lines, request.user),
        "note_form": note_form or NoteForm(user=request.user),
        "deadline_form": deadline_form or DeadlineForm(people=access.people_on(opened)),
        "told_form": told_form or ToldForm(),
        "service_form": ServiceForm(projects=current_projects()),
        "service_kinds": ServiceKind.choices,
        "form": refused,
    }
    return render(request, "cases/case_detail.html", context, status=422 if refused else 200)


def _sealed_parts(request: StaffRequest, opened: access.OpenedCase, lines: Page) -> dict[str, Any]:
    """What the content key opens for the overview, in one go: title, summary, newest lines, dates."""
    dates = list(access.list_deadlines(opened))
    records = [*(line.record_id for line in lines if line.record_id), *(date.pk for date in dates)]
    content = casework.read_content(case=opened.case, records=records, by=request.user)
    texts = content.texts if content else {}
    return {
        **case_context(opened, content, "cases:case_detail"),
        "content": content,
        "lines": timeline_lines(lines, texts),
        "more": lines.has_next,
        "dates": [(date, texts.get(date.pk, "")) for date in dates],
    }


def _people_and_checks(request: StaffRequest, opened: access.OpenedCase) -> dict[str, Any]:
    """Who is on the case, what it misses, and what one look says there is to show."""
    people = [row for row in access.list_assignments(opened) if not row.ended_at]
    look = look_at(opened)
    armed = armed_now(opened) if look.is_armed and "arm_reach" in opened.actions else None
    return {
        "people": people,
        "may_ask": "offer_assignment" in opened.actions
        and assignment.may_offer(case=opened.case, role=CaseRole.BACKUP, by=request.user),
        "checks": list_checks(opened, look),
        "missing": with_addresses(look.gaps, opened.case.code, opened.actions),
        "asked": second.list_waiting(opened) if look.has_questions else [],
        "links": record.list_links(opened, request.user) if look.has_links else [],
        "armed": armed,
        "cannot": arming.who_cannot(opened.case, armed.until) if armed else "",
        "calls": calls_under_way(opened) if look.has_calls else [],
        "naming": texts_that_name_her(request, opened) if look.has_texts_to_check else [],
        "just_logged": just_logged(request.user, opened) if look.has_services else [],
    }


def stage_context(opened: access.OpenedCase, lines: Page, user: User) -> dict[str, Any]:
    """What templates/cases/_stage.html needs: the six stages, and the one that "undo" goes back to."""
    before = record.stage_before(lines, user)
    undo = (before, Stage(before).label) if before in Stage.values and before != opened.case.stage else None
    return {"stages": Stage.choices, "stage_undo": undo}


def timeline_lines(lines: Page, texts: dict) -> list[tuple]:
    """Lines as the timeline tag wants them: when, who, title, text."""
    words = TimelineWords()
    return [
        (
            line.at,
            line.by__display_name or "",
            words.title(line.kind),
            "\n".join(part for part in (words.say(line.detail), texts.get(line.record_id, "")) if part),
        )
        for line in lines
    ]


@require_GET
def case_timeline(request: StaffRequest, code: str) -> HttpResponse:
    """Everything that happened on a case, newest first, by kind where wanted."""
    opened = access.get_case(request.user, code)
    kind = request.GET.get("kind", "")
    page = list_timeline(opened, request.user, kind=kind, page=page_number(request))
    records = [line.record_id for line in page if line.record_id]
    content = casework.read_content(case=opened.case, records=records, by=request.user)
    context = {
        **case_context(opened, content, "cases:case_timeline"),
        "lines": timeline_lines(page, content.texts if content else {}),
        "page": page,
        "kind": kind,
        "kinds": TimelineKind.choices,
    }
    return render(request, "cases/case_timeline.html", context)


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
