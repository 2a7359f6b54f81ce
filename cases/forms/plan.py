"""Forms of the plan of a case: tasks and promises, calls, the safety plan, services."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.plain_forms import PlainForm
from accounts.rendering import DateInput
from cases.codes import SET_BY_HAND, CallResult, DropReason, ServiceKind, TaskKind
from cases.forms.contact import ContactFields
from cases.forms.fields import SMALL, PersonField, RowField, coming_day, form_nonce, long_text
from cases.knowledge import label, risk_screen
from cases.services.tasks import NewTask, end_of

MINUTES = (10, 20, 30, 60)


class TimeInput(forms.TimeInput):
    """The browser's own field for a time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "govuk-input--width-10"}, format="%H:%M")


def moment(form: forms.Form, day: Any, minute: time | None, field: str) -> datetime | None:
    """The moment that a day and a minute mean in the reader's zone; what does not exist or has passed is an error of the field."""
    if day is None:
        return None
    if minute is None:
        return end_of(day)
    try:
        found = from_current_timezone(datetime.combine(day, minute))
    except forms.ValidationError:
        form.add_error(field, _("The clocks change at that time. Choose another minute."))
        return None
    if found is None or found < timezone.now():
        form.add_error(field, _("This minute has passed. Choose a later one."))
        return None
    return found


class WhenForm(PlainForm):
    """A day, and a minute where one was promised."""

    due_on = forms.DateField(label=_("Day"), widget=DateInput)
    minute = forms.TimeField(
        label=_("Minute"), widget=TimeInput, required=False, help_text=_("Only where a minute was promised.")
    )

    def clean_due_on(self) -> Any:
        return coming_day(self.cleaned_data["due_on"])

    def clean(self) -> Any:
        values = super().clean() or self.cleaned_data
        if "due_on" in values and "minute" in values:
            values["due_at"] = moment(self, values["due_on"], values["minute"], "minute")
        return values


class TaskForm(WhenForm):
    """A task or a promise."""

    field_order = ("kind", "text", "due_on", "minute", "assignee")
    nonce = form_nonce()
    kind = forms.ChoiceField(
        label=_("What is it?"), choices=SET_BY_HAND, initial=TaskKind.TASK, widget=forms.RadioSelect(attrs=SMALL)
    )
    text = forms.CharField(label=_("What is to be done"), max_length=300)
    assignee = PersonField(label=_("Who does it"), empty_label=None)

    def __init__(self, *args: Any, people: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "task_%s", **kwargs})
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]  # stubs know Field only
        self.fields["assignee"].initial = user.pk

    def new_task(self) -> NewTask:
        values = self.cleaned_data
        names = ("nonce", "kind", "due_at", "assignee", "text")
        return NewTask(exact=values["minute"] is not None, **{name: values[name] for name in names})


class MoveTaskForm(WhenForm):
    """Another time for a task: a day, and the minute where it has one."""

    def __init__(self, *args: Any, exact: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "move_%s", **kwargs})
        if exact:
            self.fields["minute"].required = True
            self.fields["minute"].help_text = ""
        else:
            del self.fields["minute"]

    def clean(self) -> Any:
        values = super().clean()
        if "minute" not in self.fields and values.get("due_on"):
            values["due_at"] = end_of(values["due_on"])
        return values


class AssigneeForm(PlainForm):
    """Who does it."""

    assignee = PersonField(label=_("Who does it"), empty_label=None)

    def __init__(self, *args: Any, people: Any, nobody: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "assign_%s", **kwargs})
        field: Any = self.fields["assignee"]
        if nobody:
            field.empty_label, field.required = nobody, False
        field.queryset = people


class DropTaskForm(PlainForm):
    """Why a task is dropped."""

    reason = forms.ChoiceField(label=_("Why is it dropped?"), choices=DropReason.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "drop_%s", **kwargs})


class WaiveForm(PlainForm):
    """Why a date is let go."""

    nonce = form_nonce()
    reason = long_text(
        _("Why is it let go?"), rows=3, help_text=_("It becomes a note on the case: everybody on it reads it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "waive_%s", **kwargs})


class EndCallForm(PlainForm):
    """How a call ended, a word about it, the promises it kept, and a new one where one was made."""

    nonce = form_nonce()
    result = forms.ChoiceField(label=_("How did it end?"), choices=CallResult.choices, widget=forms.RadioSelect)
    text = long_text(
        _("A word about it"),
        rows=3,
        required=False,
        help_text=_("No names or numbers, please: everybody on the case reads it."),
    )
    kept = forms.MultipleChoiceField(
        label=_("What is done with it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    promise = forms.CharField(label=_("What you promised her"), max_length=300, required=False)
    promise_on = forms.DateField(label=_("Promised for the day"), widget=DateInput, required=False)
    promise_minute = forms.TimeField(label=_("Promised for the minute"), widget=TimeInput, required=False)

    def __init__(self, *args: Any, tasks: list[tuple[Any, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "call_%s", **kwargs})
        self.tasks = {str(task.pk): task for task, _text in tasks}
        self.fields["kept"].choices = [(str(task.pk), text) for task, text in tasks]  # type: ignore[attr-defined]  # stubs know Field only

    def clean_promise_on(self) -> Any:
        return coming_day(self.cleaned_data["promise_on"])

    def clean(self) -> Any:
        values = super().clean() or self.cleaned_data
        wanted = values.get("promise") or values.get("promise_on") or values.get("promise_minute")
        if wanted and not self.errors:
            if not values.get("promise"):
                self.add_error("promise", _("Say what you promised her."))
            if not values.get("promise_on"):
                self.add_error("promise_on", _("Say for which day."))
            else:
                values["due_at"] = moment(self, values["promise_on"], values.get("promise_minute"), "promise_minute")
        return values

    def kept_tasks(self) -> list[Any]:
        return [self.tasks[key] for key in self.cleaned_data["kept"]]

    def new_promise(self, user: User) -> NewTask | None:
        values = self.cleaned_data
        if not values.get("due_at"):
            return None
        exact = values["promise_minute"] is not None
        return NewTask(values["nonce"], TaskKind.PROMISE, values["due_at"], exact, user, values["promise"])


class ReachForm(ContactFields):
    """How she can be reached safely."""

    mark_optional = False
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def values(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen" and value}


class NextReviewForm(PlainForm):
    """When somebody goes through the safety plan again."""

    mark_optional = False
    next_review_on = forms.DateField(
        label=_("Go through it with her again on"),
        required=False,
        widget=DateInput,
        help_text=_("It becomes a task of yours: on your desk, with a reminder."),
    )

    def clean_next_review_on(self) -> Any:
        day = self.cleaned_data["next_review_on"]
        return coming_day(day) if day else None


class SafetyPlanForm(NextReviewForm):
    """One line for each prompt of the knowledge file, and free lines; none is required, but one of them is."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in risk_screen().safety_plan_items:
            self.fields[item.id] = long_text(label(item, get_language() or "en"), rows=2, required=False)
        self.fields["free"] = long_text(_("Anything else"), rows=4, required=False)
        self.order_fields([name for name in self.fields if name != "next_review_on"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors and not self.items():
            self.add_error(None, _("Write at least one line: an empty plan helps nobody."))
        return values

    def items(self) -> dict[str, str]:
        apart = {"seen", "next_review_on"}
        return {name: value for name, value in self.cleaned_data.items() if name not in apart and value}


class ServiceForm(PlainForm):
    """A unit of service: the button says which kind."""

    nonce = form_nonce()
    kind = forms.ChoiceField(choices=ServiceKind.choices)
    minutes = forms.TypedChoiceField(
        label=_("Minutes"), choices=[(number, str(number)) for number in MINUTES], coerce=int, initial=MINUTES[0]
    )
    project: Any = RowField(label=_("Project"), queryset=None, required=False, empty_label=_("None"))

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "service_%s", **kwargs})
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]  # stubs know Field only


class ProjectForm(PlainForm):
    """A project that work is counted for."""

    name = forms.CharField(label=_("Name of the project"), max_length=60)
