"""The plain controls of a form as HTML, the same that Django's templates make of them.

Written here because Django includes up to three templates for one input and one attribute at a time: on a page with
some forms that took longer than everything else on it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


def attributes(attrs: dict[str, Any]) -> SafeString:
    """Attributes in their order: True stands without a value, False is left out."""
    shown = ((name, value) for name, value in attrs.items() if value is not False)
    return mark_safe(  # noqa: S308 - both parts are escaped
        "".join(
            f" {conditional_escape(name)}"
            if value is True
            else f' {conditional_escape(name)}="{conditional_escape(str(value))}"'
            for name, value in shown
        )
    )


def input_(widget: dict[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', widget["value"])
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, attributes(widget["attrs"])
    )


def textarea(widget: dict[str, Any]) -> SafeString:
    text = widget["value"] or ""
    return format_html('<textarea name="{}"{}>\n{}</textarea>', widget["name"], attributes(widget["attrs"]), text)


def select(widget: dict[str, Any]) -> SafeString:
    groups = format_html_join("", "{}", ((_group(*found),) for found in widget["optgroups"]))
    return format_html('<select name="{}"{}>{}\n</select>', widget["name"], attributes(widget["attrs"]), groups)


def _group(label: str | None, options: Iterable[dict[str, Any]], _index: int) -> SafeString:
    rows = format_html_join(
        "",
        '\n<option value="{}"{}{}>{}</option>',
        (
            (
                str(option["value"]),
                " selected" if option["selected"] else "",
                " disabled" if option["attrs"].get("disabled") else "",
                option["label"],
            )
            for option in options
        ),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', label, rows) if label else rows


# Kind of Django's widget template -> what draws it.
CONTROLS: dict[str, Callable[[dict[str, Any]], SafeString]] = {
    **dict.fromkeys(("text", "hidden", "checkbox", "date", "datetime", "time", "number", "email", "file"), input_),
    "textarea": textarea,
    "select": select,
}
