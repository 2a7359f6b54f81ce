"""The gallery: every component on one page, rendered by Django's engine, and the small web server that shows it."""

from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.urls import include, path
from django.utils import timezone

from accounts.paging import Page
from accounts.rendering import DateInput, DateTimeInput, OneTimeCodeInput

HERE = Path(__file__).parent
STATIC = HERE.parent.parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def nowhere(request: HttpRequest) -> HttpResponse:
    """Every address of the gallery; never called."""
    return HttpResponse()


class Urls:
    """Addresses that the navigation and the switches look for."""

    cases = (
        [path(f"{name}/", nowhere, name=name) for name in ("request_list", "request_create", "case_list", "work_board")]
        + [path("", nowhere, name="desk")],
        "cases",
    )
    accounts = (
        [
            path(f"{name}/", nowhere, name=name)
            for name in ("people", "account", "sign_out", "set_language", "set_theme")
        ],
        "accounts",
    )
    urlpatterns = [path("", include(cases)), path("", include(accounts))]


class EveryField(forms.Form):
    """One field of each kind."""

    required_css_class = ""
    title = forms.CharField(label="Working title", max_length=10, help_text="No name in it.")
    story = forms.CharField(label="In her own words", widget=forms.Textarea, required=False)
    stage = forms.ChoiceField(label="Stage", choices=[("a", "Assessment"), ("f", "Follow-up")])
    safe = forms.BooleanField(label="It is safe to write now", help_text="Ask first.")
    kinds = forms.MultipleChoiceField(
        label="What happened", choices=[("t", "Threat"), ("p", "Publishing")], widget=forms.CheckboxSelectMultiple
    )
    reach = forms.ChoiceField(
        label="May we call?", choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect, help_text="As she says it."
    )
    due_on = forms.DateField(label="Date by law", widget=DateInput, required=False)
    call_at = forms.DateTimeField(label="Call again", widget=DateTimeInput)
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    code = forms.CharField(label="Code", widget=OneTimeCodeInput)
    paper = forms.FileField(label="Signed paper", required=False)
    secret = forms.CharField(widget=forms.HiddenInput, initial="kept")

    def clean(self):
        raise forms.ValidationError("This case was changed by somebody else meanwhile.")


def make_request(address: str = "/", roles: tuple[str, ...] = ("caseworker",), **user) -> HttpRequest:
    """A request by somebody signed in, without any row."""
    request = RequestFactory().get(address)
    request.user = SimpleNamespace(pk=1, is_authenticated=True, display_name="Ana Marić", roles=list(roles), **user)
    return request


def gallery_context(form: forms.Form | None) -> dict:
    """What the gallery shows."""
    now = timezone.now()
    columns = [{"label": "Case"}, {"label": "Stage"}, {"label": "Next date"}, {"label": "Days", "numeric": True}]
    rows = [{"url": f"/cases/K7-{i}/", "cells": [f"K7QF-{i}", "Assessment and safety", "21 Nov", i]} for i in range(4)]
    return {
        "form": form,
        "trail": [("Desk", "/"), ("My cases", "/case_list/")],
        "soon": now + timedelta(minutes=45),
        "overdue": now - timedelta(hours=5),
        "later": now + timedelta(days=12),
        "day": timezone.localdate() + timedelta(days=1),
        "columns": columns,
        "rows": rows,
        "page_of_cases": Page(range(11), 3, 10),
        "colours": ["grey", "green", "yellow", "orange", "red", "blue", "purple", "teal"],
        "facts": [
            {"key": "Safe to call", "value": "After 18:00, ask for the book", "url": "/change"},
            {"key": "Never", "value": ""},
        ],
        "entries": [
            (now - timedelta(hours=5), "Ana", "Called back", "She is safe at her sister's.\nNext call on Thursday."),
            (now, "", "Removal request sent", ""),
        ],
        "typed": [("note", 'She said: "later"\nsecond line'), ("note", "again"), ("csrfmiddlewaretoken", "old")],
    }


def render_gallery(form: forms.Form | None, theme: str = "", **kwargs) -> str:
    """The gallery as a page of the staff site."""
    roles = ("caseworker", "coordinator")
    request = make_request("/case_list/?stage=a&page=3", roles=roles, theme=theme, **kwargs)
    request._messages = CookieStorage(request)
    for level, text in ((messages.SUCCESS, "Saved."), (messages.ERROR, "The mail could not be sent.")):
        messages.add_message(request, level, text)
    messages.add_message(request, messages.WARNING, "Your access ends on Friday.")
    messages.add_message(request, messages.INFO, "Two colleagues are on call.")
    template = engines["django"].from_string((HERE / "gallery.html").read_text(encoding="utf-8"))
    return template.render(gallery_context(form), request)


class Loopback(BaseHTTPRequestHandler):
    """The smallest web server that can show the gallery under the policy of the real one."""

    state: SimpleNamespace

    def do_GET(self):
        name = self.path.partition("?")[0]
        if name.startswith("/static/"):
            file = STATIC / name.removeprefix("/static/")
            self.answer(file.read_bytes(), TYPES[file.suffix]) if file.is_file() else self.answer(
                b"", "text/plain", 404
            )
        else:
            page = self.state.pages.get(name)
            self.answer((page or "").encode(), "text/html; charset=utf-8", 200 if page else 404)

    def do_HEAD(self):
        if not self.state.static_answers:
            self.connection.close()
            return
        self.answer(b"", "text/javascript")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.state.posted[self.path].append(body)
        self.state.slow.wait(5)
        self.answer(self.state.reply.encode(), "text/html; charset=utf-8", self.state.status)

    def answer(self, body: bytes, kind: str, status: int = 200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Silence."""
