"""Hand-over of a shift: prefilled, three actions, at most two minutes."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.models import User
from accounts.requests import StaffRequest
from cases.access import handover as access
from cases.access.duty import people_for_duty
from cases.codes import TaskKind
from cases.forms.duty import HandoverForm
from cases.services import handover as service
from cases.views.helpers import posted

KINDS: dict[str, str | Promise] = {
    "request": gettext_lazy("Request"),  # in lines of older hand-overs, which named no state
    "request_new": gettext_lazy("Request that nobody has answered, answer by"),
    "request_acknowledged": gettext_lazy("Request that was answered, nothing promised yet; answered"),
    "request_awaiting_person": gettext_lazy("Request that waits for her answer, look again"),
    "request_waiting": gettext_lazy("Request with a promise to her"),
    "armed": gettext_lazy("Whoever is on call may reach her, until"),
    "reach": gettext_lazy("Whoever is on call may reach her"),
    "attempt": gettext_lazy("Call without a result, begun"),
    TaskKind.TASK: gettext_lazy("To do"),
    TaskKind.PROMISE: gettext_lazy("Promised to her"),
    TaskKind.CALL: gettext_lazy("She must be called"),
    TaskKind.TELL: TaskKind.TELL.label,
}


# Where a line of a case leads: to what is to be done; without a line here, to the case itself.
PAGES: dict[str, tuple[str, str]] = {
    TaskKind.TASK: ("cases:case_plan", "#tasks"),
    TaskKind.PROMISE: ("cases:case_plan", "#tasks"),
}


def _lines(found: Sequence[access.Open], user: User, takers: Collection[UUID] = ()) -> list[tuple]:
    """What is open, in words: kind, code, moment, the page where the reader may open it, and which takers must not see it."""
    openable = access.find_openable(user, found)
    kept = access.find_kept_out(found) if takers else {}
    return [
        (
            KINDS.get(item.kind, ""),
            item.code,
            parse_datetime(item.at),
            _address(item, openable.get(item.about, "")),
            ", ".join(name for person, name in kept.get(item.about, {}).items() if person in takers),
        )
        for item in found
    ]


def _address(item: access.Open, what: str) -> str:
    if what == "request":
        return reverse("cases:request_detail", args=[item.code])
    page, anchor = PAGES.get(item.kind, ("cases:case_detail", ""))
    return reverse(page, args=[item.code]) + anchor if what else ""


@require_http_methods(["GET", "POST"])
def handover(request: StaffRequest) -> HttpResponse:
    """What is open is collected by itself; she adds words and signs."""
    found = access.collect(request.user)
    people = people_for_duty().exclude(pk=request.user.pk)
    follows = access.proposed_for(request.user)
    form = HandoverForm(posted(request), people=people, initial={"to": follows})
    if request.method == "POST" and form.is_valid():
        try:
            service.give(**form.cleaned_data, found=found, by=request.user)
        except WrongState as error:
            form.add_error("to", error.message)
        else:
            _say_given(request, found, form.cleaned_data["to"])
            return redirect("cases:handover")
    return _page(request, found, form, follows)


def _page(
    request: StaffRequest, found: Sequence[access.Open], form: HandoverForm, follows: User | None = None
) -> HttpResponse:
    """The form, what is open, and the hand-overs of the last days."""
    people = set(form.fields["to"].queryset)  # type: ignore[attr-defined]  # a PersonField
    context = {
        "form": form,
        "lines": _lines(found, request.user, {person.pk for person in people}),
        "recent": access.list_handovers(request.user),
        "follows": follows if follows and not form.is_bound and follows in people else None,
    }
    return render(request, "cases/handover.html", context, status=422 if form.errors else 200)


def _say_given(request: StaffRequest, found: Sequence[access.Open], to: User) -> None:
    """Handed over; and what is not, because she must not see it and the reader may know that."""
    messages.success(request, _("Handed over. She signs when she has read it."))
    kept = access.find_kept_out(found)
    codes = list(dict.fromkeys(item.code for item in found if to.pk in kept.get(item.about, {})))
    if codes:
        said = _("%(name)s must not see this and was not told of it: %(codes)s. Hand it over to somebody else.")
        messages.warning(request, said % {"name": to.display_name, "codes": ", ".join(codes)})


@require_GET
def handover_detail(request: StaffRequest, handover_id: UUID) -> HttpResponse:
    """What was handed over, for both."""
    row = access.get_handover(request.user, handover_id)
    said = service.read(handover=row, by=request.user)
    takers = {row.to_user_id} if row.from_user_id == request.user.pk else set()
    context = {"handover": row, "said": said, "lines": _lines(said.found, request.user, takers) if said else []}
    return render(request, "cases/handover_detail.html", context)


@require_POST
def handover_withdraw(request: StaffRequest, handover_id: UUID) -> HttpResponse:
    """Sent to the wrong one: taken back, as long as she has not signed. What she wrote stands in a new form."""
    try:
        service.withdraw(handover=access.get_handover(request.user, handover_id), by=request.user)
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Withdrawn. She cannot read it any more. Hand over to somebody else now."))
        if words := request.POST.get("words"):
            people = people_for_duty().exclude(pk=request.user.pk)
            form = HandoverForm(people=people, initial={"words": words})
            return _page(request, access.collect(request.user), form)
    return redirect("cases:handover")


@require_POST
def handover_take(request: StaffRequest, handover_id: UUID) -> HttpResponse:
    """ "I have taken over"."""
    try:
        service.take(handover=access.get_handover(request.user, handover_id), by=request.user)
    except Http404:
        name = access.name_of_giver(request.POST.get("from", ""))
        if not name:
            raise
        messages.warning(request, service.withdrawn(name).message)
    except WrongState as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, _("You have taken over."))
    return redirect("cases:desk")
