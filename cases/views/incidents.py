"""What happened: incidents by the taxonomy, and the countries whose law may apply."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import WrongState
from accounts.paging import page_number
from accounts.requests import StaffRequest
from cases import access
from cases.access import record
from cases.codes import Country, CountryReason, Entity
from cases.forms.incidents import ChangeIncidentForm, CountryForm, IncidentForm, TypesForm
from cases.services import incidents, links
from cases.services.sealed.keys import NotHeld
from cases.views.helpers import minor_steps, posted, require, title_context
from cases.words import IncidentWords

if TYPE_CHECKING:
    from cases.models import Incident  # for the annotation only: views never ask a model

HERE = "cases:incident_list"


@require_GET
def incident_list(request: StaffRequest, code: str) -> HttpResponse:
    return _list_page(request, access.get_case(request.user, code))


def _list_page(
    request: StaffRequest, opened: access.OpenedCase, country_form: CountryForm | None = None
) -> HttpResponse:
    page = record.list_incidents(opened, page=page_number(request))
    words = IncidentWords()
    try:
        texts = incidents.read_incidents(case=opened.case, incidents=list(page), by=request.user)
    except NotHeld:
        texts = {}
    context = {
        **title_context(request, opened, HERE),
        "rows": [(row, words.facts(row), texts.get(row.pk)) for row in page],
        "page": page,
        "countries": record.list_countries(opened),
        "country_form": country_form or CountryForm(),
        "form": country_form,
    }
    return render(request, "cases/incident_list.html", context, status=422 if country_form else 200)


@require_http_methods(["GET", "POST"])
def incident_create(request: StaffRequest, code: str) -> HttpResponse:
    """First what it was; then, under the protocol where a child is concerned, the details."""
    opened = require(access.get_case(request.user, code), "write_incident")
    first = TypesForm(posted(request))
    detailed = request.POST.get("step") == "details"
    flagged = opened.case.concerns_minor
    form = IncidentForm(request.POST, flagged=flagged) if detailed else first
    if detailed and form.is_valid():
        values = form.cleaned_data
        incidents.write_incident(
            case=opened.case,
            nonce=values["nonce"],
            codes=form.codes(),  # type: ignore[attr-defined]  # where detailed, an IncidentForm
            text=values["text"],
            names=values["names"],
            by=request.user,
        )
        messages.success(request, _("Written down."))
        return redirect(HERE, code=code)
    if not detailed and request.method == "POST" and first.is_valid():
        form, detailed = IncidentForm(initial=first.cleaned_data, flagged=flagged), True
    stop = flagged or _stops(first)
    return _form_page(request, opened, form, stop=stop, details=detailed)


def _form_page(
    request: StaffRequest, opened: access.OpenedCase, form: Form, *, stop: bool, **more: object
) -> HttpResponse:
    """The form, with the protocol above it where somebody under 18 is concerned (`stop`)."""
    protocol = minor_steps() if stop else []
    context = {**title_context(request, opened, HERE), "form": form, "protocol": protocol, **more}
    return render(request, "cases/incident_form.html", context, status=422 if form.errors else 200)


def _stops(form: TypesForm) -> bool:
    if not form.is_bound:
        return False
    form.full_clean()
    return incidents.stops(form.cleaned_data.get("types", []), form.cleaned_data.get("age_at_capture", ""))


@require_http_methods(["GET", "POST"])
def incident_change(request: StaffRequest, code: str, incident_id: UUID) -> HttpResponse:
    """Change what stands there; all versions of the words stay. Two tabs: the second gets both texts."""
    opened = require(access.get_case(request.user, code), "write_incident")
    row = record.get_incident(opened, incident_id)
    versions = incidents.incident_versions(case=opened.case, incident=row, by=request.user)
    flagged = opened.case.concerns_minor
    form = ChangeIncidentForm(posted(request), initial=_initial(row, versions), flagged=flagged)
    changed = False
    if request.method == "POST" and form.is_valid():
        known = {name: {one.revision: one.value for one in found} for name, found in versions.items()}
        try:
            incidents.change_incident(
                case=opened.case,
                incident=row,
                codes=form.changed_codes(),
                texts=form.changed_texts(known),
                by=request.user,
            )
        except WrongState as error:  # perhaps in this very moment: read again
            row, changed = record.get_incident(opened, incident_id), True
            versions = incidents.incident_versions(case=opened.case, incident=row, by=request.user)
            form = _on_top(request, row, versions, error, flagged=flagged)
        else:
            messages.success(request, _("Saved. What stood there before is kept."))
            return redirect(HERE, code=code)
    more = {"details": True, "incident": row, "versions": versions, "changed": changed}
    return _form_page(request, opened, form, stop=flagged or _stops(TypesForm(posted(request))), **more)


def _initial(row: "Incident", versions: dict[str, list]) -> dict[str, Any]:
    initial = {name: getattr(row, name) for name in IncidentForm.CODES}
    for name, found in versions.items():
        initial[name] = found[0].value if found else ""
        initial[f"seen_{name}"] = found[0].revision if found else 0
    return initial


def _on_top(
    request: StaffRequest, row: "Incident", versions: dict[str, list], error: WrongState, *, flagged: bool
) -> ChangeIncidentForm:
    """What she typed again, now on top of the newest versions: she sees both."""
    data, initial = request.POST.copy(), _initial(row, versions)
    for name in versions:
        data[f"seen_{name}"] = str(initial[f"seen_{name}"])
    form = ChangeIncidentForm(data, initial=initial, flagged=flagged)
    form.add_error("text", error.message)
    return form


@require_POST
def country_add(request: StaffRequest, code: str) -> HttpResponse:
    """Name a country whose law may apply."""
    opened = require(access.get_case(request.user, code), "write_incident")
    form = CountryForm(request.POST)
    if not form.is_valid():
        return _list_page(request, opened, form)
    values = form.cleaned_data
    links.add_country(
        case=opened.case,
        country=Country(values["country"]),
        entity=Entity(values["entity"]),
        reason=CountryReason(values["reason"]),
        by=request.user,
    )
    messages.success(request, _("Added."))
    return redirect(HERE, code=code)


@require_POST
def country_remove(request: StaffRequest, code: str, country_id: UUID) -> HttpResponse:
    """Take a country off."""
    opened = access.get_case(request.user, code)
    links.remove_country(case=opened.case, row=record.get_country(opened, country_id), by=request.user)
    messages.success(request, _("Taken off. Add it again if that was wrong."))
    return redirect(HERE, code=code)
