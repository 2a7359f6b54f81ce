"""Small parts of pages that stand in long lists: clock, risk, entry of a timeline.

They are tags and not templates of their own, because a template included a hundred times costs more than the page.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import escape, format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.sidro import due_state, due_text, iso_time, short_time

register = template.Library()

# Immediate and high also carry a sign, so that colour is never alone.
SIGNS = {"immediate": "▲▲ ", "high": "▲ ", "unknown": "? "}


@register.simple_tag
def clock(due: date | datetime | None, done: bool = False) -> SafeString:
    """A moment or a date with how long is left in words; `done` stops the clock."""
    if not due:
        return format_html('<span class="clock">{}</span>', _("No date set"))
    state = "" if done else f" clock--{due_state(due)}"
    words = _("done") if done else due_text(due)
    return format_html(
        '<span class="clock{}"><time datetime="{}">{}</time> <span class="clock__words">{}</span></span>',
        state,
        iso_time(due),
        short_time(due),
        words,
    )


@register.simple_tag
def risk(code: str, label: Any) -> SafeString:
    """A risk as a coloured tag with its words; `label` in plain text."""
    sign = format_html('<span aria-hidden="true">{}</span>', SIGNS[code]) if code in SIGNS else ""
    return format_html(
        '<strong class="govuk-tag risk risk--{}">{}<span class="govuk-visually-hidden">{} </span>{}</strong>',
        code,
        sign,
        _("Risk:"),
        label,
    )


@register.simple_tag
def timeline(entries: Iterable[tuple[datetime, str, Any, str]]) -> SafeString:
    """A timeline of entries (when, who, title, text); the text is plain and keeps its line breaks."""
    return format_html('<ol class="timeline">{}</ol>', format_html_join("\n", ENTRY, map(_entry, entries)))


ENTRY = (
    '<li class="timeline__entry"><p class="timeline__head"><strong class="timeline__title">{}</strong>'
    ' <span class="timeline__by">{}<time datetime="{}">{}</time></span></p>{}</li>'
)


def _entry(entry: tuple[datetime, str, Any, str]) -> tuple[Any, ...]:
    at, who, title, text = entry
    body = mark_safe(f'<div class="timeline__text">{linebreaks(escape(text))}</div>') if text else ""  # noqa: S308 - escaped in the same line
    return title, f"{who}, " if who else "", iso_time(at), short_time(at), body
