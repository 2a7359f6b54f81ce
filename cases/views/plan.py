"""The plan of a case: tasks and promises, with what stands beside them (safety plan, risk, services)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.plain_forms import PlainForm
from accounts.requests import StaffRequest
from cases import access
from cases.access import plan
from cases.codes import DropReason, ServiceKind, TaskState
from cases.forms.plan import AssigneeForm, DropTaskForm, MoveTaskForm, TaskForm
from cases.services import casework, tasks
from cases.views.helpers import case_context
from cases.words import labels


@require_GET
def case_plan(request: StaffRequest, code: str) -> HttpResponse:
    return plan_page(request, access.get_case(request.user, code))


def plan_page(request: StaffRequest, opened: access.OpenedCase, *, form: TaskForm | None = None) -> HttpResponse:
    """The plan; also where the form on it was refused, with everything typed still in it."""
    settled = request.GET.get("show") == "settled"
    page = plan.list_tasks(opened, settled=settled, page=page_number(request))
    content = casework.read_content(case=opened.case, records=[task.pk for task in page], by=request.user)
    texts = content.texts if content else {}
    services = plan.services_of(opened)
    kinds = labels(ServiceKind)
    context = {
        **case_context(opened, content, "cases:case_plan"),
        "content": content,
        "page": page,
        "settled": settled,
        "tasks": [(task, texts.get(task.pk, task.coded_text)) for task in page],
        "task_form": form or TaskForm(people=access.people_on(opened), user=request.user),
        "form": form,
        "safety_plan": plan.safety_plan_of(opened),
        "services": services.newest,
        "sums": [(kinds[row["kind"]], row["number"], row["minutes"]) for row in services.sums],
    }
    return render(request, "cases/case_plan.html", context, status=422 if form else 200)


@require_POST
def task_create(request: StaffRequest, code: str) -> HttpResponse:
    """Set a task or make a promise."""
    opened = access.get_case(request.user, code)
    form = TaskForm(request.POST, people=access.people_on(opened), user=request.user)
    if form.is_valid():
        try:
            tasks.set_task(case=opened.case, new=form.new_task(), by=request.user)
        except WrongState as error:
            form.add_error("assignee", error.message)
        else:
            messages.success(request, _("Noted. Reminders follow by themselves."))
            return redirect("cases:case_plan", code=code)
    return plan_page(request, opened, form=form)


@require_GET
def task_detail(request: StaffRequest, code: str, task_id: UUID) -> HttpResponse:
    """Another time, somebody else, or drop it."""
    opened = access.get_case(request.user, code)
    return _task_page(request, opened, plan.get_task(opened, task_id))


def _task_page(
    request: StaffRequest, opened: access.OpenedCase, task: Any, form: PlainForm | None = None
) -> HttpResponse:
    """The page of one task, with the form that was refused, if one was."""
    content = casework.read_content(case=opened.case, records=[task.pk], by=request.user)
    local = timezone.localtime(task.due_at)
    forms = {
        "move_form": MoveTaskForm(exact=task.exact, initial={"due_on": local.date(), "minute": local.time()}),
        "assign_form": AssigneeForm(people=access.people_on(opened), initial={"assignee": task.assignee_id}),
        "drop_form": DropTaskForm(),
    }
    names = {MoveTaskForm: "move_form", AssigneeForm: "assign_form", DropTaskForm: "drop_form"}
    if form is not None:
        forms[names[type(form)]] = form
    context = {
        **case_context(opened, content, "cases:case_plan"),
        **forms,
        "task": task,
        "text": content.texts.get(task.pk, task.coded_text) if content else "",
        "form": form,
    }
    return render(request, "cases/task_detail.html", context, status=422 if form else 200)


@require_POST
def task_finish(request: StaffRequest, code: str, task_id: UUID) -> HttpResponse:
    """Mark a task as done; from the desk back to the desk."""
    opened = access.get_case(request.user, code)
    tasks.finish_task(case=opened.case, task=plan.get_task(opened, task_id), by=request.user)
    messages.success(request, _("Done. You can undo this on the plan, under “settled”."))
    return redirect("cases:desk") if request.POST.get("back") == "desk" else redirect("cases:case_plan", code=code)


@require_POST
def task_reopen(request: StaffRequest, code: str, task_id: UUID) -> HttpResponse:
    """Undo: the task is open again."""
    opened = access.get_case(request.user, code)
    tasks.reopen_task(case=opened.case, task=plan.get_task(opened, task_id), by=request.user)
    messages.success(request, _("The task is open again."))
    return redirect("cases:case_plan", code=code)


@require_POST
def task_drop(request: StaffRequest, code: str, task_id: UUID) -> HttpResponse:
    """Drop a task, with a reason."""
    opened = access.get_case(request.user, code)
    task = plan.get_task(opened, task_id)
    form = DropTaskForm(request.POST)
    if not form.is_valid():
        return _task_page(request, opened, task, form)
    reason, seen = DropReason(form.cleaned_data["reason"]), request.POST.get("seen")
    try:
        tasks.drop_task(case=opened.case, task=task, reason=reason, seen=seen, by=request.user)
    except WrongState as error:
        return _overtaken(request, opened, task, form, "reason", error)
    messages.success(request, _("Dropped. You can undo this on the plan, under “settled”."))
    return redirect("cases:case_plan", code=code)


@require_POST
def task_move(request: StaffRequest, code: str, task_id: UUID) -> HttpResponse:
    """Move a task to another time."""
    opened = access.get_case(request.user, code)
    task = plan.get_task(opened, task_id)
    form = MoveTaskForm(request.POST, exact=task.exact)
    if not form.is_valid():
        return _task_page(request, opened, task, form)
    due_at, seen = form.cleaned_data["due_at"], request.POST.get("seen")
    try:
        tasks.move_task(case=opened.case, task=task, due_at=due_at, seen=seen, by=request.user)
    except WrongState as error:
        return _overtaken(request, opened, task, form, "due_on", error)
    messages.success(request, _("Moved. Reminders follow the new time."))
    return redirect("cases:case_plan", code=code)


@require_POST
def task_assign(request: StaffRequest, code: str, task_id: UUID) -> HttpResponse:
    """Give a task to somebody else on the case."""
    opened = access.get_case(request.user, code)
    task = plan.get_task(opened, task_id)
    form = AssigneeForm(request.POST, people=access.people_on(opened))
    if not form.is_valid():
        return _task_page(request, opened, task, form)
    person, seen = form.cleaned_data["assignee"], request.POST.get("seen")
    try:
        tasks.reassign_task(case=opened.case, task=task, assignee=person, seen=seen, by=request.user)
    except WrongState as error:
        if task.state == TaskState.OPEN:
            return _overtaken(request, opened, task, form, "assignee", error)
        messages.error(request, error.message)
    else:
        messages.success(request, _("She is reminded of it from now on."))
    return redirect("cases:case_plan", code=code)


def _overtaken(
    request: StaffRequest, opened: access.OpenedCase, task: Any, form: PlainForm, field: str, error: WrongState
) -> HttpResponse:
    """Somebody was faster: what she chose stays in the form, beside what stands there now. Of a settled one: `error`."""
    now = plan.get_task(opened, task.pk)
    if now.state != TaskState.OPEN:
        raise error
    form.add_error(field, error.message)
    return _task_page(request, opened, now, form)
