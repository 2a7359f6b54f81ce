"""What every page shows around its content, and how forms look: the form renderer and the context processor.

Page authors write `{{ form.field.as_field_group }}` or `{{ form }}`; everything GOV.UK asks of a field (label, hint,
error, classes, ids) is decided here and in templates/forms/, nowhere else.
"""

import tomllib
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.db import DatabaseError
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.controls import CONTROLS

# Kind of Django widget template -> GOV.UK class of the control itself.
CONTROL_CLASSES = {
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "file": "govuk-file-upload",
    "clearable_file_input": "govuk-file-upload",
    "checkbox": "govuk-checkboxes__input",
    "radio": "",
    "checkbox_select": "",
    "hidden": "",
    "multiple_hidden": "",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
}
OTHER_CONTROL = "govuk-input"
# Kinds whose markup differs so much from Django's that they have their own template.
OWN_TEMPLATES = {
    "radio": "forms/radios.html",
    "checkbox_select": "forms/checkboxes.html",
    "password": "forms/password.html",
}
DJANGO_WIDGETS = "django/forms/widgets/"


class FormRenderer(TemplatesSetting):
    """Renders forms, fields and widgets in the look of GOV.UK Frontend."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Dress a widget before it is rendered; leave everything else as it is."""
        widget = context.get("widget")
        if widget is not None and template_name.startswith(DJANGO_WIDGETS):
            kind = template_name.removeprefix(DJANGO_WIDGETS).removesuffix(".html")
            dress(widget, kind)
            if kind in CONTROLS:
                return CONTROLS[kind](widget)
            template_name = OWN_TEMPLATES.get(kind, template_name)
        return super().render(template_name, context, request)


def dress(widget: dict[str, Any], kind: str) -> None:
    """Give one control its classes and what protects the text typed into it; attributes of the form's own win.

    `maxlength` is taken off: browsers cut pasted text silently at that length, and nothing typed may be lost. The form
    still checks the length and says so. The browser must not keep typed text for later (autocomplete) nor send it to
    a spelling service elsewhere (spellcheck).
    """
    attrs = widget["attrs"]
    attrs.pop("maxlength", None)
    if kind == "password":
        attrs.setdefault("autocomplete", "current-password")
    elif kind == "textarea" or kind not in CONTROL_CLASSES:
        attrs.setdefault("autocomplete", "off")
        attrs.setdefault("spellcheck", "false")
    names = CONTROL_CLASSES.get(kind, OTHER_CONTROL).split()
    if names and attrs.get("aria-invalid"):
        names.append(f"{names[0]}--error")
    if attrs.get("class"):
        names.append(attrs["class"])
    if names:
        attrs["class"] = " ".join(names)


class NativePicker(forms.widgets.DateTimeBaseInput):
    """Falls back to a plain text field for what the browser's picker cannot show, so that nothing typed is lost."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        try:
            understood = not shown or bool(parse_date(shown) or parse_datetime(shown))
        except ValueError:  # well formed, but no such day
            understood = False
        if not understood:
            context["widget"]["type"] = "text"
        return context


class DateInput(NativePicker, forms.DateInput):
    """The browser's own date field. It wants and sends ISO dates whatever the reader's language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"class": "govuk-input--width-10", **(attrs or {})}, format="%Y-%m-%d")


class DateTimeInput(NativePicker, forms.DateTimeInput):
    """The browser's own field for date and time, in the reader's zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"class": "govuk-input--width-20", **(attrs or {})}, format="%Y-%m-%dT%H:%M")


class OneTimeCodeInput(forms.TextInput):
    """A code from an authenticator or a letter: digits keyboard, filled in by the device where it can."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        code = {
            "class": "govuk-input--width-10 govuk-input--extra-letter-spacing",
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "spellcheck": "false",
        }
        super().__init__(attrs={**code, **(attrs or {})})


class NavigationItem(NamedTuple):
    """One link of the main navigation; `current` is the value of aria-current, empty elsewhere."""

    label: str | Promise
    url: str
    current: str


# URL name, label, roles that see it (nothing means everybody).
NAVIGATION: tuple[tuple[str, Promise, frozenset[str]], ...] = (
    ("cases:desk", _("Desk"), frozenset()),
    ("cases:request_list", _("New requests"), frozenset({Role.CASEWORKER})),
    ("cases:request_create", _("Log a request"), frozenset({Role.CASEWORKER})),
    ("cases:case_list", _("My cases"), frozenset({Role.CASEWORKER, Role.LAWYER})),
    ("cases:duty", _("Duty rota"), frozenset({Role.CASEWORKER, Role.COORDINATOR})),
    ("cases:search_cases", _("Search"), frozenset({Role.CASEWORKER, Role.LAWYER})),
    ("cases:letter_list", _("Letters"), frozenset({Role.CASEWORKER, Role.LAWYER, Role.COORDINATOR})),
    ("cases:work_board", _("Work board"), frozenset({Role.COORDINATOR})),
    ("cases:load_list", _("Who carries what"), frozenset({Role.COORDINATOR, Role.CASEWORKER})),
    ("cases:supervision", _("Supervision"), frozenset({Role.CASEWORKER})),
    ("cases:opening_times", _("Opening hours"), frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})),
    ("cases:project_list", _("Projects"), frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})),
    ("accounts:people", _("People"), frozenset({Role.ADMINISTRATOR})),
    ("accounts:log", _("Log"), frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})),
    ("accounts:account", _("Account"), frozenset()),
)
FINDERS = frozenset({Role.CASEWORKER, Role.LAWYER})  # the small field for a code on every page
THEMES = frozenset({"light", "dark"})  # anything else follows the device


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of every page. Reads the signed-in person, whom the middleware has loaded, and no other row."""
    user = signed_in_person(request)
    roles = list(user.roles) if user else []
    return {
        "helpline_name": settings.HELPLINE_NAME,
        "here": page_address(request),
        "demo": settings.DEMO,
        "language": language_tag(),
        "languages": [(code, language_tag(code)) for code, _name in settings.LANGUAGES],
        "navigation": build_navigation(request.path, roles) if user else [],
        "find_url": find("cases:find") if FINDERS & set(roles) else "",
        "roles": [Role(role).label for role in roles if role in Role.values],
        "theme": chosen_theme(request, user),
        "version": version(),
    }


def signed_in_person(request: HttpRequest) -> Any:
    """Who is signed in, or None. An error page is rendered also while the database is away: then nobody is."""
    user = getattr(request, "user", None)
    try:
        return user if user and user.is_authenticated else None
    except DatabaseError:
        return None


def page_address(request: HttpRequest) -> str:
    """The address to come back to: of the page itself, or after a POST of the page that it was sent from."""
    if request.method == "GET":
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    return came_from.path if came_from.netloc == request.get_host() else "/"


def build_navigation(path: str, roles: list[str]) -> list[NavigationItem]:
    """The links this person may need; a page that does not exist (yet) is left out.

    The current item is the page itself, or else the longest address the path lies under.
    """
    held = set(roles)
    found = [
        (label, url) for name, label, wanted in NAVIGATION if (not wanted or wanted & held) and (url := find(name))
    ]
    above = (url for _label, url in found if url != "/" and f"{path}/".startswith(f"{url.rstrip('/')}/"))
    section = max(above, key=len, default="")
    marks = {section: "true", path: "page"}
    return [NavigationItem(label, url, marks.get(url, "")) for label, url in found]


def find(name: str) -> str:
    """The address of a page, or nothing where this process does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def chosen_theme(request: HttpRequest, user: Any = None) -> str:
    """Light or dark as the person set it, before signing in by the browser's cookie; empty is as the device says."""
    chosen = getattr(user, "theme", "") or request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


def language_tag(code: str | None = None) -> str:
    """A language as HTML wants it: sr-latn becomes sr-Latn."""
    language, _dash, rest = (code or get_language() or settings.LANGUAGE_CODE).partition("-")
    if not rest:
        return language
    return f"{language}-{rest.title() if len(rest) == 4 else rest.upper()}"


@lru_cache(maxsize=1)
def version() -> str:
    """The version in pyproject.toml, which is the only place that names it."""
    try:
        return tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return ""
